import { z } from 'zod';
import { instant, listOf, named, rows } from './api-schema.js';

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
export const PublicationSchema = named(
  'PolicyPublication',
  publication.extend({ in_force: z.boolean().describe('Whether this publication is the one in force.') }),
);
export const PolicyHistorySchema = listOf('PolicyHistory', PublicationSchema);
export const PolicyHistoryQuery = z.strictObject({ limit: rows(200, 50) });

const hash = z.string().trim().min(1).max(64);
export const PolicyDiffBody = named(
  'PolicyDiffRequest',
  z
    .strictObject({
      from: hash.exactOptional().describe('Hash of a published policy; unset: the one in force.'),
      yaml: PolicyBody.shape.yaml.exactOptional(),
      to: hash.exactOptional().describe('Hash of a published policy, where `yaml` is not given.'),
    })
    .refine((body) => body.yaml === undefined || body.to === undefined, {
      path: ['to'],
      message: 'give `yaml` or `to`, not both',
    })
    .describe('With neither `yaml` nor `to`: what the latest publication changed.'),
);
export const PolicyDiffSchema = named(
  'PolicyDiff',
  z.object({
    from: z.string().nullable().describe('Hash; null where no policy was in force before.'),
    to: z.string(),
    changes: z.array(
      z.object({
        path: z.string(),
        kind: z.enum(['added', 'removed', 'changed']),
        before: z.string().nullable(),
        after: z.string().nullable(),
        text: z.string().describe('`rules.stuck_in_phase.ladder: nudge -> urgent`'),
      }),
    ),
  }),
);

export type PolicyHistory = z.infer<typeof PolicyHistorySchema>;
export type PolicyDiff = z.infer<typeof PolicyDiffSchema>;
export type PolicyView = z.infer<typeof PolicySchema>;
export type PolicyVerdict = z.infer<typeof PolicyVerdictSchema>;
export type Published = z.infer<typeof PublishedSchema>;
