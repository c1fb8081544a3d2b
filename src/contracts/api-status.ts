import { z } from 'zod';
import { PolicyProblemSchema } from './api-policy.js';
import { count, type Frozen, instant, mode, named } from './api-schema.js';

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
