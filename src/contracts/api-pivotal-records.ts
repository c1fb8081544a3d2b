import { z } from 'zod';

/**
 * The four records of Pivotal, as its pages show them. They pass through Slipway letter by letter: every field may be
 * missing or null, others may be there, and what is an address on one page is an object on another.
 */
const said = <S extends z.ZodType>(schema: S) => schema.nullish();
const id = said(z.union([z.string(), z.number()]));
const display = said(z.union([z.number(), z.string()])).describe('A number for people.');
const text = said(z.string());
const email = z.unknown().optional().describe('An e-mail address; some pages show an object that holds one.');

export const PivotalCustomer = z.looseObject({
  id: id.describe('Of the customer; an opaque text.'),
  display_id: display,
  name: text,
  status: text.describe('`active`, `at_risk`, `churned`, `archived`, or a word of the workspace.'),
  health_score: said(z.number()).describe('0 to 100.'),
  previous_health_score: said(z.number()).describe('With a drop: the score before it.'),
  at_risk: said(z.boolean()),
  churned: said(z.boolean()),
  owner_email: email,
});

export const PivotalContact = z.looseObject({
  id: id.describe('Of the contact.'),
  customer_id: id,
  display_id: display,
  name: text,
  email,
  title: text,
  is_primary: said(z.boolean()),
});

export const PivotalOnboarding = z.looseObject({
  id: id.describe('Of the onboarding.'),
  customer_id: id,
  display_id: display,
  name: text,
  phase: text.describe('A name of the workspace: any text.'),
  state: text.describe('`active`, `paused`, `blocked`, `completed`, or another word.'),
  target_launch_date: said(z.string()).describe('A civil date, or a date-time; null where there is no target.'),
  owner_email: email,
});

export const PivotalTask = z.looseObject({
  id: id.describe('Of the task.'),
  onboarding_id: id,
  customer_id: id,
  display_id: display,
  title: text,
  completed_at: text,
  completed_by: text.describe('Who completed it, tagged: `portal:con_…`, or `system`.'),
  assignee_email: email,
});
