import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.js';
import { reaching } from './unavailable.js';

/** So far back is looked: a source that has not spoken among so many events is as good as one that never did. */
const AMONG_ROWS = 20_000;

/** When the newest event of each source was received, real epoch ms. */
export function newestBySource(db: Kysely<Tables>): Promise<readonly { source: string; receivedAt: number }[]> {
  return reaching(async () => {
    const { rows } = await sql<{ source: string; at: number }>`
      select source, max(received_real_ms) as at
      from (select source, received_real_ms from inbox order by seq desc limit ${AMONG_ROWS}) as newest
      group by source`.execute(db);
    return rows.map(({ source, at }) => ({ source, receivedAt: at }));
  });
}
