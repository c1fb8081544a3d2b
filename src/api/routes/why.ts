import { WhyQuery, WhySchema } from '../../contracts/api.js';
import type { ApiDeps } from '../deps.js';
import { findOnboarding, unknownOnboarding } from '../find-onboarding.js';
import { iso, isoOrNull } from '../instant.js';
import { jsonRoute, type Route } from '../route.js';

/** Why somebody is chased, or is not, at an instant: one line a rule, a line a hold, and how it ended. */
export function whyRoutes(deps: ApiDeps): readonly Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/api/v1/onboardings/{id}/why',
      role: 'viewer',
      summary: 'Explains what each rule decides, now or at an instant of the past',
      query: WhyQuery,
      answer: WhySchema,
      refuses: ['InvalidRequest', 'UnknownOnboarding', 'StoreUnavailable', 'TemporalUnavailable'],
      handle: async ({ id, query }) => {
        const { key } = await findOnboarding(deps, id, query);
        const answer = await deps.why(key, query.at === undefined ? deps.now() : Date.parse(query.at));
        if (!answer) throw unknownOnboarding(id);
        return {
          at: iso(answer.at),
          lines: answer.why.map(({ about, fires, text, dueAt }) => ({ about, fires, text, due_at: isoOrNull(dueAt) })),
          wake: answer.wake && { at: iso(answer.wake.at), label: answer.wake.label },
        };
      },
    }),
  ];
}
