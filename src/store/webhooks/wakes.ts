import { type Kysely, sql } from 'kysely';
import type { WakesWanted } from '../../contracts/delivery.js';
import type { EndpointKey } from '../../contracts/webhooks.js';
import type { Tables } from '../tables.js';
import { reaching } from '../unavailable.js';

/** So many at once; the longest waiting first, so that the next sweep finds the others. */
const PAGE = 1_000;

export function wakesWanted(db: Kysely<Tables>): WakesWanted {
  return {
    wanted: (before) =>
      reaching(async () => {
        const { rows } = await sql<EndpointKey>`
          select application_id as application, id from endpoints
          where wake_wanted_real_ms < ${before} order by wake_wanted_real_ms, seq limit ${PAGE}`.execute(db);
        return rows;
      }),
  };
}
