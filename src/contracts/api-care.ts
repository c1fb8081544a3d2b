import { z } from 'zod';
import { by, count, type Frozen, instant, listOf, named, note, page } from './api-schema.js';
import { RETENTION_STAGES } from './retention-stages.js';

export const RetentionSchema = named(
  'Retention',
  z.object({
    last_run: z
      .object({
        at: instant.describe('On the wall clock.'),
        deleted: z.partialRecord(z.enum(RETENTION_STAGES), count).describe('Rows, by kind.'),
      })
      .nullable(),
    next_run_at: instant.nullable().describe('On the wall clock; null where the schedule is paused.'),
  }),
);
export const RunRetentionBody = named('RunRetention', z.strictObject({ by, reason: note.exactOptional() }));
export const RetentionTriggeredSchema = named('RetentionTriggered', z.object({ triggered: z.literal(true) }));

const id = z.string().trim().min(1).max(200);

export const EraseBody = named(
  'Erase',
  z
    .strictObject({
      customer_id: id.exactOptional().describe('A customer with everything that is theirs, in every workspace.'),
      contact_id: id.exactOptional().describe("The sender's id of a contact."),
      email: z.email().max(320).exactOptional().describe('An address of a person, wherever it stands.'),
      by,
      reason: note.describe('Kept, so it must not name the person.'),
    })
    .refine((body) => [body.customer_id, body.contact_id, body.email].filter((one) => one !== undefined).length === 1, {
      error: 'give exactly one of customer_id, contact_id and email',
    }),
);

export const ErasureSchema = named(
  'Erasure',
  z.object({
    id: z.string(),
    kind: z.enum(['customer', 'contact']),
    customer_id: z.string().nullable(),
    contact_id: z.string().nullable(),
    state: z
      .enum(['erasing', 'waiting', 'done'])
      .describe('`waiting`: the store is clean, and workflows that know the person are still open.'),
    by: z.string(),
    reason: z.string(),
    asked_at: instant.describe('On the wall clock.'),
    done_at: instant.nullable(),
    erased: z.record(z.string(), count).describe('Records that were cleaned, by kind.'),
    workflows: z
      .array(z.object({ workflow_id: z.string(), state: z.enum(['open', 'deleting', 'deleted']) }))
      .describe('Workflows that know the person, and what became of their histories.'),
    remains: z.array(z.string()).describe('What is left of the person, and until when, in words.'),
  }),
);
export const ErasureListSchema = listOf('ErasureList', ErasureSchema);
export const ErasuresQuery = z.strictObject({ ...page });

const payloads = z
  .array(z.object({ metadata: z.record(z.string(), z.string()).exactOptional(), data: z.string().exactOptional() }))
  .max(10_000);
export const PayloadsBody = named('PayloadsIn', z.object({ payloads }));
export const PayloadsSchema = named('Payloads', z.object({ payloads }));

export type RetentionView = Frozen<z.infer<typeof RetentionSchema>>;
export type ErasureView = Frozen<z.infer<typeof ErasureSchema>>;
export type ErasureList = Frozen<z.infer<typeof ErasureListSchema>>;
