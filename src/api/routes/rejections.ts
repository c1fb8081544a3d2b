import { RejectionListSchema, RejectionsQuery } from '../../contracts/api.js';
import type { ApiDeps } from '../deps.js';
import { iso } from '../instant.js';
import { jsonRoute, type Route } from '../route.js';

/** What the edge turned away, and why: the first place to look when a sender says it gets 401. */
export function rejectionRoutes(deps: ApiDeps): readonly Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/api/v1/rejections',
      role: 'viewer',
      summary: 'Lists requests that the edge turned away, newest first',
      query: RejectionsQuery,
      answer: RejectionListSchema,
      refuses: ['InvalidRequest', 'InvalidCursor', 'StoreUnavailable'],
      handle: async ({ query }) => {
        const page = await deps.rejections.rejections(query);
        return {
          ...page,
          data: page.data.map(({ at, deliveryId, ...row }) => ({
            ...row,
            rejected_at: iso(at),
            delivery_id: deliveryId,
          })),
        };
      },
    }),
  ];
}
