import { Agent, type Dispatcher } from 'undici';
import { Departure, type Reply } from './departure.js';
import { keptHeaders } from './kept-headers.js';
import { addressOf, describePostFailure, namePostFailure, type PostFailure } from './post-failure.js';
import { parseRetryAfter } from './retry-after.js';
import { guardedConnector, type GuardOptions, readTarget, type Resolve } from './target-guard.js';

/** One HTTP POST of JSON to somebody else's address. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For everything, name resolution to the last byte of the answer; 10 s unless told otherwise. */
  readonly timeoutMs?: number;
  /** Stops the post while nothing of it has left. Afterwards the outcome is waited for, since only it is the truth. */
  readonly signal?: AbortSignal;
}

export type PostResult = Answer | NoAnswer;

export interface Answer {
  readonly answered: true;
  readonly status: number;
  /** Names in lower case; the first 4 kB of what may be kept. */
  readonly headers: Readonly<Record<string, string>>;
  /** The first 2 kB. */
  readonly body: string;
  readonly ms: number;
  /** The address that was dialled for this origin last. */
  readonly address?: string;
  readonly retryAfterMs?: number;
}

export interface NoAnswer {
  readonly answered: false;
  readonly failure: PostFailure;
  /** The message may have arrived all the same: at least its head had left. */
  readonly sent: boolean;
  /** For people; holds the host, never path or query. */
  readonly message: string;
  readonly ms: number;
  /** The address that was dialled; absent where none was. */
  readonly address?: string;
}

export interface Outbound {
  /** Never throws: whatever the network does is a result. No redirect is followed, nothing is tried twice. */
  post(post: Post): Promise<PostResult>;
  close(): Promise<void>;
}

export const POST_TIMEOUT_MS = 10_000;

export interface OutboundOptions {
  readonly allowPrivate: boolean;
  /** The one origin (`http://127.0.0.1:8787`) that may be called whatever its scheme and address are. */
  readonly exempt?: string;
  readonly resolve?: Resolve;
}

export function createOutbound({ exempt, ...more }: OutboundOptions): Outbound {
  const dialled = new Map<string, string>();
  const guard: GuardOptions = {
    ...more,
    ...(exempt === undefined ? {} : { exempt: new URL(exempt).origin }),
    onDial: (origin, address) => remember(dialled, origin, address),
  };
  const agent = new Agent({ connect: guardedConnector(guard) });
  const targets = new Map<string, URL>();
  const targetOf = (text: string): URL => {
    const known = targets.get(text);
    if (known) return known;
    const url = readTarget(text, guard.allowPrivate, guard.exempt);
    remember(targets, text, url);
    return url;
  };
  return {
    post: (post) => exchange({ agent, targetOf, dialled }, post),
    close: () => agent.destroy(),
  };
}

/** More than this are not remembered: an address is only shown, and a target is read once more. */
const MOST_REMEMBERED = 1000;

function remember<T>(known: Map<string, T>, name: string, what: T): void {
  if (known.size >= MOST_REMEMBERED) known.clear();
  known.set(name, what);
}

interface Ways {
  readonly agent: Agent;
  /** Throws `TargetForbidden`. What it lets through is what is written; the address is judged when it is dialled. */
  readonly targetOf: (text: string) => URL;
  /** The address that was dialled last, by origin. */
  readonly dialled: ReadonlyMap<string, string>;
}

async function exchange({ agent, targetOf, dialled }: Ways, post: Post): Promise<PostResult> {
  const startedAt = performance.now();
  const took = (): number => Math.round(performance.now() - startedAt);
  let url: URL | undefined;
  let departure: Departure | undefined;
  try {
    url = targetOf(post.url);
    departure = new Departure(post.timeoutMs ?? POST_TIMEOUT_MS, post.signal);
    if (!departure.isOver) agent.dispatch(requestOf(url, post), departure);
    return answer(await departure.reply, took(), dialled.get(url.origin));
  } catch (error) {
    const failure = departure?.stoppedBy ?? namePostFailure(error);
    const sent = departure?.sent ?? false;
    const address = addressOf(error) ?? (sent && url ? dialled.get(url.origin) : undefined);
    return {
      answered: false,
      failure,
      sent,
      message: describePostFailure(failure, url?.host ?? 'The target', error),
      ms: took(),
      ...(address === undefined ? {} : { address }),
    };
  }
}

function requestOf(url: URL, post: Post): Dispatcher.DispatchOptions {
  return {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: 'POST',
    headers: { 'user-agent': 'Slipway', 'content-type': 'application/json', ...post.headers },
    body: post.body,
  };
}

function answer({ status, headers, body }: Reply, ms: number, address: string | undefined): Answer {
  const retryAfter: string | string[] | undefined = headers['retry-after'];
  const retryAfterMs = parseRetryAfter(Array.isArray(retryAfter) ? retryAfter[0] : retryAfter, Date.now());
  return {
    answered: true,
    status,
    headers: keptHeaders(headers),
    body: body.toString('utf8'),
    ms,
    ...(address === undefined ? {} : { address }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
