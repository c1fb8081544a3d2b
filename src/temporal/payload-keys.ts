import { createSecretKey, type KeyObject } from 'node:crypto';

/** One key of the payload codec. The id stands in clear beside what it encrypted; the key itself is shown nowhere. */
export interface PayloadKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** A text that is no list of keys: one sentence that repeats nothing of it but the ids. */
export class InvalidPayloadKeys extends Error {
  override readonly name = 'InvalidPayloadKeys';
}

const KEY_BYTES = 32;
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const HOW = 'write SLIPWAY_PAYLOAD_KEYS as k2=<base64 of 32 bytes>,k1=<…>, the newest first (openssl rand -base64 32)';

/**
 * Reads `k2=<base64 32 bytes>,k1=<…>`: the first key encrypts, every one decrypts, so a new key is put in front and an
 * old one stays until no history needs it. Separated by commas or white space. Throws `InvalidPayloadKeys`.
 */
export function parsePayloadKeys(text: string): readonly [PayloadKey, ...PayloadKey[]] {
  const keys = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(parseKey);
  const [first, ...rest] = keys;
  if (!first) throw new InvalidPayloadKeys(`There is no payload key: ${HOW}.`);
  const twice = keys.find(({ id }, nth) => keys.findIndex((one) => one.id === id) !== nth);
  if (twice)
    throw new InvalidPayloadKeys(
      `Two payload keys are named ${twice.id}: give each key an id of its own, since the id chooses the key.`,
    );
  return [first, ...rest];
}

function parseKey(part: string, nth: number): PayloadKey {
  const at = part.indexOf('=');
  const id = part.slice(0, Math.max(at, 0));
  // What stands in the id's place may be the key itself, so it is not repeated.
  if (!ID.test(id))
    throw new InvalidPayloadKeys(`Payload key ${nth + 1} has no id of letters, digits, "." or "-": ${HOW}.`);
  const bytes = decodeBase64(part.slice(at + 1));
  if (bytes?.length !== KEY_BYTES) {
    const found = bytes ? `${bytes.length} bytes` : 'no base64';
    throw new InvalidPayloadKeys(`Payload key ${id} is ${found}, and AES-256 takes 32 bytes: ${HOW}.`);
  }
  return { id, key: createSecretKey(bytes) };
}

/** Standard or URL-safe base64, padded or not; undefined for anything else, since Node would skip what it cannot read. */
function decodeBase64(text: string): Buffer | undefined {
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
