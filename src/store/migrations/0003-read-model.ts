import { type Kysely, sql } from 'kysely';

/** What workflows project. It can be emptied and rebuilt: nothing is decided from it. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table onboardings (
      workspace text not null,
      mode text not null,
      id text not null,
      workflow_id text not null,
      revision bigint not null,
      name text,
      customer_id text,
      phase text,
      state text not null,
      health text not null,
      owner text,
      escalated boolean not null,
      at_risk boolean not null,
      closed boolean not null,
      target_latest text,
      phase_entered_virtual_ms bigint,
      next_wake_virtual_ms bigint,
      view json not null,
      final json,
      projected_real_ms bigint not null,
      primary key (id, workspace, mode)
    )`.execute(db);
  await sql`create index onboardings_open on onboardings (workflow_id collate "C") where not closed`.execute(db);
  await sql`create index onboardings_of_customer on onboardings (customer_id) where customer_id is not null`.execute(
    db,
  );
  await sql`
    create table escalations (
      id text primary key,
      workspace text not null,
      mode text not null,
      onboarding_id text not null,
      rule text not null,
      severity text not null,
      status text not null,
      level integer not null,
      opened_virtual_ms bigint not null,
      view json not null
    )`.execute(db);
  await sql`create index escalations_newest on escalations (opened_virtual_ms, id)`.execute(db);
  await sql`create index escalations_of_onboarding on escalations (onboarding_id)`.execute(db);
  await sql`
    create table decision_log (
      workspace text not null,
      mode text not null,
      onboarding_id text not null,
      seq bigint not null,
      entry json not null,
      primary key (onboarding_id, workspace, mode, seq)
    )`.execute(db);
}
