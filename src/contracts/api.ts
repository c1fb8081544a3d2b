import { z } from 'zod';
import { HEALTHS } from '../domain/onboarding/health.js';
import type { EscalationView, OnboardingView } from '../domain/onboarding/present.js';
import { RULE_NAMES } from '../domain/policy/policy.js';

export { HEALTHS, RULE_NAMES };

/**
 * Every request and response of the console API, once: requests are validated with these schemas, the OpenAPI document
 * is generated from them, and the command line reads answers through them. snake_case, ISO 8601 UTC. Instants are on
 * the virtual clock but for `received_at`, `rejected_at` and `published_at`, which are on the wall's.
 *
 * Request bodies are strict: a misspelled field is refused by name, never ignored.
 */

/** Schemas with a name of their own in the OpenAPI document. */
export const apiSchemas = z.registry<{ id: string }>();

const named = <S extends z.ZodType>(id: string, schema: S): S => {
  apiSchemas.add(schema, { id });
  return schema;
};

const instant = z.iso.datetime();
const civilDate = z.iso.date();
const count = z.int().min(0);
const mode = z.enum(['live', 'test']);

/** `{data, next_cursor}`: pass `next_cursor` back as `cursor` for the next page; null at the end. */
const listOf = <S extends z.ZodType>(id: string, item: S) =>
  named(id, z.object({ data: z.array(item), next_cursor: z.string().nullable() }));

const rows = (most: number, unset: number) =>
  z.coerce.number().int().min(1).max(most).default(unset).describe('Rows a page.');
const page = {
  limit: rows(200, 50),
  cursor: z.string().min(1).max(1000).exactOptional().describe('`next_cursor` of the page before.'),
};
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Where several workspaces or modes hold one id, the live one of the first workspace answers; these choose. */
const choice = {
  workspace: z.string().min(1).max(200).exactOptional().describe('Which workspace, where several hold this id.'),
  mode: mode.exactOptional().describe('Which mode, where both hold this id; live first.'),
};
export const ChoiceQuery = z.strictObject(choice);

export const SendSchema = named(
  'Send',
  z.object({
    key: z.string().describe('The idempotency key of the send.'),
    channel: z.string(),
    recipient: z.string(),
    kind: z.enum(['notified', 'acknowledged', 'snoozed', 'resolved']),
    level: count,
    fallback: z.boolean(),
    at: instant.nullable().describe('When it reached its recipient.'),
    due_at: instant,
    status: z.enum(['waiting', 'calling', 'sent', 'failed', 'withdrawn']),
    tries: count,
    error: z.string().nullable(),
    provider_id: z.string().nullable(),
  }),
);

export const EscalationSchema = named(
  'Escalation',
  z.object({
    id: z.string(),
    onboarding_id: z.string(),
    rule: z.enum(RULE_NAMES),
    severity: z.enum(['normal', 'high']),
    status: z.enum(['open', 'acknowledged', 'snoozed', 'resolved']),
    level: count,
    opened_at: instant.describe('The instant of the decision.'),
    reason: z.string(),
    evidence: z.array(z.string()),
    acknowledged: z.object({ by: z.string(), at: instant, expires_at: instant }).nullable(),
    snoozed_until: instant.nullable(),
    resolved: z.object({ by: z.string().nullable(), at: instant, reason: z.string() }).nullable(),
    assigned_to: z.string().nullable(),
    notes: z.array(z.object({ by: z.string(), at: instant, text: z.string() })),
    sends: z.array(SendSchema),
  }),
);
export const EscalationListSchema = listOf('EscalationList', EscalationSchema);

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

/** Deep `readonly`: what a handler may answer with is a view that nobody may change. */
export type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;
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
  customer_id: z.string().min(1).max(1000).exactOptional(),
  ...choice,
  q: z.string().min(1).max(200).exactOptional().describe('Part of the name, the id or the customer id.'),
  sort: z
    .enum(ONBOARDING_SORTS)
    .exactOptional()
    .describe('Descending with `-`; by id where unset. `health`: who needs a person most.'),
  ...page,
});

export const EscalationsQuery = z.strictObject({
  status: z.enum(['open', 'acknowledged', 'snoozed', 'resolved', 'unresolved']).exactOptional(),
  rule: z.enum(RULE_NAMES).exactOptional(),
  onboarding_id: z.string().min(1).max(1000).exactOptional(),
  mode: mode.exactOptional(),
  ...page,
});

const by = z.string().trim().min(1).max(320).describe('Who acts: person id, e-mail or Pivotal user id.');
const note = z.string().trim().min(1).max(1000);
const span = z.string().trim().min(1).max(100).describe('`3 working days`, `4 working hours`, `2 days`, `90 minutes`.');

export const AcknowledgeBody = named(
  'Acknowledge',
  z.strictObject({
    by,
    for: span.exactOptional(),
    all: z.boolean().exactOptional().describe("Takes the onboarding's other open escalations too."),
    note: note.exactOptional(),
  }),
);
export const SnoozeBody = named(
  'Snooze',
  z
    .strictObject({
      by,
      until: z.union([instant, z.literal('next_working_morning')]).exactOptional(),
      for: span.exactOptional(),
    })
    .refine((body) => (body.until === undefined) !== (body.for === undefined), {
      path: ['until'],
      message: 'give either `until` (an instant or "next_working_morning") or `for` (a length of time)',
    }),
);
export const ResolveBody = named('Resolve', z.strictObject({ by, note: note.exactOptional() }));
export const ReassignBody = named(
  'Reassign',
  z.strictObject({ by, to: by.describe('The new owner, under `people`.') }),
);
export const EscalateBody = named('Escalate', z.strictObject({ by }));
export const NoteBody = named('Note', z.strictObject({ by, note }));
export const HoldBody = named(
  'Hold',
  z.strictObject({ by, state: z.enum(['waiting', 'blocked', 'paused']), until: instant.exactOptional(), reason: note }),
);
export const ReleaseBody = named('Release', z.strictObject({ by }));
export const CloseBody = named('Close', z.strictObject({ by, reason: note }));

/** An acknowledge answers with the onboarding's other open escalations too: they are still chased. */
export const AcknowledgedSchema = named('Acknowledged', EscalationSchema.extend({ others: z.array(EscalationSchema) }));

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
        about: z.enum([...RULE_NAMES, 'hold', 'life']),
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

export const EVENT_STATUSES = ['pending', 'signalled', 'late', 'unrouted'] as const;
export const EventSchema = named(
  'Event',
  z.object({
    seq: z.string(),
    id: z.string().describe("The sender's own id."),
    type: z.string().nullable(),
    source: z.string(),
    delivery_id: z.string(),
    received_at: instant,
    occurred_at: instant.nullable(),
    status: z.enum(EVENT_STATUSES),
    quarantined: z.enum(['not_json', 'unknown_shape']).nullable(),
    onboarding_id: z.string().nullable(),
    customer_id: z.string().nullable(),
    workspace: z.string().nullable(),
    mode: mode.nullable(),
    workflow_id: z.string().nullable(),
    org: z.string().nullable(),
    duplicates: count.describe('How often the very same event came again.'),
    text: z.string().nullable().describe('What it says of an onboarding, in words.'),
  }),
);
export const EventListSchema = listOf('EventList', EventSchema);
export const EventDetailSchema = named(
  'EventDetail',
  EventSchema.extend({
    verified_with: z.string().describe('Label of the secret that verified it.'),
    headers: z.record(z.string(), z.string()),
    body: z.string().describe('The exact text that was signed.'),
  }),
);
export const EventsQuery = z.strictObject({
  type: z.string().min(1).max(200).exactOptional(),
  source: z.string().min(1).max(200).exactOptional(),
  status: z.enum(EVENT_STATUSES).exactOptional(),
  onboarding_id: z.string().min(1).max(1000).exactOptional(),
  customer_id: z.string().min(1).max(1000).exactOptional(),
  ...choice,
  ...page,
});
export const RedeliveredSchema = named('Redelivered', z.object({ seq: z.string(), redelivered: z.literal(true) }));

// biome-ignore format: a list
export const REJECTION_REASONS = [
  'missing_header', 'bad_timestamp', 'stale_timestamp', 'future_timestamp', 'no_matching_signature',
  'too_large', 'method_not_allowed', 'unknown_source', 'unreadable_body',
] as const;
export const RejectionSchema = named(
  'Rejection',
  z.object({
    seq: z.string(),
    source: z.string(),
    reason: z.enum(REJECTION_REASONS),
    message: z.string(),
    rejected_at: instant,
    delivery_id: z.string().nullable(),
    remote: z.string().nullable(),
    bytes: count,
  }),
);
export const RejectionListSchema = listOf('RejectionList', RejectionSchema);
export const RejectionsQuery = z.strictObject({
  reason: z.enum(REJECTION_REASONS).exactOptional(),
  source: z.string().min(1).max(200).exactOptional(),
  ...page,
});

const publication = z.object({ hash: z.string(), published_at: instant });
export const PolicySchema = named(
  'Policy',
  publication.extend({ source: z.string().describe('slipway.yaml as it was written.'), history: z.array(publication) }),
);
export const PolicyBody = named('PolicyText', z.strictObject({ yaml: z.string().min(1).max(500_000) }));
export const PolicyProblemSchema = named(
  'PolicyProblem',
  z.object({ line: z.int().min(1), column: z.int().min(1), path: z.string(), message: z.string() }),
);
export const PolicyVerdictSchema = named(
  'PolicyVerdict',
  z.object({ valid: z.boolean(), hash: z.string().nullable(), problems: z.array(PolicyProblemSchema) }),
);
export const PublishedSchema = named(
  'Published',
  z.object({ hash: z.string(), changed: z.boolean().describe('False where this policy was in force already.') }),
);

export const StatusSchema = named(
  'Status',
  z.object({
    version: z.string(),
    started_at: instant,
    clock: z.object({ now: instant.describe('Virtual.'), speed: z.number().positive() }),
    temporal: z.object({
      reachable: z.boolean(),
      address: z.string(),
      namespace: z.string(),
      ui_url: z.string().nullable(),
      detail: z.string().nullable().describe('Why it is not reachable.'),
    }),
    store: z.object({ reachable: z.boolean(), kind: z.enum(['embedded', 'external']), detail: z.string().nullable() }),
    inbox: z.object({ pending: count, oldest_received_at: instant.nullable() }),
    sources: z.array(
      z.object({
        name: z.string(),
        mode,
        workspace: z.string(),
        orgs: z.array(z.string()).describe('Orgs its events spoke for; more than one deserves a look.'),
      }),
    ),
    channels: z.array(z.object({ name: z.string(), type: z.string(), problem: z.string().nullable() })),
    unmapped_states: z
      .array(z.string())
      .describe("States of records that the policy's `states` does not name; they run."),
    policy: z.object({ hash: z.string(), published_at: instant.nullable() }).nullable(),
    warnings: z.array(z.string()),
  }),
);
export type StatusView = Frozen<z.infer<typeof StatusSchema>>;

export const IndexSchema = named(
  'Index',
  z.object({ name: z.literal('slipway'), links: z.array(z.object({ label: z.string(), url: z.string() })) }),
);

export const ProblemSchema = named(
  'Problem',
  z.object({
    error: z.object({
      type: z.string(),
      code: z.string().describe('A stable word for programs.'),
      message: z.string().describe('A sentence for people: what, why, what to do next.'),
      field: z.string().exactOptional().describe('The field that is wrong.'),
      problems: z.array(PolicyProblemSchema).exactOptional(),
    }),
  }),
);

export type Onboarding = z.infer<typeof OnboardingSchema>;
export type OnboardingList = z.infer<typeof OnboardingListSchema>;
export type Escalation = z.infer<typeof EscalationSchema>;
export type EscalationList = z.infer<typeof EscalationListSchema>;
export type Acknowledged = z.infer<typeof AcknowledgedSchema>;
export type TimelineEntry = z.infer<typeof TimelineEntrySchema>;
export type Timeline = z.infer<typeof TimelineSchema>;
export type Why = z.infer<typeof WhySchema>;
export type EventView = z.infer<typeof EventSchema>;
