import { type Kysely, sql } from 'kysely';

/** Published policies by content, and in which order they were in force; `meta` is for what a store knows of itself. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table policies (
      hash text primary key,
      source text not null,
      policy json not null,
      stored_real_ms bigint not null
    )`.execute(db);
  await sql`
    create table publications (
      seq bigint generated always as identity primary key,
      hash text not null references policies (hash),
      published_real_ms bigint not null
    )`.execute(db);
  await sql`create table meta (key text primary key, value json not null)`.execute(db);
}
