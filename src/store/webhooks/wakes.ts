import { type Kysely, sql } from 'kysely';
import type { WakesWanted } from '../../contracts/delivery.js';
import type { EndpointKey } from '../../contracts/webhooks.js';
import type { Tables } from '../tables.js';
import { reaching } from '../unavailable.js';

/** So many at once; the longest waiting first, so that the next sweep finds the others. */
const PAGE = 1_000;

/** Virtual: what is due for so long is nobody's, unless its receiver is slow, and then a wake too many does no harm. */
const FORGOTTEN_MS = 60_000;

/**
 * Besides those whose sleep was ended: endpoints for which something is long due. The Temporal server may have lost their
 * workflows (a new one, or the embedded one after the machine went down), and nothing else would ever begin them again.
 */
export function wakesWanted(db: Kysely<Tables>, virtualNow: () => number): WakesWanted {
  return {
    wanted: (before) =>
      reaching(async () => {
        const dueBefore = virtualNow() - FORGOTTEN_MS;
        // Lane by lane, as the index has them.
        const isLongDue = (lane: 0 | 1) => sql`exists (
          select from deliveries d where d.endpoint_id = endpoints.id and d.state = 'pending'
            and d.lane = ${sql.lit(lane)} and d.next_ms < ${dueBefore})`;
        const { rows } = await sql<EndpointKey>`
          select application_id as application, id from endpoints
          where wake_wanted_real_ms < ${before} or disabled is null and (${isLongDue(0)} or ${isLongDue(1)})
          order by wake_wanted_real_ms, seq limit ${PAGE}`.execute(db);
        return rows;
      }),
  };
}
