import type { Readable } from 'node:stream';
import { Agent, type Dispatcher } from 'undici';
import { Departure } from './departure.js';
import { describePostFailure, namePostFailure, type PostFailure } from './post-failure.js';
import { parseRetryAfter } from './retry-after.js';
import { guardedConnector, readTarget, type Resolve } from './target-guard.js';

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
}

export interface Outbound {
  /** Never throws: whatever the network does is a result. No redirect is followed, nothing is tried twice. */
  post(post: Post): Promise<PostResult>;
  close(): Promise<void>;
}

export const POST_TIMEOUT_MS = 10_000;
const KEPT_BODY_BYTES = 2048;

export function createOutbound(options: { allowPrivate: boolean; resolve?: Resolve }): Outbound {
  const dialled = new Map<string, string>();
  const agent = new Agent({
    connect: guardedConnector({ ...options, onDial: (origin, address) => remember(dialled, origin, address) }),
  });
  return {
    post: (post) => exchange(agent, post, options.allowPrivate, dialled),
    close: () => agent.destroy(),
  };
}

/** More origins than this are not remembered: an address is only shown, nothing depends on it. */
const MOST_ORIGINS = 1000;

function remember(dialled: Map<string, string>, origin: string, address: string): void {
  if (dialled.size >= MOST_ORIGINS) dialled.clear();
  dialled.set(origin, address);
}

async function exchange(
  agent: Agent,
  post: Post,
  allowPrivate: boolean,
  dialled: Map<string, string>,
): Promise<PostResult> {
  const startedAt = performance.now();
  const took = (): number => Math.round(performance.now() - startedAt);
  const departure = new Departure(post.body, post.timeoutMs ?? POST_TIMEOUT_MS, post.signal);
  let host = 'The target';
  try {
    const url = readTarget(post.url, allowPrivate);
    host = url.host;
    const response = await departure.unlessStopped(() => agent.request(requestOf(url, post, departure)));
    return answer(response, await keptBody(response.body), took(), dialled.get(url.origin));
  } catch (error) {
    const failure = departure.stoppedBy ?? namePostFailure(error);
    return {
      answered: false,
      failure,
      sent: departure.sent,
      message: describePostFailure(failure, host, error),
      ms: took(),
    };
  } finally {
    departure.end();
  }
}

function requestOf(url: URL, post: Post, departure: Departure): Dispatcher.RequestOptions {
  return {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: 'POST',
    headers: {
      'user-agent': 'Slipway',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(post.body)),
      ...post.headers,
    },
    body: departure.body,
    signal: departure.signal,
  };
}

function answer(response: Dispatcher.ResponseData, body: string, ms: number, address: string | undefined): Answer {
  const retryAfter = response.headers['retry-after'];
  const retryAfterMs = parseRetryAfter(Array.isArray(retryAfter) ? retryAfter[0] : retryAfter, Date.now());
  return {
    answered: true,
    status: response.statusCode,
    body,
    ms,
    ...(address === undefined ? {} : { address }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/**
 * Reads as much of the answer as is kept and drops the rest with its connection. The status alone is the outcome: an
 * answer that breaks off or drips on until the time is up is an answer.
 */
async function keptBody(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= KEPT_BODY_BYTES) break;
    }
  } catch {
    // The status was read.
  }
  return Buffer.concat(chunks).subarray(0, KEPT_BODY_BYTES).toString('utf8');
}
