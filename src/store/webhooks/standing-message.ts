import type { Turn } from '../../contracts/delivery.js';
import { type EndpointKey, OWN_APPLICATIONS } from '../../contracts/webhooks.js';
import { envelopeText } from '../../domain/outgoing/envelope.js';
import type { OutgoingMessage } from '../../domain/outgoing/message.js';
import { ownEventId } from '../../domain/outgoing/own-id.js';

interface Standing {
  readonly url: string;
  readonly version: number;
  readonly failures: number;
}

/** `version` rises when it is enabled again: it can be disabled once more, and that is told too. */
export function disabledMessage(endpoint: EndpointKey, standing: Standing, why: string, at: number): OutgoingMessage {
  const id = ownEventId('endpoint.disabled', endpoint.id, standing.version);
  return standingMessage('endpoint.disabled', id, endpoint, standing, why, at);
}

/** Once for a turn and a number of failures: the same number may be reached again after a success. */
export function failingMessage(turn: Turn, standing: Standing, failures: number, at: number): OutgoingMessage {
  const id = ownEventId('endpoint.failing', turn.endpoint.id, failures, turn.number);
  const why = `${failures} deliveries in a row used up all their tries.`;
  return standingMessage('endpoint.failing', id, turn.endpoint, { ...standing, failures }, why, at);
}

function standingMessage(
  type: 'endpoint.disabled' | 'endpoint.failing',
  id: string,
  endpoint: EndpointKey,
  { url, failures }: Standing,
  reason: string,
  at: number,
): OutgoingMessage {
  const livemode = endpoint.application !== OWN_APPLICATIONS.test.id;
  const object = { id: endpoint.id, application_id: endpoint.application, host: hostOf(url), failures, reason };
  const payload = envelopeText({ id, type, at, org: null, livemode }, JSON.stringify(object));
  return { mode: livemode ? 'live' : 'test', type, id, of: `endpoint/${endpoint.id}`, payload };
}

/** Path and query may hold a secret. */
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : '');
