import { type Kysely, sql } from 'kysely';

/**
 * Outgoing webhooks: who subscribes, what there is to tell, to whom each message still has to go, and the log of every
 * call. `deliveries` is the queue and is read by what is pending alone; `messages` and `attempts` only grow, until
 * retention. The two applications that always are lie in their table from the start.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table applications (
      seq bigint generated always as identity primary key,
      id text not null unique,
      uid text unique,
      name text not null,
      rate_limit int,
      metadata json not null,
      created_ms bigint not null,
      updated_ms bigint not null
    )`.execute(db);
  await sql`
    create table event_types (
      seq bigint generated always as identity primary key,
      name text not null unique,
      description text not null,
      schemas json,
      group_name text,
      archived boolean not null,
      deprecated boolean not null,
      own boolean not null,
      created_ms bigint not null,
      updated_ms bigint not null
    )`.execute(db);
  await sql`
    create table endpoints (
      seq bigint generated always as identity primary key,
      id text not null unique,
      application_id text not null references applications (id),
      uid text,
      url text not null,
      description text not null,
      filter_types text[],
      channels text[],
      rate_limit int,
      ordered boolean not null,
      headers json not null,
      metadata json not null,
      disabled text,
      failures int not null default 0,
      version int not null default 1,
      turn bigint not null default 0,
      asleep boolean not null default true,
      wake_wanted_real_ms bigint,
      created_ms bigint not null,
      updated_ms bigint not null,
      unique (application_id, uid)
    ) with (fillfactor = 70)`.execute(db);
  await sql`create index endpoints_wanted on endpoints (wake_wanted_real_ms) where wake_wanted_real_ms is not null`.execute(
    db,
  );
  await sql`
    create table endpoint_secrets (
      seq bigint generated always as identity primary key,
      endpoint_id text not null references endpoints (id) on delete cascade,
      sealed bytea not null,
      expires_ms bigint
    )`.execute(db);
  await sql`create index endpoint_secrets_of on endpoint_secrets (endpoint_id, seq)`.execute(db);
  await sql`
    create table messages (
      seq bigint generated always as identity primary key,
      id text not null unique,
      application_id text not null,
      event_type text not null,
      event_id text,
      idempotency_key text,
      channels text[],
      tags text[],
      payload text not null,
      order_key text,
      only_to text,
      erased boolean not null default false,
      created_ms bigint not null,
      created_real_ms bigint not null
    )`.execute(db);
  await sql`create index messages_listed on messages (application_id, seq)`.execute(db);
  await sql`create unique index messages_event_id on messages (application_id, event_id) where event_id is not null`.execute(
    db,
  );
  await sql`create unique index messages_idempotency on messages (application_id, idempotency_key) where idempotency_key is not null`.execute(
    db,
  );
  // Spans of time are asked for by operators and retention alone: what costs a writer nothing is enough for them.
  await sql`create index messages_created on messages using brin (created_ms) with (autosummarize = on)`.execute(db);
  // Rows are written over once or twice: room for that on their own page keeps the indexes out of it. What is pending has a
  // next try and nothing else has one, so each of the two says it: the planner, whose statistics are older than any
  // backlog, can then take no index for the other, and a page of the queue is never all of it sorted.
  await sql`
    create table deliveries (
      endpoint_id text not null,
      message_seq bigint not null,
      order_key text,
      state text not null,
      lane smallint not null default 0,
      manual boolean not null default false,
      tries int not null default 0,
      first_ms bigint,
      next_ms bigint,
      ended_as text,
      revision int not null default 0,
      primary key (endpoint_id, message_seq),
      check ((state = 'pending') = (next_ms is not null))
    ) with (fillfactor = 60)`.execute(db);
  await sql`create index deliveries_due on deliveries (endpoint_id, lane, next_ms, message_seq) where next_ms is not null`.execute(
    db,
  );
  await sql`create index deliveries_line on deliveries (endpoint_id, order_key, message_seq) where state = 'pending' and order_key is not null`.execute(
    db,
  );
  await sql`create index deliveries_of_message on deliveries (message_seq)`.execute(db);
  await sql`
    create table attempts (
      seq bigint generated always as identity primary key,
      id text not null,
      message_seq bigint not null,
      endpoint_id text not null,
      at_ms bigint not null,
      at_real_ms bigint not null,
      manual boolean not null,
      succeeded boolean not null,
      url text not null,
      status int not null,
      response text not null,
      request_headers json not null,
      response_headers json not null,
      ms int not null,
      address text,
      next_ms bigint
    )`.execute(db);
  await sql`create index attempts_of_message on attempts (message_seq, seq)`.execute(db);
  await sql`create index attempts_of_endpoint on attempts (endpoint_id, seq)`.execute(db);
  await sql`
    insert into applications (id, uid, name, metadata, created_ms, updated_ms) values
      ('app_slipway', 'slipway', 'Slipway', '{}', 0, 0),
      ('app_slipway_test', 'slipway-test', 'Slipway, test mode', '{}', 0, 0)`.execute(db);
}
