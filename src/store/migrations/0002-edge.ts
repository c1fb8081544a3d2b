import { type Kysely, sql } from 'kysely';

/**
 * `servers` holds the leases: one row a server, on the database's own clock, so that a server's unsignalled rows need
 * no writing to stay its own. `heard` holds the spans in which an edge listener was up, on the clock of the servers.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table servers (
      server_id text primary key,
      started_at timestamptz not null default clock_timestamp(),
      last_seen_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`
    create table heard (
      id bigint generated always as identity primary key,
      server_id text not null,
      from_real_ms bigint not null,
      last_real_ms bigint not null
    )`.execute(db);
  await sql`create index heard_last on heard (last_real_ms)`.execute(db);
  await sql`
    create table rejections (
      seq bigint generated always as identity primary key,
      source text not null,
      reason text not null,
      message text not null,
      at_real_ms bigint not null,
      delivery_id text,
      remote text,
      bytes bigint not null
    )`.execute(db);
}
