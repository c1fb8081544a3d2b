import { type Kysely, sql } from 'kysely';

/** When what a message says goes, for those whose maker wants it gone before the message; and a field of Svix's endpoints. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`alter table messages add column payload_until_ms bigint`.execute(db);
  await sql`create index messages_expiring on messages (payload_until_ms) where payload_until_ms is not null and not erased`.execute(
    db,
  );
  await sql`alter table endpoints add column given_version int not null default 1`.execute(db);
}
