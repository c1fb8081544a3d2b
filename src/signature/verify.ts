import { isUtf8 } from 'node:buffer';
import { timingSafeEqual } from 'node:crypto';
import type { Secret } from './secret.js';
import { v1Signatures } from './signature-list.js';

/** Why a delivery is not believed, in the order in which it is checked. */
export type SignatureFailure =
  | 'missing_header'
  | 'bad_timestamp'
  | 'stale_timestamp'
  | 'future_timestamp'
  | 'no_matching_signature';

export type Verdict =
  | {
      readonly verified: true;
      readonly deliveryId: string;
      readonly timestampSeconds: number;
      /** Label of the secret that matched. */
      readonly secret: string;
    }
  | {
      readonly verified: false;
      readonly deliveryId: string | null;
      readonly reason: SignatureFailure;
      /** For the sender's developer: the likely mistake; never a secret, never the body. */
      readonly message: string;
    };

export interface Delivery {
  /** Lower-case names, as Node gives them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The bytes as they came; parsed and written again they would not match. */
  readonly body: Buffer;
}

export interface Trust {
  /** Any of them may match; all are active. */
  readonly secrets: readonly Secret[];
  /** Real epoch ms. */
  readonly now: number;
  /** Either way; whole seconds count, as in the library. */
  readonly toleranceMs: number;
}

/** Digits only and as they were signed: the scheme signs the number, so that `0123` and `123abc` would pass for `123`. */
const WHOLE_SECONDS = /^(?:0|[1-9]\d{0,14})$/;

/**
 * Tells whether a delivery is signed by one of the secrets, and when. The cryptography is the library's own `sign`;
 * tolerance, several secrets, several signatures and the comparison in constant time are ours.
 *
 * Checked in this order: headers there, timestamp a number, not too old, not too far ahead, signature. Cheap checks
 * come first, so that a large post without a plausible signature costs no hash.
 */
export function verify(delivery: Delivery, trust: Trust): Verdict {
  const id = header(delivery, 'id');
  const timestamp = header(delivery, 'timestamp');
  const signature = header(delivery, 'signature');
  if (!id || !timestamp || !signature) {
    const missing = ['id', 'timestamp', 'signature'].filter((name) => !header(delivery, name));
    const names = missing.map((name) => `svix-${name}`).join(', ');
    return refuse(id, 'missing_header', `${names} missing or empty: send all three svix- (or webhook-) headers.`);
  }

  const seconds = Number(timestamp);
  if (!WHOLE_SECONDS.test(timestamp)) {
    return refuse(id, 'bad_timestamp', 'The timestamp header is not a whole number of seconds since 1970.');
  }
  const ageSeconds = Math.floor(trust.now / 1000) - seconds;
  const toleranceSeconds = Math.floor(trust.toleranceMs / 1000);
  if (ageSeconds > toleranceSeconds) {
    return refuse(id, 'stale_timestamp', `Signed ${ageSeconds} s ago, at most ${toleranceSeconds} s are accepted.`);
  }
  if (-ageSeconds > toleranceSeconds) {
    const hint = timestamp.length > 11 ? 'it seems to be in milliseconds' : 'check both clocks';
    return refuse(id, 'future_timestamp', `The timestamp lies ${-ageSeconds} s ahead of this clock: ${hint}.`);
  }

  const secret = matchingSecret(v1Signatures(signature), id, seconds, delivery.body, trust.secrets);
  return secret
    ? { verified: true, deliveryId: id, timestampSeconds: seconds, secret: secret.label }
    : refuse(id, 'no_matching_signature', NO_MATCH);
}

const NO_MATCH =
  'No v1 signature matches: check that the secret is the one of this endpoint and that nothing on the way changes the body.';

function refuse(deliveryId: string | undefined, reason: SignatureFailure, message: string): Verdict {
  return { verified: false, deliveryId: deliveryId || null, reason, message };
}

/** `svix-*` wins over `webhook-*` where both are there, as in the library. */
function header(delivery: Delivery, name: string): string | undefined {
  const value = delivery.headers[`svix-${name}`] ?? delivery.headers[`webhook-${name}`];
  return Array.isArray(value) ? value.join(', ') : value;
}

/**
 * Bytes that are not UTF-8 never match: the library signs text, in which every broken sequence becomes the same
 * replacement character, so that different bytes would share one signature.
 */
function matchingSecret(
  signatures: readonly string[],
  id: string,
  seconds: number,
  body: Buffer,
  secrets: readonly Secret[],
): Secret | undefined {
  if (signatures.length === 0 || !isUtf8(body)) return undefined;
  const given = signatures.map((signature) => Buffer.from(signature, 'utf8'));
  return secrets.find((secret) => {
    const expected = Buffer.from(secret.signature(id, seconds, body).slice('v1,'.length), 'utf8');
    return given.some((signature) => isSame(signature, expected));
  });
}

/** In constant time for equal lengths; the length of a signature is no secret. */
export function isSame(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}
