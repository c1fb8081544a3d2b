import { createHash } from 'node:crypto';
// Not the package's front door: that loads 250 files of its API's client, 0.1 s of every start.
import { Webhook } from 'svix/dist/webhook.js';

const PREFIX = 'whsec_';
/** Shorter keys can be guessed; Svix itself makes keys of 24 bytes and more. */
const LEAST_KEY_BYTES = 16;
const LABEL = /^[A-Za-z0-9._-]{1,40}$/;

/** A signing secret is not written as it should be. The message says where and what, and never shows the secret. */
export class MalformedSecret extends Error {
  override readonly name = 'MalformedSecret';
}

/**
 * One `whsec_…` secret and the label people know it by. The key is private, so that neither JSON, a log line nor an
 * inspected object can show it; the library's object is made once, because decoding the key on every event would cost.
 */
export class Secret {
  readonly label: string;
  readonly #webhook: Webhook;

  constructor(label: string, text: string) {
    this.label = label;
    this.#webhook = new Webhook(text);
  }

  /** The Svix scheme's `v1,<base64>` of a message. A Buffer must be UTF-8: the scheme signs text. */
  signature(id: string, timestampSeconds: number, body: string | Buffer): string {
    return this.#webhook.sign(id, new Date(timestampSeconds * 1000), body);
  }
}

/**
 * Reads one or more secrets, `whsec_…` or `label=whsec_…`, separated by spaces or commas. One without a label is known
 * by a fingerprint of its key, which stays the same when another is put before it during a rotation. A key that is
 * given twice counts once. Throws `MalformedSecret`, also where there is none.
 */
export function parseSecrets(text: string): Secret[] {
  const tokens = text.split(/[\s,]+/).filter((token) => token !== '');
  if (tokens.length === 0) throw new MalformedSecret('No secret is given: set at least one that begins with whsec_.');
  const byKey = new Map<string, Secret>();
  tokens.forEach((token, index) => {
    const { label, key } = parseToken(token, `Secret ${index + 1} of ${tokens.length}`);
    const fingerprint = createHash('sha256').update(key).digest('hex');
    const secret = new Secret(label ?? `key-${fingerprint.slice(0, 8)}`, PREFIX + key.toString('base64'));
    if (byKey.has(fingerprint)) return;
    if ([...byKey.values()].some((other) => other.label === secret.label)) {
      throw new MalformedSecret(`Two different secrets have the label ${secret.label}: give each a label of its own.`);
    }
    byKey.set(fingerprint, secret);
  });
  return [...byKey.values()];
}

function parseToken(token: string, place: string): { label: string | undefined; key: Buffer } {
  const at = token.startsWith(PREFIX) ? 0 : token.indexOf(`=${PREFIX}`) + 1;
  if (at === 0 && !token.startsWith(PREFIX)) {
    throw new MalformedSecret(`${place} does not begin with ${PREFIX}: copy it whole from the endpoint's page.`);
  }
  const label = at === 0 ? undefined : token.slice(0, at - 1);
  if (label !== undefined && !LABEL.test(label)) {
    throw new MalformedSecret(`${place} has a label that is not 1 to 40 letters, digits, dots, dashes or underscores.`);
  }
  return { label, key: decodeKey(token.slice(at + PREFIX.length), label ? `${place} (${label})` : place) };
}

function decodeKey(base64: string, place: string): Buffer {
  const key = Buffer.from(base64, 'base64');
  if (key.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '')) {
    throw new MalformedSecret(`${place} is not base64 after ${PREFIX}: a character was lost or added in copying.`);
  }
  if (key.length < LEAST_KEY_BYTES) {
    throw new MalformedSecret(`${place} is too short: ${key.length} bytes, at least ${LEAST_KEY_BYTES} are needed.`);
  }
  return key;
}
