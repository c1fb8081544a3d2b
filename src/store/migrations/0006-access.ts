import { type Kysely, sql } from 'kysely';

/**
 * `api_tokens` never holds a token, only its digest. `audit` is append-only: the database itself refuses a change of a
 * line, and lets go of lines only for a session that says so (`set local slipway.audit_retention = 'on'`), as retention
 * does. `changes` holds what is being changed just now and, for a day, what a repeat of the request is answered with.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table api_tokens (
      id text primary key,
      name text not null,
      role text not null,
      digest bytea not null unique,
      created_real_ms bigint not null,
      created_by text not null,
      expires_real_ms bigint,
      revoked_real_ms bigint,
      last_used_real_ms bigint
    )`.execute(db);
  await sql`create unique index api_tokens_name on api_tokens (name) where revoked_real_ms is null`.execute(db);
  await sql`
    create table audit (
      seq bigint generated always as identity primary key,
      at_real_ms bigint not null,
      actor text not null,
      action text not null,
      subject text not null,
      before json,
      after json,
      reason text,
      decision bytea unique
    )`.execute(db);
  await sql`create index audit_of_subject on audit (subject, seq)`.execute(db);
  await sql`create index audit_of_people on audit (actor, seq) where actor <> 'slipway'`.execute(db);
  // Lines come about in order of time, so block ranges find an instant in a long log.
  await sql`create index audit_at on audit using brin (at_real_ms)`.execute(db);
  await sql`
    create function keep_audit() returns trigger language plpgsql as $$
    begin
      if tg_op <> 'UPDATE' and current_setting('slipway.audit_retention', true) = 'on' then
        return old;
      end if;
      raise exception 'the audit log is append-only: % is refused', lower(tg_op);
    end $$`.execute(db);
  await sql`
    create trigger audit_is_kept before update or delete on audit
    for each row execute function keep_audit()`.execute(db);
  await sql`
    create trigger audit_is_kept_whole before truncate on audit
    for each statement execute function keep_audit()`.execute(db);
  await sql`
    create table changes (
      id bytea primary key,
      body_sha256 bytea,
      server_id text not null,
      begun_at timestamptz not null default clock_timestamp(),
      actor text not null,
      action text not null,
      subject text not null,
      done boolean not null default false,
      answer json
    )`.execute(db);
  await sql`create index changes_begun on changes (begun_at)`.execute(db);
}
