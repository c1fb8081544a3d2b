import { type Command, InvalidArgumentError } from 'commander';
import { type Client, createClient } from './client.js';
import { CliFailure, EXIT } from './failure.js';

/** Where commands read from and print to; `main` supplies it. */
export interface CliDeps {
  /** The console that is asked unless `--url` names another. */
  readonly url: string;
  readonly token?: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Width of the terminal in columns; `Infinity` where the output is no terminal. */
  readonly columns: number;
  /** JSON Schema of `slipway.yaml`; read only where it is asked for. */
  readonly policySchema: () => Promise<object>;
  /** Asks the person at the terminal and resolves to what was typed; absent where nobody sits at one. */
  readonly ask?: (question: string) => Promise<string>;
}

/** Options that every command has. */
export interface Common {
  readonly url?: string;
  readonly json?: true;
}

export const withCommon = (command: Command): Command =>
  command
    .option('--url <url>', 'the console to ask, e.g. http://127.0.0.1:8788')
    .option('--json', "print the console's own JSON, for programs");

export const withChoice = (command: Command): Command =>
  command
    .option('--workspace <name>', 'which workspace, where several hold this id')
    .option('--mode <mode>', 'live or test, where both hold this id', oneOf('live', 'test'));

/** For lists, which hold all workspaces and both modes unless told otherwise; `beside`: what they choose where an id is given. */
export const withPlace = (command: Command, beside = ''): Command =>
  command
    .option('--workspace <name>', `those of one workspace${beside}`)
    .option('--mode <mode>', `live or test ones alone${beside}`, oneOf('live', 'test'));

export const withPages = (command: Command): Command =>
  command.option('--limit <rows>', 'at most 200').option('--cursor <cursor>', 'go on where the page before ended');

/** Tells the options that say how to ask and answer from those that the question itself is made of. */
export function commonOf<T extends Common>({ url, json, ...rest }: T): { common: Common; rest: Omit<T, keyof Common> } {
  return { common: { ...(url === undefined ? {} : { url }), ...(json ? { json } : {}) }, rest };
}

/** What a command works with: the console it asks and how it answers. */
export interface Desk {
  readonly client: Client;
  readonly columns: number;
  readonly print: (text: string) => void;
  /** Prints the answer itself with `--json`, else its telling for people. */
  readonly answer: <T>(body: T, told: (body: T) => string) => void;
}

export function deskOf(deps: CliDeps, options: Common): Desk {
  const url = options.url ?? deps.url;
  return {
    client: createClient({
      url,
      ...(deps.token === undefined ? {} : { token: deps.token }),
      ...(deps.columns === Infinity ? {} : { slow: deps.err }),
    }),
    columns: deps.columns,
    print: deps.out,
    answer: (body, told) => deps.out(options.json ? `${JSON.stringify(body, null, 2)}\n` : told(body)),
  };
}

/**
 * Goes on with what cannot be undone only where a person at the terminal types yes, or the command line says `--yes`.
 * `what` is the sentence that is shown.
 */
export async function confirmed(deps: CliDeps, yes: true | undefined, what: string): Promise<void> {
  if (yes) return;
  if (!deps.ask) throw new CliFailure(EXIT.usage, `${what} Nobody can be asked here: add --yes if that is meant.`);
  const answer = await deps.ask(`${what} Type yes to go on: `);
  if (answer.trim().toLowerCase() !== 'yes') throw new CliFailure(EXIT.refused, 'Nothing was done.');
}

/** Reads an option that is one of a few words. */
export const oneOf =
  <Word extends string>(...words: readonly Word[]) =>
  (text: string): Word => {
    const word = words.find((one) => one === text);
    if (word === undefined) throw new InvalidArgumentError(`Write one of ${words.join(', ')}.`);
    return word;
  };

/** Reads an instant; one without a zone is of this machine's own zone. */
export function instant(text: string): string {
  const at = Date.parse(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(at))
    throw new InvalidArgumentError('Write an instant like 2026-12-01T09:00Z.');
  return new Date(at).toISOString();
}
