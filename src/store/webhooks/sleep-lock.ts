import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.js';

/**
 * The class of the advisory locks that keep an endpoint from falling asleep past a message. Whoever writes messages of an
 * application holds its number shared until the commit, and looks at `asleep` in a statement after the lock; who puts an
 * endpoint to sleep holds it alone, and looks at the queue in a statement after the lock. So one of them sees the other.
 * The lock comes before the row of any endpoint, or two of them would wait for each other.
 */
export const SLEEP_LOCKS = 20_017;

/**
 * Takes the locks of a writer, in the order of their numbers: crosswise, two writers would wait for each other behind two
 * endpoints that are about to sleep. `$1`: ids or uids; answers the applications of those that there are.
 */
export const LOCK_SHARED = `
  select a.id, a.uid, pg_advisory_xact_lock_shared(${SLEEP_LOCKS}, a.seq::int) is null as locked
  from (select seq, id, uid from applications where id = any($1::text[]) or uid = any($1::text[]) order by seq offset 0) a`;

/** Of whoever puts an endpoint to sleep; until the end of the transaction. */
export async function lockAlone(trx: Kysely<Tables>, application: string): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(${sql.lit(SLEEP_LOCKS)}, seq::int) from applications where id = ${application}`.execute(
    trx,
  );
}
