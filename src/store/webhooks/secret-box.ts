import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { NoSecretKey } from '../../contracts/webhooks.js';

/** The first byte of what is sealed: version, 12 bytes of nonce, 16 of tag, ciphertext. */
const VERSION = 1;
const ALGORITHM = 'aes-256-gcm';
const NONCE_AT = 1;
const TAG_AT = 13;
const TEXT_AT = 29;

/**
 * Secrets as the store keeps them: sealed with the operator's key and bound to their endpoint, so that a row that is
 * copied to another endpoint opens for nobody. Without a key everything throws `NoSecretKey`.
 */
export class SecretBox {
  readonly #key: Buffer | undefined;

  /** `key`: 32 bytes. */
  constructor(key: Buffer | undefined) {
    this.#key = key;
  }

  seal(secret: string, endpointId: string): Buffer {
    const nonce = randomBytes(TAG_AT - NONCE_AT);
    const cipher = createCipheriv(ALGORITHM, this.#present(), nonce).setAAD(Buffer.from(endpointId));
    const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), text]);
  }

  /** Throws `NoSecretKey` too where it was sealed with another key, or for another endpoint. */
  open(sealed: Buffer, endpointId: string): string {
    const key = this.#present();
    if (sealed[0] !== VERSION || sealed.length < TEXT_AT) throw otherKey(endpointId);
    const cipher = createDecipheriv(ALGORITHM, key, sealed.subarray(NONCE_AT, TAG_AT))
      .setAAD(Buffer.from(endpointId))
      .setAuthTag(sealed.subarray(TAG_AT, TEXT_AT));
    const text = cipher.update(sealed.subarray(TEXT_AT));
    try {
      return Buffer.concat([text, cipher.final()]).toString('utf8');
    } catch {
      throw otherKey(endpointId);
    }
  }

  #present(): Buffer {
    if (this.#key) return this.#key;
    throw new NoSecretKey(
      'The signing secret of an endpoint is kept encrypted, and there is no SLIPWAY_SECRET_KEY: set it to 32 bytes in base64 (`openssl rand -base64 32`), the same for every process.',
    );
  }
}

const otherKey = (endpointId: string): NoSecretKey =>
  new NoSecretKey(
    `The signing secret of ${endpointId} was encrypted with another SLIPWAY_SECRET_KEY than the one given: give Slipway that one again, or rotate the secret of the endpoint.`,
  );
