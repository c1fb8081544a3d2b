import { z } from 'zod';
import { choice, count, instant, listOf, mode, named, page } from './api-schema.js';

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
  workspace: choice.workspace.describe('Of this workspace; beside an id, which one, where several hold the id.'),
  mode: choice.mode.describe('Of this mode; beside an id, which one, where both hold the id, live first.'),
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

export type EventView = z.infer<typeof EventSchema>;
export type EventList = z.infer<typeof EventListSchema>;
export type EventDetail = z.infer<typeof EventDetailSchema>;
export type RejectionList = z.infer<typeof RejectionListSchema>;
