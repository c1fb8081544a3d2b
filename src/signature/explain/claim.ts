import { createHmac } from 'node:crypto';
import { v1Signatures } from '../signature-list.js';

/** A signing key, and what it is called where people read of it. */
export interface Key {
  readonly label: string;
  readonly bytes: Buffer;
}

/** The three headers of a captured delivery as it was received, and its body. */
export interface Claim {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: Buffer;
}

/** What the Svix scheme signs: `<id>.<timestamp>.<body>`. */
export interface Signed {
  readonly id: string;
  readonly timestamp: string;
  readonly body: Buffer;
}

/**
 * The scheme's signature without its version. `Secret` has the library compute it; a search over many thousand guesses
 * needs the platform's own HMAC, and a test holds the two together.
 */
export function signatureOf(key: Buffer, { id, timestamp, body }: Signed): string {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
}

/** Finds the key under which a guess of what was signed has one of the signatures that were sent. */
export class Matcher {
  readonly given: ReadonlySet<string>;
  readonly keys: readonly Key[];

  constructor(signature: string, keys: readonly Key[]) {
    this.given = new Set(v1Signatures(signature));
    this.keys = keys;
  }

  key(signed: Signed): Key | undefined {
    return this.keys.find(({ bytes }) => this.given.has(signatureOf(bytes, signed)));
  }
}
