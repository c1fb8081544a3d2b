import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Observer } from '../contracts/observer.js';
import type { ApiDeps } from './deps.js';
import { admit, callerOf, wantRole } from './admit.js';
import { carryingOut } from './carry-out.js';
import { Doorkeeper } from './doorkeeper.js';
import { refuseForeignHosts, refuseForeignOrigins, securityHeaders } from './guard.js';
import { openApiDocument } from './openapi.js';
import { answerOf, Problem, problemOf } from './problem.js';
import type { Route } from './route.js';
import { auditRoutes } from './routes/audit.js';
import { allowTemporalUi, codecRoutes } from './routes/codec.js';
import { erasureRoutes } from './routes/erasures.js';
import { escalationRoutes } from './routes/escalations.js';
import { eventRoutes } from './routes/events.js';
import { indexRoute } from './routes/index-page.js';
import { onboardingRoutes } from './routes/onboardings.js';
import { policyRoutes } from './routes/policy.js';
import { rebuildRoutes } from './routes/rebuild.js';
import { rejectionRoutes } from './routes/rejections.js';
import { retentionRoutes } from './routes/retention.js';
import { statusRoutes } from './routes/status.js';
import { timelineRoutes } from './routes/timeline.js';
import { tokenRoutes } from './routes/tokens.js';
import { whyRoutes } from './routes/why.js';
import { refusalAnswerOf } from './webhooks/problem.js';
import { inSvixWords, isMessage, mountWebhooks, webhookRoutes } from './webhooks/router.js';

/** Largest bodies taken: an action is a few lines, a policy may be long. */
const JSON_LIMIT = '64kb';
const POLICY_LIMIT = '512kb';
const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml', 'text/plain'];

/** The console port's application: the API, its description, the metrics, and a page that says where everything is. */
export function createApi(deps: ApiDeps): Express {
  const routes = apiRoutes(deps);
  const outgoing = webhookRoutes(deps);
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing');
  // A number, never `true`: that would let anybody write the address that failures are counted under.
  app.set('trust proxy', deps.trustedProxies);
  app.use(securityHeaders, refuseForeignHosts(deps.token), allowTemporalUi(deps.codec?.uiOrigin), refuseForeignOrigins);
  const open = new Set(routes.filter((route) => route.open).map((route) => route.path));
  app.use(admit(new Doorkeeper(deps.token, deps.tokens, Date.now), open, isMessage));
  mountWebhooks(app, outgoing, deps);
  for (const [path, ofPath] of byPath(routes)) mount(app, path, ofPath, deps);
  app.use(unknownRoute, answerProblem(deps.observer, inSvixWords(outgoing)));
  return app;
}

/** Every route of the console, as the router serves them and the OpenAPI document lists them. */
export function apiRoutes(deps: ApiDeps): readonly Route[] {
  const described = [
    indexRoute(deps),
    ...onboardingRoutes(deps),
    ...timelineRoutes(deps),
    ...whyRoutes(deps),
    ...escalationRoutes(deps),
    ...eventRoutes(deps),
    ...rejectionRoutes(deps),
    ...policyRoutes(deps),
    ...tokenRoutes(deps),
    ...auditRoutes(deps),
    ...retentionRoutes(deps),
    ...erasureRoutes(deps),
    ...codecRoutes(deps),
    ...rebuildRoutes(deps),
    ...statusRoutes(deps),
  ];
  const openapi: Route = {
    method: 'get',
    path: '/openapi.json',
    role: 'viewer',
    summary: 'This description',
    open: true,
    answers: { type: 'application/json' },
    refuses: [],
    serve: (_request, response) => void response.json(document),
  };
  const routes = [...described, openapi];
  const document = openApiDocument(routes, deps.version, deps.token !== undefined);
  return routes;
}

function byPath(routes: readonly Route[]): ReadonlyMap<string, readonly Route[]> {
  const paths = new Map<string, readonly Route[]>();
  for (const route of routes) paths.set(route.path, [...(paths.get(route.path) ?? []), route]);
  return paths;
}

function mount(app: Express, path: string, routes: readonly Route[], deps: ApiDeps): void {
  const place = app.route(path.replace(/\{(\w+)\}/g, ':$1'));
  for (const route of routes)
    place[route.method](wantRole(route), ...parsers(route), (request, response) => {
      const caller = callerOf(response);
      return route.serve(request, response, { caller, carryOut: carryingOut(deps, caller) });
    });
  const allow = routes.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : ['POST'])).join(', ');
  place.all((request) => {
    throw new Problem('MethodNotAllowed', `${path} takes ${allow}, not ${request.method}.`, {
      headers: { Allow: allow },
    });
  });
}

/** Bodies are read only where a route wants one, and after the token was seen. */
function parsers(route: Route): readonly RequestHandler[] {
  if (!route.body) return [];
  const json = express.json({ limit: route.limit ?? (route.yaml ? POLICY_LIMIT : JSON_LIMIT) });
  return route.yaml ? [json, express.text({ type: YAML_TYPES, limit: POLICY_LIMIT })] : [json];
}

const unknownRoute: RequestHandler = (request) => {
  throw new Problem(
    'UnknownRoute',
    `There is no ${request.method} ${request.path} here; /openapi.json lists what there is.`,
  );
};

function answerProblem(observer: Observer, inSvixWords: (path: string) => boolean): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const problem = problemOf(error);
    if (problem.code === 'Internal')
      observer.log('error', 'a console request failed', failureOf(error, request.method, request.route?.path));
    if (response.headersSent) return next(error);
    const { status, headers, body } = inSvixWords(request.path) ? refusalAnswerOf(problem) : answerOf(problem);
    response.status(status).set(headers).json(body);
  };
}

/** The route's pattern, never the path itself: ids are business data, and a person's name may be in a query. */
function failureOf(error: unknown, method: string, path: unknown): Record<string, string> {
  const [name, message] = error instanceof Error ? [error.name, error.message] : ['not an Error', typeof error];
  return { method, route: typeof path === 'string' ? path : 'none', error: name, reason: message };
}
