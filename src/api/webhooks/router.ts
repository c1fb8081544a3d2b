import express, { type Express, type Request } from 'express';
import { callerOf, wantRole } from '../admit.js';
import { carryingOut } from '../carry-out.js';
import type { ApiDeps } from '../deps.js';
import { Problem } from '../problem.js';
import { applicationRoutes } from './applications.js';
import { attemptRoutes } from './attempts.js';
import { endpointRoutes } from './endpoints.js';
import { eventTypeRoutes } from './event-types.js';
import { headerRoutes } from './headers.js';
import { createMessageRoute, messageRoutes } from './messages.js';
import { recoveryRoutes } from './recovery.js';
import type { WebhookRoute } from './route.js';
import { secretRoutes } from './secrets.js';
import { unsupportedRoutes } from './unsupported.js';

/** Largest body of a call that sends no message: an event type may have long schemas. */
const LIMIT = '256kb';

/** Every call of the management API: those that are served, and those that Svix has and Slipway has not. */
export function webhookRoutes(deps: ApiDeps): readonly WebhookRoute[] {
  // Messages are taken first, since they are most of what comes; then what lacks: `msg/expunge-all-contents` is not a
  // message of that name.
  return [
    createMessageRoute(deps),
    ...unsupportedRoutes(),
    ...messageRoutes(deps),
    ...applicationRoutes(deps),
    ...endpointRoutes(deps),
    ...secretRoutes(deps),
    ...headerRoutes(deps),
    ...recoveryRoutes(deps),
    ...attemptRoutes(deps),
    ...eventTypeRoutes(deps),
    healthRoute,
  ];
}

const healthRoute: WebhookRoute = {
  method: 'get',
  path: '/api/v1/health',
  call: 'health.get',
  role: 'viewer',
  summary: 'Says that the server answers, and that the token is right; `/readyz` says whether it is ready',
  serve: (_request, response) => void response.status(204).end(),
};

/** Serves them, with and without a slash at the end. Whoever comes here has been admitted. */
export function mountWebhooks(app: Express, routes: readonly WebhookRoute[], deps: ApiDeps): void {
  const paths = new Set(routes.map(({ path }) => path));
  for (const path of paths) {
    const ofPath = routes.filter((route) => route.path === path);
    const place = app.route(path.replace(/\{(\w+)\}/g, ':$1'));
    for (const route of ofPath) {
      const parse = route.method === 'get' || route.lacks ? [] : [route.parse ?? json];
      place[route.method](wantRole(route), ...parse, (request, response) => {
        const caller = callerOf(response);
        return route.serve(request, response, { caller, carryOut: carryingOut(deps, caller) });
      });
    }
    place.all((request) => {
      throw notThat(request.method, path, ofPath);
    });
  }
}

/** As Svix: whatever a client calls its body, it is read as JSON. */
const json = express.json({ limit: LIMIT, type: () => true });

function notThat(method: string, path: string, routes: readonly WebhookRoute[]): Problem {
  const allow = routes
    .flatMap((route) => (route.method === 'get' ? ['GET', 'HEAD'] : [route.method.toUpperCase()]))
    .join(', ');
  return new Problem('MethodNotAllowed', `${path} takes ${allow}, not ${method}.`, { headers: { Allow: allow } });
}

/** Whether a path is one of Svix's, so that a refusal is told in its words. */
export function inSvixWords(routes: readonly WebhookRoute[]): (path: string) => boolean {
  const heads = new Set(routes.map(({ path }) => headOf(path.replace(/\{.*$/, ''))));
  return (path) => heads.has(headOf(path));
}

/** `/api/v1/app` of all that is below it. */
const headOf = (path: string): string => path.split('/').slice(1, 4).join('/');

/** How many messages a caller sends is what it is here for: they are not counted against it. */
export const isMessage = ({ method, path }: Pick<Request, 'method' | 'path'>): boolean =>
  method === 'POST' && /^\/api\/v1\/app\/[^/]+\/msg\/?$/.test(path);
