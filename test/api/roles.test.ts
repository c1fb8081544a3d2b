import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiRoutes } from '../../src/api/app.js';
import type { ApiDeps } from '../../src/api/deps.js';
import { webhookRoutes } from '../../src/api/webhooks/router.js';
import { mayAs, ROLES, type Role } from '../../src/contracts/access.js';
import { type Served, serve } from './served.js';
import { anEscalation, anEvent, anOnboarding } from './views.js';
import { World } from './world.js';

/** Of outgoing webhooks: looking, sending, and changing who is told what. */
const OF_WEBHOOKS: Readonly<Record<string, Role>> = {
  'get /api/v1/health': 'viewer',
  'get /api/v1/app': 'viewer',
  'post /api/v1/app': 'admin',
  'get /api/v1/app/{app_id}': 'viewer',
  'put /api/v1/app/{app_id}': 'admin',
  'patch /api/v1/app/{app_id}': 'admin',
  'delete /api/v1/app/{app_id}': 'admin',
  'get /api/v1/app/{app_id}/endpoint': 'viewer',
  'post /api/v1/app/{app_id}/endpoint': 'admin',
  'get /api/v1/app/{app_id}/endpoint/{endpoint_id}': 'viewer',
  'put /api/v1/app/{app_id}/endpoint/{endpoint_id}': 'admin',
  'patch /api/v1/app/{app_id}/endpoint/{endpoint_id}': 'admin',
  'delete /api/v1/app/{app_id}/endpoint/{endpoint_id}': 'admin',
  'get /api/v1/app/{app_id}/endpoint/{endpoint_id}/stats': 'viewer',
  'get /api/v1/app/{app_id}/endpoint/{endpoint_id}/secret': 'admin',
  'post /api/v1/app/{app_id}/endpoint/{endpoint_id}/secret/rotate': 'admin',
  'get /api/v1/app/{app_id}/endpoint/{endpoint_id}/headers': 'viewer',
  'put /api/v1/app/{app_id}/endpoint/{endpoint_id}/headers': 'admin',
  'patch /api/v1/app/{app_id}/endpoint/{endpoint_id}/headers': 'admin',
  'post /api/v1/app/{app_id}/endpoint/{endpoint_id}/send-example': 'operator',
  'post /api/v1/app/{app_id}/endpoint/{endpoint_id}/recover': 'operator',
  'post /api/v1/app/{app_id}/endpoint/{endpoint_id}/replay-missing': 'operator',
  'get /api/v1/app/{app_id}/msg': 'viewer',
  'post /api/v1/app/{app_id}/msg': 'operator',
  'get /api/v1/app/{app_id}/msg/{msg_id}': 'viewer',
  'get /api/v1/app/{app_id}/attempt/endpoint/{endpoint_id}': 'viewer',
  'get /api/v1/app/{app_id}/attempt/msg/{msg_id}': 'viewer',
  'get /api/v1/app/{app_id}/msg/{msg_id}/attempt/{attempt_id}': 'viewer',
  'get /api/v1/app/{app_id}/msg/{msg_id}/endpoint': 'viewer',
  'post /api/v1/app/{app_id}/msg/{msg_id}/endpoint/{endpoint_id}/resend': 'operator',
  'get /api/v1/event-type': 'viewer',
  'post /api/v1/event-type': 'admin',
  'get /api/v1/event-type/{event_type_name}': 'viewer',
  'put /api/v1/event-type/{event_type_name}': 'admin',
  'patch /api/v1/event-type/{event_type_name}': 'admin',
  'delete /api/v1/event-type/{event_type_name}': 'admin',
};

/** Whom each route is for, written down once more and by hand: a new route fails here until somebody decides. */
const FOR: Readonly<Record<string, Role | 'anybody'>> = {
  'get /': 'anybody',
  'get /openapi.json': 'anybody',
  'get /metrics': 'viewer',
  'get /api/v1/status': 'viewer',
  'get /api/v1/onboardings': 'viewer',
  'get /api/v1/onboardings/{id}': 'viewer',
  'get /api/v1/onboardings/{id}/timeline': 'viewer',
  'get /api/v1/onboardings/{id}/why': 'viewer',
  'post /api/v1/onboardings/{id}/hold': 'operator',
  'post /api/v1/onboardings/{id}/release': 'operator',
  'post /api/v1/onboardings/{id}/close': 'operator',
  'get /api/v1/escalations': 'viewer',
  'get /api/v1/escalations/{id}': 'viewer',
  'post /api/v1/escalations/{id}/acknowledge': 'operator',
  'post /api/v1/escalations/{id}/snooze': 'operator',
  'post /api/v1/escalations/{id}/resolve': 'operator',
  'post /api/v1/escalations/{id}/reassign': 'operator',
  'post /api/v1/escalations/{id}/escalate': 'operator',
  'post /api/v1/escalations/{id}/note': 'operator',
  'get /api/v1/events': 'viewer',
  'get /api/v1/events/{id}': 'viewer',
  'post /api/v1/events/{id}/redeliver': 'operator',
  'get /api/v1/rejections': 'viewer',
  'get /api/v1/policy': 'viewer',
  'get /api/v1/policy/history': 'viewer',
  'post /api/v1/policy/validate': 'viewer',
  'post /api/v1/policy/diff': 'viewer',
  'post /api/v1/policy/publish': 'admin',
  'get /api/v1/tokens': 'admin',
  'post /api/v1/tokens': 'admin',
  'post /api/v1/tokens/{id}/revoke': 'admin',
  'get /api/v1/audit': 'viewer',
  'get /api/v1/retention': 'viewer',
  'post /api/v1/retention/run': 'admin',
  'get /api/v1/erasures': 'admin',
  'post /api/v1/erasures': 'admin',
  'get /api/v1/erasures/{id}': 'admin',
  'post /api/v1/onboardings/{id}/rebuild': 'admin',
  'post /api/v1/rebuild': 'admin',
  'get /api/v1/rebuild': 'viewer',
  'post /codec/encode': 'admin',
  'post /codec/decode': 'admin',
  ...OF_WEBHOOKS,
};

let world: World;
let guarded: Served;
let unguarded: Served;
const tokens: Partial<Record<Role, string>> = {};
/** With payload keys: else the routes that decrypt are not there. */
const codec: ApiDeps['codec'] = {
  desk: { encode: async (payloads) => payloads, decode: async (payloads) => payloads },
  uiOrigin: undefined,
};
const deps = new World().deps({ codec });
const routes = [
  ...apiRoutes(deps),
  // What is answered 501 does nothing, whoever asks.
  ...webhookRoutes(deps).filter((route) => !route.lacks),
].map((route) => ({ open: undefined, ...route, name: `${route.method} ${route.path}` }));

beforeAll(async () => {
  world = new World();
  world.add(anOnboarding('onb_1', { escalations: [anEscalation('onb_1')] }));
  world.archive.push(anEvent(1, 'onb_1'));
  for (const role of ROLES) tokens[role] = world.token(`a-${role}`, role);
  guarded = await serve(world.deps({ token: 'bootstrap-token', codec }));
  unguarded = await serve(world.deps({ codec }));
});
afterAll(() => Promise.all([guarded.close(), unguarded.close()]));

/** A request that is let in is refused for its body, or answered: it is not carried out, or does no harm. */
async function ask(api: Served, { method, path }: { method: string; path: string }, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const at = path.replace(/\{\w+\}/g, 'nothing-of-this-name');
  const sent =
    method === 'get' ? { headers } : { headers: { ...headers, 'content-type': 'application/json' }, body: '[]' };
  return (await api.request(method.toUpperCase(), at, sent)).status;
}

const letIn = (status: number): boolean => status !== 401 && status !== 403;

describe('every route of the router', () => {
  it('has its row here, and there is no row without a route', () => {
    expect(Object.keys(FOR).sort()).toEqual(routes.map(({ name }) => name).sort());
  });

  it.each(routes)('$name describes truly whom it is for', (route) => {
    expect(route.open ? 'anybody' : route.role).toBe(FOR[route.name]);
  });

  it.each(routes)('$name lets each role in that it is for, and no other', async (route) => {
    const wanted = FOR[route.name] ?? 'admin';
    for (const role of ROLES) {
      const status = await ask(guarded, route, tokens[role]);
      expect([role, letIn(status)]).toEqual([role, wanted === 'anybody' || mayAs(role, wanted)]);
      if (!letIn(status)) expect(status).toBe(403);
    }
    expect(letIn(await ask(guarded, route, 'bootstrap-token'))).toBe(true);
  });

  it.each(routes)('$name is closed without a token where one is set, unless it is for anybody', async (route) => {
    expect(await ask(guarded, route)).toBe(FOR[route.name] === 'anybody' ? 200 : 401);
  });

  it.each(routes)('$name is open on this machine where none is set, but not for a lesser token', async (route) => {
    expect(letIn(await ask(unguarded, route))).toBe(true);
    const wanted = FOR[route.name] ?? 'admin';
    expect(letIn(await ask(unguarded, route, tokens.viewer))).toBe(wanted === 'anybody' || wanted === 'viewer');
  });
});

describe('a call of outgoing webhooks that Slipway lacks', () => {
  it('wants a token like any other', async () => {
    const lacking = webhookRoutes(deps).filter((route) => route.lacks);
    for (const { path } of lacking) {
      const of = { method: 'post', path: path.replace('{/*rest}', '') };
      const method = lacking.find((one) => one.path === path)?.method ?? 'all';
      const asked = method === 'all' ? of : { ...of, method };
      expect([path, await ask(guarded, asked), await ask(guarded, asked, tokens.viewer)]).toEqual([path, 401, 501]);
    }
    expect(lacking.length).toBeGreaterThan(10);
  });
});

describe('a refusal', () => {
  it('says what is needed and what the caller has', async () => {
    const { status, json } = await guarded.request('POST', '/api/v1/policy/publish', {
      headers: { authorization: `Bearer ${tokens.operator}` },
    });

    expect([status, json.error]).toEqual([
      403,
      {
        type: 'permission_error',
        code: 'Forbidden',
        message: 'This needs the role admin and token:a-operator has operator: ask an admin for another token.',
      },
    ]);
  });

  it('comes before the body is read', async () => {
    const { status } = await guarded.request('POST', '/api/v1/policy/publish', {
      headers: { authorization: `Bearer ${tokens.viewer}`, 'content-type': 'application/json' },
      body: '{"yaml":',
    });

    expect(status).toBe(403);
  });
});
