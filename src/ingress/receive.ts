import { type PivotalEvent, parseEvent } from '../domain/event/envelope.js';
import { routeEvent } from '../domain/event/route.js';
import type { SourceSettings } from '../domain/policy/policy-file.js';
import { type Clock, toVirtual } from '../domain/time/clock.js';
import { type Arrival, type Inbox, type PendingRow, StoreUnavailable } from '../contracts/inbox.js';
import type { Observer, Span } from '../contracts/observer.js';
import type { Secret } from '../signature/secret.js';
import type { Delivery } from '../signature/verify.js';
import { type Answer, received, unavailable } from './answers.js';
import type { StoredLines } from './stored-lines.js';

/** A source with its secrets read from the environment. */
export interface IngressSource extends SourceSettings {
  readonly secrets: readonly Secret[];
}

export interface ReceiveDeps {
  readonly inbox: Pick<Inbox, 'accept' | 'isFull'>;
  readonly observer: Observer;
  readonly clock: Clock;
  /** Hands a stored row to the dispatcher of this server; called after the commit, never for what has no workflow. */
  readonly onAccepted: (row: PendingRow) => void;
}

/** A delivery whose signature was found good. */
export interface Verified {
  readonly deliveryId: string;
  readonly timestampSeconds: number;
  /** Label of the secret. */
  readonly secret: string;
  /** Real epoch ms. */
  readonly receivedAt: number;
}

/** The sender gives up after 10 s: a store that has not answered by then is answered for, in time to be heard. */
const STORE_PATIENCE_MS = 5_000;
/** `svix-timestamp` has whole seconds and the way takes time: up to here the receipt is the better instant. */
const RECEIPT_IS_CLOSE_MS = 5_000;

/**
 * Stores one verified delivery and answers it. From here on everything is answered 200 but a store that cannot be
 * written: an unknown type, a repeat, or a body that makes no sense is kept and shown, because a 4xx would be sent
 * eight times and count towards disabling the endpoint.
 */
export async function receive(
  delivery: Delivery,
  verified: Verified,
  source: IngressSource,
  deps: ReceiveDeps,
  lines: StoredLines,
): Promise<Answer> {
  const arrival = read(delivery, verified, source, deps);
  try {
    const duplicate = await within(STORE_PATIENCE_MS, store(arrival, deps));
    count(arrival, duplicate, deps.observer);
    lines.tell(arrival, duplicate);
    trace(arrival, { isRoot: !duplicate }, deps.observer);
    return received(arrival.eventId, duplicate, arrival.quarantined);
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    deps.observer.count('slipway_events_unstored_total', { source: source.name });
    trace(arrival, { failed: true }, deps.observer);
    deps.observer.log('error', 'an event was not stored', {
      delivery: verified.deliveryId,
      source: source.name,
      reason: error.message,
    });
    return unavailable();
  }
}

/** Offers the row even where the answer came too late for the sender: its retry would be a duplicate. */
async function store(arrival: Arrival, deps: ReceiveDeps): Promise<boolean> {
  const from = Date.now();
  const { seq, duplicate, waiting } = await deps.inbox.accept(arrival);
  const { route, receivedAt, deliveryId } = arrival;
  if (waiting) deps.onAccepted(waiting);
  else if (route && !duplicate) deps.onAccepted({ seq, deliveryId, receivedAt, type: route.to, route });
  deps.observer.trace?.({ name: 'store', correlations: [deliveryId], from, to: Date.now() });
  return duplicate;
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new StoreUnavailable(`the store did not answer within ${ms} ms`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function read(delivery: Delivery, verified: Verified, source: IngressSource, deps: ReceiveDeps): Arrival {
  const receivedVirtual = toVirtual(deps.clock, verified.receivedAt);
  const common = {
    source: source.name,
    deliveryId: verified.deliveryId,
    body: delivery.body,
    headers: signingHeaders(delivery),
    secret: verified.secret,
    receivedAt: verified.receivedAt,
    receivedVirtual,
  };
  const parsed = parse(delivery.body, deps.observer);
  if ('quarantined' in parsed) {
    const quarantined = parsed.quarantined;
    return { ...common, eventId: common.deliveryId, type: null, occurredAt: null, org: null, quarantined };
  }
  const fallbackAt = timeless(verified, receivedVirtual, deps.clock);
  const route = routeEvent(parsed, {
    source: source.name,
    workspace: source.workspace,
    sourceMode: source.mode,
    heardAt: receivedVirtual,
    fallbackAt,
  });
  return {
    ...common,
    eventId: parsed.id,
    type: parsed.type,
    occurredAt: parsed.occurredAt ?? fallbackAt,
    org: parsed.org,
    ...(route && { route }),
  };
}

type Unusable = { readonly quarantined: 'not_json' | 'unknown_shape' };

function parse(body: Buffer, observer: Observer): PivotalEvent | Unusable {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    return { quarantined: 'not_json' };
  }
  try {
    return parseEvent(json);
  } catch (error) {
    // The parser promises never to throw; should it, one strange body must not be sent eight times.
    observer.log('error', 'the event parser failed', { reason: String(error) });
    return { quarantined: 'unknown_shape' };
  }
}

/** When an event that carries no time happened, virtual: its receipt, or the sender's signing where that is far off. */
function timeless(verified: Verified, receivedVirtual: number, clock: Clock): number {
  const signedAt = verified.timestampSeconds * 1000;
  const isClose = Math.abs(verified.receivedAt - signedAt) <= RECEIPT_IS_CLOSE_MS;
  return isClose ? receivedVirtual : toVirtual(clock, signedAt);
}

const SIGNING_HEADERS = ['id', 'timestamp', 'signature'].flatMap((part) => [`svix-${part}`, `webhook-${part}`]);

function signingHeaders(delivery: Delivery): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of SIGNING_HEADERS) {
    const value = delivery.headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  return kept;
}

function count(arrival: Arrival, duplicate: boolean, observer: Observer): void {
  const { source, quarantined } = arrival;
  observer.count('slipway_events_received_total', { source });
  observer.age('slipway_feed_age_seconds', arrival.receivedAt, { source });
  if (duplicate) observer.count('slipway_events_duplicate_total', { source });
  else if (quarantined) observer.count('slipway_events_quarantined_total', { source, reason: quarantined });
}

function trace(arrival: Arrival, how: Pick<Span, 'isRoot' | 'failed'>, observer: Observer): void {
  const { deliveryId, receivedAt, source, eventId } = arrival;
  observer.trace?.({
    name: 'receive',
    correlations: [deliveryId],
    from: receivedAt,
    to: Date.now(),
    ...how,
    fields: { source, event: eventId },
  });
}
