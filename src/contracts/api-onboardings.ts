import { z } from 'zod';
import { HEALTHS } from '../domain/onboarding/health.js';
import type { EscalationView, OnboardingView } from '../domain/onboarding/present.js';
import { RULE_NAMES } from '../domain/policy/policy.js';
import { EscalationSchema } from './api-escalations.js';
import {
  by,
  choice,
  civilDate,
  count,
  flag,
  type Frozen,
  instant,
  listOf,
  mode,
  named,
  note,
  page,
  rows,
} from './api-schema.js';

export { HEALTHS };

export const OnboardingSchema = named(
  'Onboarding',
  z.object({
    id: z.string(),
    org: z.string().nullable(),
    workspace: z.string(),
    mode,
    customer_id: z.string().nullable(),
    name: z.string().nullable(),
    phase: z.string().nullable(),
    state: z.enum(['running', 'held', 'launched', 'completed']),
    hold: z.enum(['paused', 'waiting', 'blocked', 'customer']).nullable(),
    health: z.enum(HEALTHS),
    at_risk: z.boolean(),
    phase_entered_at: instant.nullable(),
    phase_entered_at_least: z.boolean().describe('No event showed the entry: this is the first sight of it.'),
    target: z.object({
      first: civilDate.nullable(),
      latest: civilDate.nullable(),
      shifts: z.array(z.object({ from: civilDate.nullable(), to: civilDate.nullable(), at: instant })),
    }),
    created_at: instant.nullable(),
    launched_at: instant.nullable(),
    completed_at: instant.nullable(),
    last_activity_at: instant.nullable(),
    owner: z.string().nullable(),
    escalations: z.array(EscalationSchema),
    stalled_ms: z.number().min(0),
    next_wake_at: instant.nullable(),
    next_wake_reason: z.string().nullable(),
    events: z.object({ applied: count, duplicates: count, late: count }),
    closed: z.boolean(),
    workflow_id: z.string(),
    temporal_url: z.string().nullable(),
  }),
);
export const OnboardingListSchema = listOf('OnboardingList', OnboardingSchema);

type Agrees<A, B extends A> = [B] extends [A] ? ([A] extends [B] ? true : never) : never;
/** Does not compile, or is `never`, when a view of the core and its schema here drift apart. */
export const viewsAgree: readonly [
  Agrees<OnboardingView, Frozen<z.infer<typeof OnboardingSchema>>>,
  Agrees<EscalationView, Frozen<z.infer<typeof EscalationSchema>>>,
] = [true, true];

export const ONBOARDING_SORTS = [
  ...(['id', 'name', 'health', 'phase', 'phase_entered_at', 'target', 'next_wake_at', 'updated'] as const),
  ...(['-id', '-name', '-health', '-phase', '-phase_entered_at', '-target', '-next_wake_at', '-updated'] as const),
] as const;
export const OnboardingsQuery = z.strictObject({
  health: z.enum(HEALTHS).exactOptional(),
  phase: z.string().min(1).max(200).exactOptional(),
  state: OnboardingSchema.shape.state.exactOptional(),
  owner: z.string().min(1).max(320).exactOptional().describe('Person id, or the e-mail or user id of the record.'),
  escalated: flag.exactOptional().describe('Only those with, or without, an escalation that is not resolved.'),
  closed: flag.exactOptional().describe('Only those that are closed, or still open; both where unset.'),
  customer_id: z.string().min(1).max(1000).exactOptional(),
  workspace: choice.workspace.describe('Of this workspace.'),
  mode: choice.mode.describe('Of this mode.'),
  q: z.string().min(1).max(200).exactOptional().describe('Part of the name, the id or the customer id.'),
  sort: z
    .enum(ONBOARDING_SORTS)
    .exactOptional()
    .describe('Descending with `-`; by id where unset. `health`: who needs a person most.'),
  ...page,
});

export const HoldBody = named(
  'Hold',
  z.strictObject({ by, state: z.enum(['waiting', 'blocked', 'paused']), until: instant.exactOptional(), reason: note }),
);
export const ReleaseBody = named('Release', z.strictObject({ by }));
export const CloseBody = named('Close', z.strictObject({ by, reason: note }));

export const TimelineEntrySchema = named(
  'TimelineEntry',
  z.object({
    at: instant,
    kind: z.enum(['event', 'decision']),
    what: z.string().describe("The event's type, or the kind of the decision."),
    text: z.string(),
    event_id: z.string().nullable(),
    seq: z.string().describe('Of the archive for an event, of the decision log for a decision.'),
    applied_at: instant
      .nullable()
      .describe('When the workflow took the event in; null where it has not, or is a decision.'),
    escalation_id: z.string().nullable(),
    by: z.string().nullable().describe('Who acted, where a person did.'),
  }),
);
export const TimelineSchema = listOf('Timeline', TimelineEntrySchema);
export const TimelineQuery = z.strictObject({ ...choice, ...page, limit: rows(1000, 200) });

export const WhySchema = named(
  'Why',
  z.object({
    at: instant,
    lines: z.array(
      z.object({
        about: z
          .enum([...RULE_NAMES, 'hold', 'life'])
          .describe('A line for each rule, for each `hold` in force, and of its `life` once it has ended.'),
        fires: z.boolean(),
        text: z.string(),
        due_at: instant.nullable().describe('When it will hold if nothing changes.'),
      }),
    ),
    wake: z
      .object({ at: instant, label: z.string() })
      .nullable()
      .describe('The next instant at which anything could change.'),
  }),
);
export const WhyQuery = z.strictObject({ ...choice, at: instant.exactOptional().describe('Unset: now.') });

export type Onboarding = z.infer<typeof OnboardingSchema>;
export type OnboardingList = z.infer<typeof OnboardingListSchema>;
export type TimelineEntry = z.infer<typeof TimelineEntrySchema>;
export type Timeline = z.infer<typeof TimelineSchema>;
export type Why = z.infer<typeof WhySchema>;
