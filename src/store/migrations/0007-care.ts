import { type Kysely, sql } from 'kysely';

/**
 * `closed_virtual_ms` is what retention counts from; of what closed before there was one, the last projection is taken.
 * `erasures` names the person only while that is needed to find what is theirs (`words`).
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`alter table onboardings add column closed_virtual_ms bigint`.execute(db);
  await sql`
    create table erasures (
      seq bigint generated always as identity primary key,
      id text not null unique,
      kind text not null,
      customer_id text,
      contact_id text,
      words json,
      state text not null,
      asked_by text not null,
      reason text not null,
      asked_real_ms bigint not null,
      done_real_ms bigint,
      erased json not null,
      workflows json not null
    )`.execute(db);
  await sql`create index erasures_unfinished on erasures (seq) where state <> 'done'`.execute(db);
}
