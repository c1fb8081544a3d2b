import { createHash } from 'node:crypto';

/**
 * The id of a message on the other side, made from the idempotency key of its send: stable over every try, one to one,
 * safe in any header, and without the personal data that a key may hold (a recipient can be known by an e-mail address
 * alone).
 */
export function messageId(key: string): string {
  return `msg_${createHash('sha256').update(key).digest('base64url').slice(0, 27)}`;
}
