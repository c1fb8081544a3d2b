import { z } from 'zod';
import { RULE_NAMES } from '../domain/policy/policy.js';
import { by, count, instant, listOf, mode, named, note, page, span } from './api-schema.js';

export { RULE_NAMES };

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

export const EscalationsQuery = z.strictObject({
  status: z.enum(['open', 'acknowledged', 'snoozed', 'resolved', 'unresolved']).exactOptional(),
  rule: z.enum(RULE_NAMES).exactOptional(),
  onboarding_id: z.string().min(1).max(1000).exactOptional(),
  mode: mode.exactOptional(),
  ...page,
});

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

/** An acknowledge answers with the onboarding's other open escalations too: they are still chased. */
export const AcknowledgedSchema = named('Acknowledged', EscalationSchema.extend({ others: z.array(EscalationSchema) }));

export type Escalation = z.infer<typeof EscalationSchema>;
export type EscalationList = z.infer<typeof EscalationListSchema>;
export type Acknowledged = z.infer<typeof AcknowledgedSchema>;
