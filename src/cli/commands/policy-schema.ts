import type { Command } from 'commander';
import type { CliDeps } from '../desk.js';
import { writeText } from '../files.js';
import { clean } from '../text.js';

/** `slipway policy schema`: needs no console, since it is the schema of this version and not of a policy. */
export function schema(parent: Command, { policySchema, out }: Pick<CliDeps, 'policySchema' | 'out'>): void {
  parent
    .command('schema [file]')
    .description('print the JSON Schema of slipway.yaml for editors, or write it to a file; asks no console')
    .action(async (file: string | undefined) => {
      const text = `${JSON.stringify(await policySchema(), null, 2)}\n`;
      if (file === undefined) return out(text);
      await writeText(file, text);
      out(
        `${clean(file)} is written. Editors find it by a first line of slipway.yaml:\n# yaml-language-server: $schema=${clean(file)}\n`,
      );
    });
}
