import { CliFailure, EXIT, type ExitCode } from './failure.js';

/** Real. A publish or an action waits for a workflow's answer, which the server itself bounds. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Real. Nobody wonders before. */
const SLOW_AFTER_MS = 2_000;

/** The console API over HTTP. What it answers is trusted to be what `contracts/api.ts` says. */
export interface Client {
  get<T>(path: string, query?: Query): Promise<T>;
  post<T>(path: string, body: Readonly<Record<string, unknown>>, query?: Query): Promise<T>;
  patch<T>(path: string, body: Readonly<Record<string, unknown>>): Promise<T>;
  delete(path: string): Promise<void>;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Console {
  /** Where the console listens, e.g. `http://127.0.0.1:8788`. */
  readonly url: string;
  readonly token?: string;
  /** Told where an answer takes long, so that a person at a terminal knows what is waited for. */
  readonly slow?: (text: string) => void;
}

export function createClient(console: Console): Client {
  const base = baseOf(console.url);
  const call = async <T>(method: string, path: string, query: Query = {}, body?: unknown): Promise<T> => {
    const url = urlOf(base, path);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const slow = setTimeout(() => console.slow?.(`Waiting for the console at ${base} ...\n`), SLOW_AFTER_MS);
    const response = await reach(base, url, {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      headers: {
        accept: 'application/json',
        ...(console.token === undefined ? {} : { authorization: `Bearer ${console.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).finally(() => clearTimeout(slow));
    return answerOf<T>(base, response);
  };
  return {
    get: (path, query) => call('GET', path, query),
    post: (path, body, query) => call('POST', path, query, body),
    patch: (path, body) => call('PATCH', path, {}, body),
    delete: (path) => call('DELETE', path),
  };
}

function baseOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CliFailure(
      EXIT.usage,
      `${JSON.stringify(url)} is no address of a console; write it like http://127.0.0.1:8788.`,
    );
  }
  return url.replace(/\/+$/, '');
}

/**
 * To a URL, `.` and `..` are steps and no names, and `encodeURIComponent` leaves them as they are: an id like that would
 * have the command carried out on what stands above it.
 */
function urlOf(base: string, path: string): URL {
  const url = new URL(`${base}${path}`);
  if (url.pathname.endsWith(path)) return url;
  throw new CliFailure(
    EXIT.usage,
    `Nothing was asked, since ${path} would reach the console as ${url.pathname} and mean something else: name what you mean by an id other than \`.\` or \`..\`.`,
  );
}

async function reach(base: string, url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const slow = error instanceof Error && error.name === 'TimeoutError';
    throw new CliFailure(
      EXIT.unreachable,
      slow
        ? `The console at ${base} did not answer within ${ANSWER_TIMEOUT_MS / 1000} seconds; look whether it is still well, then try again.`
        : `No console answers at ${base}; start it with \`slipway start\`, or name the right one with --url.`,
    );
  }
}

/** Nothing at all where the console has nothing to say (204): then `T` is void. */
async function answerOf<T>(base: string, response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  const body = parsed(await response.text().catch(() => ''));
  if (response.ok && body !== undefined) return body as T;
  const message = messageOf(body);
  if (message === undefined) {
    throw new CliFailure(
      EXIT.unreachable,
      `What answers at ${base} is no Slipway console (status ${response.status}); name the right address with --url.`,
    );
  }
  throw new CliFailure(
    exitOf(response.status),
    response.status === 401 ? `${message} The command line sends what SLIPWAY_API_TOKEN says.` : message,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The sentence of `{"error":{"message"}}`, or of outgoing webhooks, which answer as Svix does: `{"detail"}`, and of a
 * request that is not valid `{"detail":[{"loc","msg"}]}`. Undefined where it is no answer of a console.
 */
function messageOf(body: unknown): string | undefined {
  if (!isRecord(body)) return undefined;
  const { error, detail } = body;
  const message = isRecord(error) ? error['message'] : detail;
  if (typeof message === 'string') return message;
  return Array.isArray(detail) ? detail.filter(isRecord).map(itemText).join(' ') || undefined : undefined;
}

/** Where is told by its last part alone, the name of the field: `body.url` is nothing that anybody typed. */
function itemText({ loc, msg }: Record<string, unknown>): string {
  const field: unknown = Array.isArray(loc) && loc.length > 1 ? loc.at(-1) : undefined;
  return `${typeof field === 'string' ? `${field}: ` : ''}${String(msg)}`;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function exitOf(status: number): ExitCode {
  if (status === 404) return EXIT.notFound;
  return status === 503 ? EXIT.unreachable : EXIT.refused;
}
