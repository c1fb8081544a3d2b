import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import type { RejectionLog, RejectionReason } from '../contracts/inbox.js';
import { verify } from '../signature/verify.js';
import { Allowance } from '../throttle/allowance.js';
import { networkOf } from '../throttle/network.js';
import { Admission } from './admission.js';
import {
  type Answer,
  badRequest,
  compressed,
  internalError,
  methodNotAllowed,
  notFound,
  OVERLOADED,
  tooLarge,
  tooManyRefused,
  unauthenticated,
  unknownSource,
  write,
} from './answers.js';
import { oneLook } from './one-look.js';
import { BODY_LIMIT_BYTES, BodyReader } from './read-body.js';
import { ShedLines } from './shed-lines.js';
import { StoredLines } from './stored-lines.js';
import { type IngressSource, type ReceiveDeps, receive } from './receive.js';

export interface IngressDeps extends ReceiveDeps {
  /** The source of that name as it is now: secrets are rotated, and sources come and go, while the edge listens. */
  readonly source: (name: string) => IngressSource | undefined;
  readonly rejections: RejectionLog;
  /** Told of every event that was refused unread because more arrives than can be stored. */
  readonly onShed: () => void;
  /** How many proxies stand before the edge, each adding to `X-Forwarded-For`; 0 where it is reached directly. */
  readonly trustedProxies: number;
  /** Real epoch ms. */
  readonly now: () => number;
  readonly ready: () => Promise<Readiness>;
}

/** Each check is `ok` or a few words on what is wrong. */
export interface Readiness {
  /** The store can be written and its migrations are done; Temporal may be down, events are taken all the same. */
  readonly ready: boolean;
  readonly checks: Readonly<Record<'store' | 'migrations' | 'temporal', string>>;
}

/**
 * Requests of one network that may be refused with a reason of their own. A sender with a wrong secret still finds five
 * a second of its deliveries in the log of rejections; whoever scans or guesses cannot push those of others out of its
 * 10,000 lines within half an hour. Good deliveries are verified first, count nothing and are never refused for it.
 */
const REFUSED = { times: 300, seconds: 60 };
/** How old an answer of `/readyz` may be, ms: proxies ask once a second, and anybody may ask. */
const READY_KEEPS_MS = 1_000;
/** Whoever waits for a server to come up asks more often, and should not hear of it a second late. */
const UNREADY_KEEPS_MS = 100;
const NOT_WRITTEN = 'events were not stored: more arrives than the store can write';
const CROWDED_OUT = 'events were not read: more bodies were under way at once than there is memory for';

/**
 * The edge port: takes signed events and answers them once they are on disk. Nothing else is on that path, neither
 * Temporal nor a body parser, and no middleware runs before a route.
 */
export function createIngress(deps: IngressDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  // A number, never `true`: that would let anybody write the address that refusals are counted under.
  app.set('trust proxy', deps.trustedProxies);
  const { observer } = deps;
  const books: Books = {
    refused: new Allowance(REFUSED),
    stored: new StoredLines(observer),
    shed: new ShedLines(observer, NOT_WRITTEN),
    crowdedOut: new ShedLines(observer, CROWDED_OUT),
  };
  const doors: Doors = { admission: new Admission({ isFull: () => deps.inbox.isFull() }), bodies: new BodyReader() };
  const ready = oneLook(deps.ready, ({ ready: is }) => (is ? READY_KEEPS_MS : UNREADY_KEEPS_MS));

  app.all('/webhooks/:source', (req: Request<{ source: string }>, res) => takeEvent(req, res, deps, books, doors));
  app.get('/healthz', (_req, res) => write(res, { status: 200, body: '{"status":"ok"}' }));
  app.get('/readyz', async (_req, res) => write(res, readiness(await ready())));
  app.use((_req, res) => write(res, notFound()));
  app.use(failed(deps));
  return app;
}

interface Books {
  readonly refused: Allowance;
  readonly stored: StoredLines;
  readonly shed: ShedLines;
  readonly crowdedOut: ShedLines;
}

/** What stands between a request and its event; one of each for an edge, since they go by all that is under way. */
interface Doors {
  readonly admission: Admission;
  readonly bodies: BodyReader;
}

async function takeEvent(
  req: Request<{ source: string }>,
  res: Response,
  deps: IngressDeps,
  books: Books,
  { admission, bodies }: Doors,
): Promise<void> {
  const from = performance.now();
  const name = req.params.source;
  const source = deps.source(name);
  const refuse = async (reason: RejectionReason, message: string, bytes: number, answer?: Answer): Promise<void> => {
    // A name that is no source is the caller's text: it becomes neither a label nor a row of its own.
    const label = source ? name : 'unknown';
    deps.observer.count('slipway_events_rejected_total', { source: label, reason });
    const wait = await books.refused.take(networkOf(req.ip));
    if (wait === 0) deps.rejections.record({ source: label, reason, message, at: deps.now(), ...sender(req), bytes });
    if (answer) write(res, wait === 0 ? answer : tooManyRefused(wait));
  };

  if (!source) return refuse('unknown_source', 'No source has this name.', declared(req), unknownSource());
  if (req.method !== 'POST') {
    return refuse('method_not_allowed', req.method, declared(req), methodNotAllowed(req.method, 'POST'));
  }
  // Before anything is done for it: an edge that reads and verifies what it then refuses has no time for what it takes.
  if (admission.refuses()) {
    deps.onShed();
    return unstored(name, res, deps, books.shed);
  }
  const encoding = req.headers['content-encoding'];
  if (encoding && encoding !== 'identity') {
    return refuse('unreadable_body', 'The body is compressed.', declared(req), compressed(encoding));
  }
  const read = await bodies.read(req);
  // Not told to the dispatcher, which would signal slowly for it: the store takes what comes, and anybody can send bodies.
  if (read.outcome === 'crowded_out') return unstored(name, res, deps, books.crowdedOut);
  if (read.outcome === 'cut_off') return refuse('unreadable_body', 'The connection ended in mid-body.', read.bytes);
  if (read.outcome === 'too_large') {
    return refuse('too_large', `Over ${BODY_LIMIT_BYTES} bytes.`, read.bytes, tooLarge(BODY_LIMIT_BYTES));
  }

  const receivedAt = deps.now();
  const delivery = { headers: req.headers, body: read.body };
  const verdict = verify(delivery, { secrets: source.secrets, now: receivedAt, toleranceMs: source.toleranceMs });
  if (!verdict.verified) {
    const { reason, message } = verdict;
    return refuse(reason, message, read.body.length, unauthenticated(reason, message));
  }
  const { secret, timestampSeconds } = verdict;
  deps.observer.count('slipway_events_verified_total', { source: name, secret });
  deps.observer.gauge('slipway_clock_skew_seconds', receivedAt / 1000 - timestampSeconds, { source: name });
  write(res, await receive(delivery, { ...verdict, receivedAt }, source, deps, books.stored));
  deps.observer.time('slipway_acknowledge_seconds', (performance.now() - from) / 1000);
}

/** Node reads and drops the body of a request that was answered. */
function unstored(source: string, res: Response, { observer }: IngressDeps, lines: ShedLines): void {
  observer.count('slipway_events_unstored_total', { source });
  lines.tell(source);
  write(res, OVERLOADED);
}

const declared = (req: Request<{ source: string }>): number => Number(req.headers['content-length'] ?? 0) || 0;

function sender(req: Request<{ source: string }>): { deliveryId: string | null; remote: string | null } {
  const id = req.headers['svix-id'] ?? req.headers['webhook-id'];
  const deliveryId = typeof id === 'string' && id !== '' ? id.slice(0, MOST_LOGGED_CHARS) : null;
  return { deliveryId, remote: req.ip ?? null };
}

/** An unsigned header may be as long as Node allows; the log of rejections is bounded in rows. */
const MOST_LOGGED_CHARS = 255;

function readiness({ ready, checks }: Readiness): Answer {
  return { status: ready ? 200 : 503, body: JSON.stringify({ status: ready ? 'ready' : 'not_ready', checks }) };
}

/** Express calls this with what a route threw: a fault of ours, or a path that cannot be decoded. */
function failed({ observer }: IngressDeps): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
    if (status >= 400 && status < 500) return write(res, badRequest(status));
    observer.log('error', 'a request failed', { reason: error instanceof Error ? error.message : String(error) });
    write(res, internalError());
  };
}
