import {
  RetentionSchema,
  RetentionTriggeredSchema,
  type RetentionView,
  RunRetentionBody,
} from '../../contracts/api.js';
import type { ApiDeps } from '../deps.js';
import { iso, isoOrNull } from '../instant.js';
import { changeRoute, jsonRoute, type Route } from '../route.js';

const PATH = '/api/v1/retention';

/** What was deleted because it was old enough, and when that happens next. */
export function retentionRoutes({ care, audit }: Pick<ApiDeps, 'care' | 'audit'>): readonly Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: PATH,
      role: 'viewer',
      summary: 'Tells what the last run of retention deleted, and when the next one is',
      answer: RetentionSchema,
      refuses: ['StoreUnavailable', 'TemporalUnavailable'],
      handle: async () => {
        const [runs, next] = await Promise.all([
          audit.entries({ action: 'retention.run', limit: 1 }),
          care.nextRetention(),
        ]);
        const [last] = runs.data;
        return {
          last_run: last
            ? { at: iso(last.at), deleted: last.after as NonNullable<RetentionView['last_run']>['deleted'] }
            : null,
          next_run_at: isoOrNull(next),
        };
      },
    }),
    changeRoute({
      method: 'post',
      path: `${PATH}/run`,
      role: 'admin',
      action: 'retention.trigger',
      summary: 'Runs retention now; a run that is under way is left alone',
      body: RunRetentionBody,
      answer: RetentionTriggeredSchema,
      refuses: ['InvalidRequest', 'StoreUnavailable', 'TemporalUnavailable'],
      handle: async ({ body }) => {
        await care.runRetention();
        return {
          answer: { triggered: true as const },
          change: {
            subject: 'retention',
            by: body.by,
            before: null,
            after: { triggered: true },
            reason: body.reason ?? null,
          },
        };
      },
    }),
  ];
}
