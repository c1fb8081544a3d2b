import type { Command } from 'commander';
import { type CliDeps, type Common, commonOf, deskOf, withCommon, withPages } from '../desk.js';
import { CliFailure, EXIT } from '../failure.js';
import { type Column, table } from '../table.js';
import { clean, wrapped } from '../text.js';
import type { EventTypeAnswer, Listed } from '../webhook-answers.js';
import { jsonLines, moreOf, pageQuery } from '../webhooks.js';

const PATH = '/api/v1/event-type';

interface Options extends Common {
  readonly limit?: string;
  readonly cursor?: string;
  readonly example?: true;
}

/** `slipway event-types [name]`: what endpoints can be told. */
export function eventTypes(program: Command, deps: CliDeps): void {
  const command = program
    .command('event-types [name]')
    .description('list what endpoints can be told, or show one type: when it fires, its JSON Schema, an example')
    .option('--example', 'print the example alone, to be edited and sent with `endpoint test`');
  withCommon(withPages(command)).action(async (name: string | undefined, options: Options) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    if (name !== undefined) {
      const one = await desk.client.get<EventTypeAnswer>(`${PATH}/${encodeURIComponent(name)}`);
      if (rest.example) desk.print(`${JSON.stringify(exampleOf(one), null, 2)}\n`);
      else desk.answer(one, (told) => describe(told, desk.columns));
      return;
    }
    if (rest.example) throw new CliFailure(EXIT.usage, 'Name the event type whose example is wanted.');
    const page = await desk.client.get<Listed<EventTypeAnswer>>(PATH, { ...pageQuery(rest) });
    desk.answer(page, (told) => {
      if (told.data.length === 0) return 'No event type is described.\n';
      return table(told.data, COLUMNS, desk.columns) + moreOf(told);
    });
  });
}

const COLUMNS: readonly Column<EventTypeAnswer>[] = [
  { header: 'TYPE', of: (one) => one.name },
  { header: 'WHEN', of: (one) => (one.deprecated ? `(deprecated) ${one.description}` : one.description), cut: true },
];

function describe(one: EventTypeAnswer, columns: number): string {
  const found = newest(one);
  const head = `${clean(one.name)}${one.deprecated ? ', deprecated' : ''}\n${wrapped(clean(one.description), columns, '  ')}`;
  if (!found) return `${head}\nNobody has given it a schema.\n`;
  const { examples, ...schema } = found.schema;
  const example: unknown = examplesOf(examples)[0];
  const shown = example === undefined ? '' : `\nExample\n${jsonLines(example)}`;
  return `${head}\nSchema, version ${clean(found.version)}\n${jsonLines(schema)}${shown}`;
}

function exampleOf(one: EventTypeAnswer): unknown {
  const example: unknown = examplesOf(newest(one)?.schema['examples'])[0];
  if (example !== undefined) return example;
  throw new CliFailure(EXIT.refused, `${clean(one.name)} has no example: whoever described it gave none.`);
}

/** The schema with the highest version. */
function newest({ schemas }: EventTypeAnswer): { version: string; schema: Record<string, unknown> } | undefined {
  const [found] = Object.entries(schemas ?? {}).toSorted(([a], [b]) => Number(b) - Number(a));
  if (!found) return undefined;
  const [version, schema] = found;
  return { version, schema: typeof schema === 'object' && schema !== null ? { ...schema } : {} };
}

const examplesOf = (examples: unknown): readonly unknown[] => (Array.isArray(examples) ? examples : []);
