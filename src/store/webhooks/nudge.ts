import { type Kysely, sql } from 'kysely';
import type { EndpointKey } from '../../contracts/webhooks.js';
import type { Tables } from '../tables.js';

/** Told to the turns that listen: a delivery was queued for the endpoint of that id. */
export const QUEUED_CHANNEL = 'slipway_deliveries';

/**
 * Within the transaction that gave an endpoint something to do, before its commit: a turn that listens looks at once, and
 * where the wake that follows is lost, the sweep of any server finds it wanted. The endpoint is woken whether it sleeps
 * or not, so nothing here depends on what a turn that is just going to sleep has seen: the wake outlives it.
 */
export async function nudge(trx: Kysely<Tables>, { id }: Pick<EndpointKey, 'id'>, nowReal: number): Promise<void> {
  await sql`update endpoints set wake_wanted_real_ms = ${nowReal} where id = ${id}`.execute(trx);
  await sql`select pg_notify(${QUEUED_CHANNEL}, ${id})`.execute(trx);
}
