import type { Message } from '../../contracts/webhooks.js';
import { iso } from '../instant.js';

/** A message as clients read it; without its content the payload is empty. */
export function messageView(message: Message, withContent: boolean) {
  const payload: unknown = withContent ? JSON.parse(message.payload) : {};
  return { ...envelopeOf(message), payload };
}

/** The same as JSON text, for which the payload is neither read nor written once more. */
export function messageText(message: Message, withContent: boolean): string {
  const envelope = JSON.stringify(envelopeOf(message)).slice(0, -1);
  return `${envelope},"payload":${withContent ? message.payload : '{}'}}`;
}

function envelopeOf({ id, eventType, eventId, channels, tags, at }: Message) {
  return { id, eventType, eventId, channels, tags, timestamp: iso(at), deliverAt: null };
}
