import { TokenNameTaken, type TokenRecord } from '../../contracts/access.js';
import {
  CreatedTokenSchema,
  CreateTokenBody,
  RevokeTokenBody,
  TokenListSchema,
  TokenSchema,
  type TokenView,
} from '../../contracts/api.js';
import type { ApiDeps } from '../deps.js';
import { iso, isoOrNull } from '../instant.js';
import { Problem } from '../problem.js';
import { changeRoute, jsonRoute, type Route } from '../route.js';

const PATH = '/api/v1/tokens';

/** Named tokens: who may ask what of this console. */
export function tokenRoutes(deps: Pick<ApiDeps, 'tokens'>): readonly Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: PATH,
      role: 'admin',
      summary: 'Lists the named tokens, oldest first, with those that are revoked or expired',
      answer: TokenListSchema,
      refuses: ['StoreUnavailable'],
      handle: async () => ({ data: (await deps.tokens.list()).map(present), next_cursor: null }),
    }),
    changeRoute({
      method: 'post',
      path: PATH,
      role: 'admin',
      action: 'token.create',
      answersOnce: true,
      summary: 'Makes a named token; the token itself is in this answer and nowhere else',
      body: CreateTokenBody,
      answer: CreatedTokenSchema,
      refuses: ['InvalidRequest', 'TokenNameTaken', 'StoreUnavailable'],
      handle: async ({ body: { name, role, expires_at }, caller }) => {
        const expiresAt = expires_at === undefined ? null : later(expires_at);
        const { token, record } = await deps.tokens
          .create({ name, role, expiresAt, createdBy: caller.name })
          .catch(refuseTaken);
        const after = { name, role, expires_at: isoOrNull(expiresAt) };
        return {
          answer: { ...present(record), token },
          change: { subject: record.id, before: null, after, reason: null },
        };
      },
    }),
    changeRoute({
      method: 'post',
      path: `${PATH}/{id}/revoke`,
      role: 'admin',
      action: 'token.revoke',
      summary:
        'Ends a token, by id or name, within two seconds on every server; of a revoked one it says when that was',
      body: RevokeTokenBody,
      answer: TokenSchema,
      refuses: ['InvalidRequest', 'UnknownToken', 'StoreUnavailable'],
      handle: async ({ id, body }) => {
        const known = (await deps.tokens.list()).find(
          (one) => one.id === id || (one.name === id && one.revokedAt === null),
        );
        const record = await deps.tokens.revoke(id);
        if (!record)
          throw new Problem('UnknownToken', `There is no token ${JSON.stringify(id)}; \`GET ${PATH}\` lists them.`);
        return {
          answer: present(record),
          change: {
            subject: record.id,
            before: { name: record.name, revoked: known?.revokedAt !== null },
            after: { name: record.name, revoked: true },
            reason: body.reason ?? null,
          },
        };
      },
    }),
  ];
}

function later(text: string): number {
  const at = Date.parse(text);
  if (at > Date.now()) return at;
  throw new Problem('InvalidRequest', '`expires_at` is not right: it lies in the past.', { field: 'expires_at' });
}

function refuseTaken(error: unknown): never {
  if (!(error instanceof TokenNameTaken)) throw error;
  throw new Problem('TokenNameTaken', `${error.message} Revoke that one, or choose another name.`, { field: 'name' });
}

const present = (record: TokenRecord): TokenView => ({
  id: record.id,
  name: record.name,
  role: record.role,
  created_at: iso(record.createdAt),
  created_by: record.createdBy,
  expires_at: isoOrNull(record.expiresAt),
  revoked_at: isoOrNull(record.revokedAt),
  last_used_at: isoOrNull(record.lastUsedAt),
});
