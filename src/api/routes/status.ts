import { StatusSchema } from '../../contracts/api.js';
import type { ApiDeps } from '../deps.js';
import { jsonRoute, type Route } from '../route.js';

/** How this Slipway is, for people and for scrapers. */
export function statusRoutes(deps: ApiDeps): readonly Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/api/v1/status',
      role: 'viewer',
      summary: 'Tells how this Slipway is: clock, servers, inbox, sources, channels, policy',
      answer: StatusSchema,
      refuses: [],
      handle: () => deps.status(),
    }),
    {
      method: 'get',
      path: '/metrics',
      role: 'viewer',
      summary: "Metrics in Prometheus' text format",
      answers: { type: 'text/plain' },
      refuses: [],
      serve: async (_request, response) => {
        response.type('text/plain; version=0.0.4; charset=utf-8').send(await deps.metricsText());
      },
    },
  ];
}
