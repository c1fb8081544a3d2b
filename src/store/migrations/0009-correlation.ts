import { type Kysely, sql } from 'kysely';

/** The delivery that a send answers to: the newest one of its onboarding when it was intended. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`alter table sends add column correlation text`.execute(db);
}
