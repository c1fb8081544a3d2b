import { type Kysely, sql } from 'kysely';

/** The record of sends: one row a key, written before the call and again after it. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table sends (
      key text primary key,
      workflow_id text not null,
      escalation_id text not null,
      kind text not null,
      channel text not null,
      recipient_id text not null,
      level integer not null,
      intended_real_ms bigint not null,
      concluded_real_ms bigint,
      outcome text,
      provider_id text,
      error text,
      tries integer not null default 0
    )`.execute(db);
}
