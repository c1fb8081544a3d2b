import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command, Option } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programFor } from '../../src/main/program.js';
import { runProgram } from '../../src/cli/program.js';
import { serve } from '../api/served.js';
import { Edge } from '../ingress/edge.js';
import { docsWorld, programOver, writeFiles } from './docs-world.js';

const PAGE = path.resolve(import.meta.dirname, '../../docs/cli.md');
/** These want servers of their own. What ends by itself is compared with the page where there are some (`pageExample`). */
const LONG = new Set(['start', 'server', 'worker', 'migrate', 'demo', 'simulate', 'backup', 'restore']);
/** Examples that show a fault end with 1, as the page says. */
const FAULTY = new Set(['policy validate misspelled.yaml', 'doctor', 'explain-signature request.http']);
/** Explained once for all at the top of the page. */
const EVERYWHERE = new Set(['--json', '--help', '--version']);

const page = readFileSync(PAGE, 'utf8');
const { cwd } = process;
const home = cwd();
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'slipway-docs-'));
  writeFiles(dir);
  process.chdir(dir);
});
afterAll(() => {
  process.chdir(home);
  rmSync(dir, { recursive: true, force: true });
});

const SILENT = { out: () => {}, err: () => {}, columns: 80 };
const program = programFor({}, SILENT);

/** Every command by the words that call it: `policy show`. */
function commandsOf(parent: Command, words: readonly string[] = []): ReadonlyMap<string, Command> {
  return new Map(
    parent.commands.flatMap((command) => {
      const name = [...words, command.name()];
      return [[name.join(' '), command] as const, ...commandsOf(command, name)];
    }),
  );
}
const commands = commandsOf(program);

/** The words of a command line, quotes taken off. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');

async function run(words: readonly string[]): Promise<{ exit: number; said: string }> {
  const api = await serve(docsWorld().deps);
  const edge = await Edge.open();
  let said = '';
  const say = (text: string): void => void (said += text);
  const whole = LONG.has(words[0] ?? '')
    ? programFor({}, { out: say, err: say, columns: 80 })
    : programOver({ console: api.url, edge: edge.url }, { out: say, err: say });
  const exit = await runProgram(whole, words, say);
  await api.close();
  said = said.replaceAll(edge.url, 'http://127.0.0.1:8787').replaceAll(api.url, 'http://127.0.0.1:8788');
  return { exit, said };
}

/** An example as it should stand on the page: the command, and what it prints in a terminal of 80 columns. */
async function rendered(example: string): Promise<string> {
  const command = example.split('\n')[0]?.replace(/^\$ slipway /, '') ?? '';
  const words = wordsOf(command);
  if (LONG.has(words[0] ?? '')) return example;
  const { exit, said } = await run(words);
  const isFaulty = [...FAULTY].some((one) => command.startsWith(one));
  expect(exit, `${command}: ${said}`).toBe(isFaulty ? 1 : 0);
  return `$ slipway ${command}\n${said.replace(/\n+$/, '\n')}`;
}

function optionTable(command: Command): string {
  const rows = command.options
    .filter((option) => !EVERYWHERE.has(option.long ?? '') && !isConsoleUrl(option))
    .map((option) => `| \`${option.flags}\` | ${meaningOf(option).replaceAll('<', '&lt;')} |\n`);
  return rows.length > 0 ? `| option | meaning |\n|---|---|\n${rows.join('')}` : '';
}

function meaningOf({ description, mandatory, defaultValue }: Option): string {
  const unset: unknown = defaultValue;
  const end = mandatory
    ? 'Required.'
    : unset === undefined || unset === false
      ? ''
      : `Default: ${JSON.stringify(unset).replaceAll('"', '')}.`;
  return [description, end].filter(Boolean).join('. ');
}

const isConsoleUrl = ({ long, description }: Option): boolean =>
  long === '--url' && description.startsWith('the console');

/** The page with every table of options and every output as they are now. */
async function renderedPage(): Promise<string> {
  let whole = '';
  for (const section of page.split(/^(?=#{2,3} )/m)) {
    const name = /^#{2,3} `slipway ([^`]+)`/.exec(section)?.[1];
    const command = name === undefined ? undefined : commands.get(name);
    const table = command ? optionTable(command) : '';
    let text = section.replace(/^\| option \| meaning \|\n\|---\|---\|\n(\|.*\n)*/m, () => table);
    for (const [block, example] of text.matchAll(/```console\n([\s\S]*?)```/g)) {
      const shown = `\`\`\`console\n${await rendered(example ?? '')}\`\`\``;
      text = text.replace(block, () => shown);
    }
    whole += text;
  }
  return whole;
}

describe('docs/cli.md', () => {
  it('has a section with an example for every command, and none for another', () => {
    const sections = [...page.matchAll(/^#{2,3} `slipway ([^`]+)`\n([\s\S]*?)(?=^#{2,3} |$(?![\s\S]))/gm)];

    expect(sections.map(([, name = '']) => name).sort()).toEqual([...commands.keys()].sort());
    for (const [, name = '', text] of sections) {
      const isFamily = (commands.get(name)?.commands.length ?? 0) > 0 && !text?.includes('```console');
      if (!isFamily) expect(text, `slipway ${name} has no example of itself`).toContain(`$ slipway ${name}`);
    }
  });

  it('names every option in the section of its command', () => {
    for (const [name, command] of commands) {
      const table = optionTable(command);
      expect(page.split(`\`slipway ${name}\`\n`)[1]?.includes(table), `options of slipway ${name}`).toBe(true);
    }
  });

  it('shows for every example what it prints', async () => {
    await expect(await renderedPage()).toMatchFileSnapshot(PAGE);
  });

  it('shows long-running commands with options that they have', async () => {
    for (const [, line = ''] of page.matchAll(/^\$ slipway (.*)$/gm)) {
      const [name = '', ...words] = wordsOf(line);
      if (!LONG.has(name)) continue;
      const { exit, said } = await run([name, '--help']);
      expect(exit, line).toBe(0);
      for (const option of words.filter((word) => word.startsWith('--'))) expect(said, line).toContain(option);
    }
  });
});
