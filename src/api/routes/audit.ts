import { AuditListSchema, AuditQuery } from '../../contracts/api.js';
import type { ApiDeps } from '../deps.js';
import { iso } from '../instant.js';
import { jsonRoute, type Route } from '../route.js';

/**
 * Who changed what, and why. For viewers: there is no secret in it, and who is chased may see who had it done and who
 * looks after the tokens.
 */
export function auditRoutes(deps: Pick<ApiDeps, 'audit'>): readonly Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/api/v1/audit',
      role: 'viewer',
      summary: 'Lists every change and every decision, newest first: who, what, before and after, and why',
      query: AuditQuery,
      answer: AuditListSchema,
      refuses: ['InvalidRequest', 'InvalidCursor', 'StoreUnavailable'],
      handle: async ({ query: { since, ...filter } }) => {
        const page = await deps.audit.entries({
          ...filter,
          ...(since === undefined ? {} : { since: Date.parse(since) }),
        });
        return { ...page, data: page.data.map(({ at, ...entry }) => ({ ...entry, at: iso(at) })) };
      },
    }),
  ];
}
