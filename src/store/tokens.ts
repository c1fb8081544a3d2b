import { createHash, randomBytes } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import pg from 'pg';
import { type Role, TokenNameTaken, type TokenRecord, type TokenStore } from '../contracts/access.js';
import { MINUTE_MS } from '../domain/time/duration.js';
import { storable } from './column-values.js';
import type { Tables } from './tables.js';
import { reaching } from './unavailable.js';

/** Known in logs and by secret scanners; 32 random bytes follow, more than can ever be guessed. */
const PREFIX = 'slp_';
const TOKEN_BYTES = 32;
const UNIQUE_VIOLATION = '23505';

type Row = Selectable<Tables['api_tokens']>;

/** Named tokens. Of a token only its digest is kept, without salt: what is random in full cannot be looked up in a list. */
export class StoredTokens implements TokenStore {
  readonly #db: Kysely<Tables>;
  readonly #now: () => number;

  constructor(db: Kysely<Tables>, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  create(wanted: {
    readonly name: string;
    readonly role: Role;
    readonly expiresAt: number | null;
    readonly createdBy: string;
  }): Promise<{ readonly token: string; readonly record: TokenRecord }> {
    const token = PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
    return reaching(async () => {
      const row = await this.#db
        .insertInto('api_tokens')
        .values({
          id: `tok_${randomBytes(9).toString('base64url')}`,
          name: storable(wanted.name),
          role: wanted.role,
          digest: digest(token),
          created_real_ms: this.#now(),
          created_by: storable(wanted.createdBy),
          expires_real_ms: wanted.expiresAt,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
        .catch((error: unknown) => {
          throw nameTaken(error, wanted.name);
        });
      return { token, record: shown(row) };
    });
  }

  /** Oldest first, with those that are revoked or expired. */
  list(): Promise<readonly TokenRecord[]> {
    return reaching(async () => {
      const rows = await this.#db
        .selectFrom('api_tokens')
        .selectAll()
        .orderBy('created_real_ms')
        .orderBy('id')
        .execute();
      return rows.map(shown);
    });
  }

  /** Of several tokens of one name at most one is not revoked, and that one is meant. */
  revoke(ref: string): Promise<TokenRecord | undefined> {
    return reaching(async () => {
      const known = await this.#find(storable(ref));
      if (!known || known.revoked_real_ms !== null) return known && shown(known);
      const row = await this.#db
        .updateTable('api_tokens')
        .set({ revoked_real_ms: this.#now() })
        .where('id', '=', known.id)
        .where('revoked_real_ms', 'is', null)
        .returningAll()
        .executeTakeFirst();
      return row ? shown(row) : this.revoke(known.id);
    });
  }

  authenticate(token: string): Promise<TokenRecord | undefined> {
    if (!token.startsWith(PREFIX)) return Promise.resolve(undefined);
    return reaching(async () => {
      const now = this.#now();
      const row = await this.#db
        .selectFrom('api_tokens')
        .selectAll()
        .where('digest', '=', digest(token))
        .where('revoked_real_ms', 'is', null)
        .where((is) => is.or([is('expires_real_ms', 'is', null), is('expires_real_ms', '>', now)]))
        .executeTakeFirst();
      if (!row) return undefined;
      if (now - (row.last_used_real_ms ?? 0) < MINUTE_MS) return shown(row);
      await this.#db.updateTable('api_tokens').set({ last_used_real_ms: now }).where('id', '=', row.id).execute();
      return shown({ ...row, last_used_real_ms: now });
    });
  }

  #find(ref: string): Promise<Row | undefined> {
    return this.#db
      .selectFrom('api_tokens')
      .selectAll()
      .where((is) => is.or([is('id', '=', ref), is('name', '=', ref)]))
      .orderBy('revoked_real_ms', (order) => order.desc().nullsFirst())
      .limit(1)
      .executeTakeFirst();
  }
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

function nameTaken(error: unknown, name: string): unknown {
  const isTaken =
    error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION && error.constraint === 'api_tokens_name';
  return isTaken ? new TokenNameTaken(`There is a token ${JSON.stringify(name)} already that is not revoked.`) : error;
}

const shown = (row: Row): TokenRecord => ({
  id: row.id,
  name: row.name,
  role: row.role,
  createdAt: row.created_real_ms,
  createdBy: row.created_by,
  expiresAt: row.expires_real_ms,
  revokedAt: row.revoked_real_ms,
  lastUsedAt: row.last_used_real_ms,
});
