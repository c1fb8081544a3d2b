import { TimelineQuery, TimelineSchema } from '../../contracts/api.js';
import { workflowId } from '../../contracts/ids.js';
import type { ApiDeps } from '../deps.js';
import { findOnboarding } from '../find-onboarding.js';
import { jsonRoute, type Route } from '../route.js';
import { pageOf, timelineOf } from '../timeline.js';

/** So many events of one onboarding the timeline shows, the newest of them: the archive holds them all. */
const EVENTS_SHOWN = 5_000;

/** What was heard of an onboarding and what was decided on it, in one list. */
export function timelineRoutes(deps: ApiDeps): readonly Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/api/v1/onboardings/{id}/timeline',
      role: 'viewer',
      summary: 'Tells what was heard and what was decided, oldest first',
      query: TimelineQuery,
      answer: TimelineSchema,
      refuses: ['InvalidRequest', 'InvalidCursor', 'UnknownOnboarding', 'StoreUnavailable', 'TemporalUnavailable'],
      handle: async ({ id, query }) => {
        const { key } = await findOnboarding(deps, id, query);
        const [events, log] = await Promise.all([
          deps.events.eventsOf(workflowId('onboarding', key), EVENTS_SHOWN),
          deps.readModel.log(key),
        ]);
        return pageOf(timelineOf(events, log), query.limit, query.cursor);
      },
    }),
  ];
}
