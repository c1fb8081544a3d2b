import { isObject, own } from '../event/fields.js';
import type { Mode } from '../policy/policy-file.js';
import { envelopeText } from './envelope.js';
import { memberText } from './json-text.js';
import type { OutgoingMessage } from './message.js';

/** The types that Pivotal's overview names; these are told on, whatever else it sends is not. */
export const PIVOTAL_TYPES = [
  'customer.created',
  'customer.updated',
  'customer.archived',
  'customer.health_score_dropped',
  'customer.at_risk',
  'customer.churned',
  'contact.created',
  'onboarding.created',
  'onboarding.phase_changed',
  'onboarding.state_changed',
  'onboarding.at_risk',
  'onboarding.back_on_track',
  'onboarding.launched',
  'onboarding.completed',
  'task.completed',
] as const;
export type PivotalType = (typeof PIVOTAL_TYPES)[number];

/** An event of the archive: what its row says, and the text that was signed. Instants virtual, epoch ms. */
export interface ArchivedEvent {
  readonly eventId: string;
  readonly type: string | null;
  readonly mode: Mode;
  readonly org: string | null;
  readonly occurredAt: number | null;
  readonly receivedAt: number;
  /** What it concerns, for the order among messages. */
  readonly of: string;
  readonly body: string;
}

const TOLD: ReadonlySet<string | null> = new Set(PIVOTAL_TYPES);

/**
 * The event as subscribers get it: one envelope for all four dialects, under the event's own id, its record and the
 * values before it letter by letter. Undefined for a type that is not one of Pivotal's fifteen, and for a body that holds
 * no record (any more: an erasure may have taken it). A time that the event does not say is that of its receipt.
 */
export function reemission(event: ArchivedEvent): OutgoingMessage | undefined {
  const { eventId: id, type, mode, org, of, body } = event;
  if (type === null || !TOLD.has(type)) return undefined;
  const record = recordOf(body);
  if (!record) return undefined;
  const head = { id, type, at: event.occurredAt ?? event.receivedAt, org, livemode: mode === 'live' };
  return { mode, type, id, of, payload: envelopeText(head, record.object, record.previous) };
}

/** The record lies in `data.object`, or is `data` itself, as `parseEvent` of the way in reads it. */
function recordOf(body: string): { object: string; previous?: string } | undefined {
  const data = dataOf(body);
  const text = data && memberText(body, 'data');
  if (!data || text === undefined) return undefined;
  const object = isObject(own(data, 'object')) ? memberText(text, 'object') : text;
  const previous = isObject(own(data, 'previous_attributes')) ? memberText(text, 'previous_attributes') : undefined;
  return object === undefined ? undefined : { object, ...(previous === undefined ? {} : { previous }) };
}

function dataOf(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(body);
    const data = isObject(json) ? own(json, 'data') : undefined;
    return isObject(data) ? data : undefined;
  } catch {
    return undefined;
  }
}
