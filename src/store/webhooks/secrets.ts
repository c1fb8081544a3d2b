import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { NoSecretKey } from '../../contracts/webhooks.js';
import { DAY_MS } from '../../domain/time/duration.js';
import type { Tables } from '../tables.js';
import type { SecretBox } from './secret-box.js';

/** As Svix makes them, and as its libraries read them. */
const SECRET_BYTES = 24;
/** Virtual: how long a former secret signs beside the one that took its place. */
const OVERLAP_MS = DAY_MS;

/** A new signing secret, `whsec_…`. */
export const newSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

/** The signing secrets of endpoints. The one without an end signs first. */
export class EndpointSecrets {
  readonly #db: Kysely<Tables>;
  readonly #box: SecretBox;

  constructor(db: Kysely<Tables>, box: SecretBox) {
    this.#db = db;
    this.#box = box;
  }

  /**
   * Those that sign at `at` (virtual), the newest first; none where the endpoint is gone. A former one that opens no more
   * is left out, so that a lost key is mended by a rotation. Throws `NoSecretKey` where the newest one does not open.
   */
  async of(endpointId: string, at: number): Promise<readonly string[]> {
    const rows = await this.#db
      .selectFrom('endpoint_secrets')
      .select(['sealed', 'expires_ms'])
      .where('endpoint_id', '=', endpointId)
      .where((is) => is.or([is('expires_ms', 'is', null), is('expires_ms', '>', at)]))
      .orderBy('seq', 'desc')
      .execute();
    return rows.flatMap(({ sealed, expires_ms }) => {
      try {
        return [this.#box.open(sealed, endpointId)];
      } catch (error) {
        if (expires_ms !== null && error instanceof NoSecretKey) return [];
        throw error;
      }
    });
  }

  /** Seals first: where there is no key, nothing is written. */
  sealed(endpointId: string, secret = newSecret()): { readonly endpoint_id: string; readonly sealed: Buffer } {
    return { endpoint_id: endpointId, sealed: this.#box.seal(secret, endpointId) };
  }

  /** Within a transaction that holds the endpoint's row: two at a time would leave two that have no end. */
  async rotate(trx: Kysely<Tables>, endpointId: string, at: number, secret?: string): Promise<void> {
    const next = this.sealed(endpointId, secret);
    await trx
      .deleteFrom('endpoint_secrets')
      .where('endpoint_id', '=', endpointId)
      .where('expires_ms', '<=', at)
      .execute();
    await trx
      .updateTable('endpoint_secrets')
      .set({ expires_ms: at + OVERLAP_MS })
      .where('endpoint_id', '=', endpointId)
      .where('expires_ms', 'is', null)
      .execute();
    await trx.insertInto('endpoint_secrets').values(next).execute();
  }
}
