import type { Message } from '../../contracts/webhooks.js';
import { iso } from '../instant.js';

/** A message as clients read it; without its content the payload is empty. */
export function messageView(message: Message, withContent: boolean) {
  const { id, eventType, eventId, channels, tags, payload, at } = message;
  const content: unknown = withContent ? JSON.parse(payload) : {};
  return { id, eventType, eventId, channels, tags, payload: content, timestamp: iso(at), deliverAt: null };
}

/** The same as JSON text, for which the payload is neither read nor written once more. */
export function messageText({ payload, ...message }: Message, withContent: boolean): string {
  const { payload: _, ...view } = messageView({ ...message, payload: '{}' }, false);
  return `${JSON.stringify(view).slice(0, -1)},"payload":${withContent ? payload : '{}'}}`;
}
