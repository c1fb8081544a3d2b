import { z } from 'zod';
import { ROLES } from './access.js';
import { type Frozen, instant, listOf, named, note, page } from './api-schema.js';

const tokenName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'write letters, digits, dots, dashes and underscores, at most 63')
  .describe('Who or what it is for; unique among the tokens that are not revoked.');

export const TokenSchema = named(
  'Token',
  z.object({
    id: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    created_at: instant,
    created_by: z.string(),
    expires_at: instant.nullable(),
    revoked_at: instant.nullable(),
    last_used_at: instant.nullable().describe('To the minute.'),
  }),
);
export const TokenListSchema = listOf('TokenList', TokenSchema);
export const CreatedTokenSchema = named(
  'CreatedToken',
  TokenSchema.extend({ token: z.string().describe('Shown here alone: only a digest of it is kept.') }),
);
export const CreateTokenBody = named(
  'CreateToken',
  z.strictObject({
    name: tokenName,
    role: z.enum(ROLES),
    expires_at: instant.exactOptional().describe('Unset: it does not expire.'),
  }),
);
export const RevokeTokenBody = named('RevokeToken', z.strictObject({ reason: note.exactOptional() }));

const difference = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable();
export const AuditEntrySchema = named(
  'AuditEntry',
  z.object({
    seq: z.string(),
    at: instant,
    actor: z
      .string()
      .describe(
        '`token:<name>`, `bootstrap` or `local`, with ` for <person>` where one was named; of a `decision.<what>` `person:<person>`, or `slipway` for its own.',
      ),
    action: z.string().describe('`<resource>.<verb>`; `decision.<what>` is what an onboarding decided or took in.'),
    subject: z.string(),
    before: difference,
    after: difference,
    reason: z.string().nullable(),
  }),
);
export const AuditListSchema = listOf('AuditList', AuditEntrySchema);
export const AuditQuery = z.strictObject({
  actor: z.string().min(1).max(1000).exactOptional().describe('Exactly: `token:desk for mia`, `person:mia`.'),
  action: z.string().min(1).max(200).exactOptional(),
  subject: z.string().min(1).max(1000).exactOptional().describe('Id of an escalation, an onboarding, a token …'),
  since: instant.exactOptional(),
  ...page,
});

export type TokenView = Frozen<z.infer<typeof TokenSchema>>;
export type TokenList = Frozen<z.infer<typeof TokenListSchema>>;
export type CreatedToken = Frozen<z.infer<typeof CreatedTokenSchema>>;
export type AuditEntryView = Frozen<z.infer<typeof AuditEntrySchema>>;
export type AuditList = Frozen<z.infer<typeof AuditListSchema>>;
