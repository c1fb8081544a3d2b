import { cut, firstOf, identity, isObject, own, type Json } from './fields.js';
import { instant } from './said-time.js';

/** One event of Pivotal in one shape, whichever of its four dialects it was written in. */
export interface PivotalEvent {
  /** The event's own id, the same on every retry and replay (the delivery's id is another one). */
  readonly id: string;
  readonly type: string;
  /** When it happened, epoch ms; null in the dialect that carries no time. */
  readonly occurredAt: number | null;
  /** The sender's workspace: kept as data, never a key. */
  readonly org: string | null;
  /** null where the event does not say: the source's mode counts then. */
  readonly livemode: boolean | null;
  /** The record as the sender wrote it; read it through `fields`. */
  readonly record: Json;
  /** The values before the event, where it gives them. */
  readonly previous: Json;
}

export interface Quarantined {
  readonly quarantined: 'unknown_shape';
}

const NOTHING: Json = Object.freeze({});
const UNKNOWN_SHAPE: Quarantined = Object.freeze({ quarantined: 'unknown_shape' });
const TYPE_BYTES = 120;

/**
 * Reads any parsed JSON; never throws. Whatever has no usable `id` and `type` of its own is `unknown_shape`: it cannot
 * be told from its repeats. Unknown types, missing data and odd fields are no reason to refuse.
 *
 * The dialects differ in the names of time and workspace, and in where the record lies: `data.object`, or `data` itself
 * (also where `data.object` is a word such as `"onboarding"`).
 */
export function parseEvent(json: unknown): PivotalEvent | Quarantined {
  if (!isObject(json)) return UNKNOWN_SHAPE;
  const id = own(json, 'id');
  const type = own(json, 'type');
  if (typeof id !== 'string' || identity(id) === undefined) return UNKNOWN_SHAPE;
  if (typeof type !== 'string' || typeName(type) === '') return UNKNOWN_SHAPE;
  const data = asObject(own(json, 'data'));
  const object = own(data, 'object');
  const livemode = own(json, 'livemode');
  return {
    id,
    type: typeName(type),
    occurredAt: firstOf(json, ['created_at', 'timestamp'], instant) ?? null,
    org: firstOf(json, ['org_id', 'org'], organisation) ?? null,
    livemode: typeof livemode === 'boolean' ? livemode : null,
    record: isObject(object) ? object : data,
    previous: asObject(own(data, 'previous_attributes')),
  };
}

export function isQuarantined(parsed: PivotalEvent | Quarantined): parsed is Quarantined {
  return 'quarantined' in parsed;
}

function typeName(type: string): string {
  return cut(type.slice(0, TYPE_BYTES).replaceAll('\0', '').toWellFormed(), TYPE_BYTES).trim();
}

function organisation(value: unknown): string | undefined {
  return identity(isObject(value) ? own(value, 'id') : value);
}

function asObject(value: unknown): Json {
  return isObject(value) ? value : NOTHING;
}
