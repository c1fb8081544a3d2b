import type { Command } from 'commander';
import type { PolicyDiff, PolicyHistory, PolicyVerdict, PolicyView, Published } from '../../contracts/api.js';
import { type CliDeps, type Common, deskOf, withCommon } from '../desk.js';
import { CliFailure, EXIT } from '../failure.js';
import { readText } from '../files.js';
import { type Column, table } from '../table.js';
import { clean, plural, when } from '../text.js';
import { schema } from './policy-schema.js';

const PATH = '/api/v1/policy';

/** `slipway policy …`: the policy in force, and the way of a new one into force. */
export function policy(program: Command, deps: CliDeps): void {
  const command = program.command('policy').description('show, check, compare and publish policies (slipway.yaml)');
  for (const verb of [show, validate, diff, publish, history, schema]) verb(command, deps);
}

function show(parent: Command, deps: CliDeps): void {
  withCommon(parent.command('show').description('print the policy in force, as it was written')).action(
    async (options: Common) => {
      const desk = deskOf(deps, options);
      const view = await desk.client.get<PolicyView>(PATH);
      // A comment of YAML, so that the output is still the file.
      desk.answer(view, ({ hash, published_at: at, source }) => `# ${hash}, in force since ${when(at)} UTC\n${source}`);
    },
  );
}

function validate(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('validate <file>')
    .description('check a policy and change nothing; - is the standard input');
  withCommon(command).action(async (file: string, options: Common) => {
    const desk = deskOf(deps, options);
    const verdict = await desk.client.post<PolicyVerdict>(`${PATH}/validate`, { yaml: await readText(file) });
    desk.answer(verdict, (told) => tellVerdict(file, told));
    if (!verdict.valid)
      throw new CliFailure(EXIT.refused, `${file} is not valid: ${plural(verdict.problems.length, 'problem')}.`);
  });
}

function tellVerdict(file: string, { valid, hash, problems }: PolicyVerdict): string {
  if (valid) return `${clean(file)} is valid: policy ${hash}.\n`;
  return problems
    .map(
      ({ line, column, path, message }) =>
        `${clean(file)}:${line}:${column}: ${path ? `${clean(path)}: ` : ''}${clean(message)}\n`,
    )
    .join('');
}

type DiffOptions = Common & { readonly from?: string; readonly to?: string; readonly check?: true };

function diff(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('diff [file]')
    .description('tell what a policy would change; without a file, what the latest publication changed')
    .option('--from <hash>', 'compare with this published policy instead of the one in force')
    .option('--to <hash>', 'a published policy instead of a file')
    .option('--check', 'exit with 1 where anything differs');
  withCommon(command).action(async (file: string | undefined, { from, to, check, ...common }: DiffOptions) => {
    if (file !== undefined && to !== undefined) throw new CliFailure(EXIT.usage, 'Give a file or --to, not both.');
    const desk = deskOf(deps, common);
    const yaml = file === undefined ? undefined : await readText(file);
    const answer = await desk.client.post<PolicyDiff>(`${PATH}/diff`, { from, to, yaml });
    desk.answer(answer, tellDiff);
    if (check && answer.changes.length > 0) {
      throw new CliFailure(EXIT.refused, `The policies differ in ${plural(answer.changes.length, 'place')}.`);
    }
  });
}

function tellDiff({ from, to, changes }: PolicyDiff): string {
  if (changes.length === 0) return `Nothing differs: ${from ?? 'the built-in policy'} and ${to} mean the same.\n`;
  const lines = changes.map(({ kind, text }) => `${SIGNS[kind]} ${clean(text)}\n`).join('');
  return `From ${from ?? 'the built-in policy'} to ${to}, ${plural(changes.length, 'change')}:\n${lines}`;
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

function publish(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('publish <file>')
    .description('put a policy into force and tell every open onboarding; shows what changes');
  withCommon(command).action(async (file: string, options: Common) => {
    const desk = deskOf(deps, options);
    const yaml = await readText(file);
    const changes = await desk.client.post<PolicyDiff>(`${PATH}/diff`, { yaml }).catch(unlessFirst);
    const answer = await desk.client.post<Published>(`${PATH}/publish`, { yaml });
    desk.answer(answer, ({ hash, changed }) => {
      if (!changed) return `Policy ${hash} was in force already.\n`;
      return `${changes ? tellDiff(changes) : ''}Policy ${hash} is in force; open onboardings hear of it over the next minutes.\n`;
    });
  });
}

/** The first policy of all has nothing to be compared with. */
function unlessFirst(error: unknown): undefined {
  if (error instanceof CliFailure && error.exit === EXIT.notFound) return undefined;
  throw error;
}

function history(parent: Command, deps: CliDeps): void {
  const command = parent
    .command('history')
    .description('list the publications, newest first')
    .option('--limit <rows>', 'at most 200');
  withCommon(command).action(async ({ limit, ...common }: Common & { limit?: string }) => {
    const desk = deskOf(deps, common);
    const answer = await desk.client.get<PolicyHistory>(`${PATH}/history`, { limit });
    desk.answer(answer, ({ data }) => {
      if (data.length === 0) return 'No policy was published yet.\n';
      return table(data, PUBLICATIONS, desk.columns);
    });
  });
}

const PUBLICATIONS: readonly Column<PolicyHistory['data'][number]>[] = [
  { header: 'POLICY', of: (one) => one.hash },
  { header: 'PUBLISHED (UTC)', of: (one) => when(one.published_at) },
  { header: '', of: (one) => (one.in_force ? 'in force' : '') },
];
