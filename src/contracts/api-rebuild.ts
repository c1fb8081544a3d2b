import { z } from 'zod';
import { OnboardingSchema } from './api-onboardings.js';
import { by, count, named, note } from './api-schema.js';

/** Making anew what follows from archive and decision log: one onboarding's workflow, or the read model. */

const digest = z.string().regex(/^[0-9a-f]{16}$/);

export const RebuildOnboardingBody = named(
  'RebuildOnboarding',
  z.strictObject({
    by,
    reason: note.describe('Why; it is kept in the decision log and the audit log.'),
    confirm: digest
      .exactOptional()
      .describe('`confirm` of the answer to the same request without it: then it is done, else it is shown.'),
  }),
);

export const OnboardingRebuildSchema = named(
  'OnboardingRebuild',
  z.object({
    onboarding_id: z.string(),
    workflow_id: z.string(),
    done: z.boolean().describe('False where it was only shown.'),
    workflow: z
      .enum(['running', 'ended', 'stuck', 'unknown'])
      .describe('Before it was made anew. `stuck` does not answer; `unknown` is not on this Temporal server.'),
    differences: z
      .array(
        z.object({
          field: z.string().describe('As in `escalations[esc_…].status` or `history.phases[2].from`.'),
          present: z.string().nullable().describe('As the workflow has it; null where it has none.'),
          rebuilt: z.string().nullable().describe('As archive and decision log have it.'),
        }),
      )
      .describe('The first 200; empty where nothing differs, and where there is no present state.'),
    differences_in_all: count,
    present_digest: digest.nullable().describe('Null where the workflow cannot be asked.'),
    rebuilt_digest: digest,
    confirm: digest.describe('Names what was shown; it no longer fits once anything has happened to the onboarding.'),
    unlogged: z
      .object({ events: count, told: count })
      .describe('Events, and words of people and customer, that are in no log yet and go in all the same.'),
    missing: count.describe(
      'Events that the log names and the archive no longer holds: more than 0 cannot be rebuilt.',
    ),
    rebuilt: OnboardingSchema.describe('The onboarding as it is made anew.'),
  }),
);
export type OnboardingRebuildView = z.output<typeof OnboardingRebuildSchema>;

export const RebuildBody = named('RebuildReadModel', z.strictObject({ by, reason: note.exactOptional() }));

export const ReadModelRebuildSchema = named(
  'ReadModelRebuild',
  z.object({
    state: z.enum(['never', 'running', 'done']),
    rebuilt: count.describe('Onboardings whose rows were written again.'),
    unanswered: count.describe('Of these, those whose workflow did not answer: archive and log spoke for them.'),
    examples: z.array(z.string()).describe('Workflow ids of the first of those.'),
    workflow_id: z.string(),
    temporal_url: z.string().nullable(),
  }),
);
export type ReadModelRebuildView = z.output<typeof ReadModelRebuildSchema>;
