import type { Secret } from './secret.js';

/** Both header families of a signed message; receivers of either name find theirs. */
export type SignatureHeaders = Readonly<Record<`${'svix' | 'webhook'}-${'id' | 'timestamp' | 'signature'}`, string>>;

/**
 * Signs a message as Svix does. `id` must be the same on every try and every replay of the message, because receivers
 * drop repeats by it; `timestampSeconds` is the instant of this try, because receivers refuse an old one.
 */
export function sign(secret: Secret, id: string, timestampSeconds: number, body: string | Buffer): SignatureHeaders {
  const signature = secret.signature(id, timestampSeconds, body);
  const timestamp = String(timestampSeconds);
  return {
    'svix-id': id,
    'svix-timestamp': timestamp,
    'svix-signature': signature,
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signature,
  };
}
