import { z } from 'zod';
import { instant, named } from './api-schema.js';

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

export type PolicyView = z.infer<typeof PolicySchema>;
export type PolicyVerdict = z.infer<typeof PolicyVerdictSchema>;
export type Published = z.infer<typeof PublishedSchema>;
