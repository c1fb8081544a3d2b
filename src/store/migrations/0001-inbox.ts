import { type Kysely, sql } from 'kysely';

/**
 * `inbox` is the archive: written once, never updated but for its count of repeats. `dispatch` says what became of each
 * routed row. `event_id` leads the unique index because events are also looked up by it.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table inbox (
      seq bigint generated always as identity primary key,
      source text not null,
      event_id text not null,
      body_sha256 bytea not null,
      delivery_id text not null,
      type text,
      org text,
      secret text not null,
      received_real_ms bigint not null,
      received_virtual_ms bigint not null,
      occurred_virtual_ms bigint,
      workflow_id text,
      quarantined text,
      duplicates integer not null default 0,
      route json,
      headers json not null,
      body bytea not null
    )`.execute(db);
  await sql`create unique index inbox_once on inbox (event_id, source, body_sha256)`.execute(db);
  await sql`create index inbox_of_workflow on inbox (workflow_id, seq) where workflow_id is not null`.execute(db);
  await sql`create index inbox_unrouted on inbox (seq) where workflow_id is null`.execute(db);
  // What the gate looks for: events that had happened over an hour before they arrived.
  await sql`
    create index inbox_arrived_old on inbox (source, received_virtual_ms)
    where received_virtual_ms - occurred_virtual_ms > 3600000`.execute(db);
  await sql`
    create table dispatch (
      seq bigint primary key,
      state text not null,
      server_id text,
      settled_real_ms bigint
    )`.execute(db);
  await sql`create index dispatch_pending on dispatch (seq) where state = 'pending'`.execute(db);
  await sql`create index dispatch_late on dispatch (seq) where state = 'late'`.execute(db);
  // Rows are settled about in order, so block ranges find the last ten minutes of a long archive.
  await sql`create index dispatch_settled on dispatch using brin (settled_real_ms)`.execute(db);
  await sql`
    create table source_orgs (
      source text not null,
      org text not null,
      first_seen_real_ms bigint not null,
      primary key (source, org)
    )`.execute(db);
}
