import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Express } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiRoutes, createApi } from '../../src/api/app.js';
import { isChanging } from '../../src/api/route.js';
import { webhookRoutes } from '../../src/api/webhooks/router.js';
import { aFullWorld, bodyOf, pathTo } from './requests.js';
import { type Answer, type Served, serve } from './served.js';
import { anOnboarding } from './views.js';
import { type World } from './world.js';

let world: World;
let api: Served;
let document: Answer['json'];
const ajv = new Ajv2020({ strict: false, validateFormats: false });

beforeAll(async () => {
  world = aFullWorld();
  api = await serve(world.deps());
  document = (await api.get('/openapi.json')).json;
  ajv.addSchema(document, 'api');
});
afterAll(() => api.close());

/** What the router really serves, as `get /path`. */
function served(app: Express): string[] {
  const layers = app.router.stack as unknown as { route?: { path: string; methods: Record<string, boolean> } }[];
  return layers.flatMap(({ route }) =>
    route
      ? Object.keys(route.methods)
          .filter((method) => method !== '_all')
          .map((method) => `${method} ${route.path.replace(/:(\w+)/g, '{$1}')}`)
      : [],
  );
}

const described = (): string[] =>
  Object.entries(document.paths as Record<string, object>).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  );

describe('the OpenAPI document', () => {
  it('lists every route of the router but those that Svix describes, and no other', () => {
    const routes = served(createApi(world.deps()));
    const ofSvix = webhookRoutes(world.deps()).filter(({ method }) => method !== 'all');

    expect(routes.length).toBeGreaterThan(20);
    expect([...described(), ...ofSvix.map(({ method, path }) => `${method} ${path}`)].sort()).toEqual(routes.sort());
  });

  it('lists the routes of the contract', () => {
    const actions = ['acknowledge', 'snooze', 'resolve', 'reassign', 'escalate', 'note'].map(
      (verb) => `post /api/v1/escalations/{id}/${verb}`,
    );
    const holds = ['hold', 'release', 'close'].map((verb) => `post /api/v1/onboardings/{id}/${verb}`);
    const reads = [
      'onboardings',
      'onboardings/{id}',
      'onboardings/{id}/timeline',
      'onboardings/{id}/why',
      'escalations',
      'escalations/{id}',
      'events',
      'events/{id}',
      'rejections',
      'policy',
      'policy/history',
      'status',
    ];
    const rest = [
      'post /api/v1/events/{id}/redeliver',
      'post /api/v1/policy/validate',
      'post /api/v1/policy/diff',
      'post /api/v1/policy/publish',
      'get /api/v1/tokens',
      'post /api/v1/tokens',
      'post /api/v1/tokens/{id}/revoke',
      'get /api/v1/audit',
      'get /api/v1/retention',
      'post /api/v1/retention/run',
      'get /api/v1/erasures',
      'post /api/v1/erasures',
      'get /api/v1/erasures/{id}',
      'post /api/v1/onboardings/{id}/rebuild',
      'post /api/v1/rebuild',
      'get /api/v1/rebuild',
      'get /metrics',
      'get /openapi.json',
      'get /',
    ];

    expect(described().sort()).toEqual(
      [...actions, ...holds, ...reads.map((path) => `get /api/v1/${path}`), ...rest].sort(),
    );
  });

  it('is 3.1 whose references lead somewhere and whose operations have names of their own', () => {
    expect(document.openapi).toBe('3.1.0');
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '');
    const schemas = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect(refs.filter((ref) => !schemas.includes(ref))).toEqual([]);
    expect(JSON.stringify(document)).not.toContain('"$id"');

    const names = Object.values(document.paths as Record<string, Record<string, { operationId: string }>>).flatMap(
      (one) => Object.values(one).map(({ operationId }) => operationId),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('getOnboardingsById');
    for (const name of names) expect(name).toMatch(/^[a-z]+[A-Za-z]+$/);
  });

  it('wants a token on all that is not open, unless none is set: then it may be shown', async () => {
    const secured = await serve(world.deps({ token: 'x' }));
    const { json } = await secured.get('/openapi.json');
    await secured.close();

    expect(json.paths['/api/v1/status'].get.security).toEqual([{ token: [] }]);
    expect(json.paths['/'].get.security).toEqual([]);
    expect(json.components.securitySchemes.token).toEqual({ type: 'http', scheme: 'bearer' });
    expect(document.paths['/api/v1/status'].get.security).toEqual([{}, { token: [] }]);
  });

  it('says of every route whom it is for, and how it refuses all others', () => {
    for (const route of apiRoutes(world.deps())) {
      const operation = document.paths[route.path][route.method];
      expect(operation['x-slipway-role'], route.path).toBe(route.open ? undefined : route.role);
      expect(operation.responses['429'].description).toContain('TooManyRequests');
      if (route.open) continue;
      expect(operation.description).toContain(`the role ${route.role}`);
      expect(operation.responses['401'].description).toContain('Unauthorized');
      expect(operation.responses['403'].description).toContain('Forbidden');
    }
  });

  it('says of every change, and of nothing else, that it takes an Idempotency-Key', () => {
    for (const route of apiRoutes(world.deps())) {
      const { parameters, responses } = document.paths[route.path][route.method];
      const names = (parameters as { name: string }[]).map(({ name }) => name);
      expect([route.path, names.includes('Idempotency-Key')]).toEqual([route.path, isChanging(route)]);
      if (isChanging(route)) expect(responses['409'].description).toContain('UnderWay');
    }
  });
});

/** Validates a real answer against what the document says of that route and status. */
function check(method: string, path: string, answer: Answer): void {
  const said = document.paths[path][method].responses[answer.status];
  expect(said, `${method} ${path} may answer ${answer.status}`).toBeDefined();
  const schema = said.content['application/json']?.schema;
  if (!schema) return;
  const validate = ajv.compile(schema.$ref ? { $ref: `api${schema.$ref}` } : schema);
  expect(validate(answer.json) ? [] : validate.errors, `${method} ${path}: ${answer.text.slice(0, 300)}`).toEqual([]);
}

describe('every real answer', () => {
  it('is what the document says: done, refused and not found', async () => {
    for (const route of described()) {
      const [method = '', path = ''] = route.split(' ');
      const send = (where: string, body: object) => (method === 'post' ? api.post(where, body) : api.get(where));

      const done = await send(pathTo(path, 'there'), bodyOf(path));
      expect([route, done.status]).toEqual([route, 200]);
      check(method, path, done);
      if (path.includes('{id}')) {
        const missing = await send(pathTo(path, 'missing'), bodyOf(path));
        expect([route, missing.status]).toEqual([route, 404]);
        check(method, path, missing);
      }
      if (method === 'post' && !path.endsWith('redeliver'))
        check(method, path, await send(pathTo(path, 'there'), { no: 'such field' }));
    }
  });

  it('is checked strictly: a field the document does not name is seen', () => {
    const validate = ajv.compile({ $ref: 'api#/components/schemas/Onboarding' });

    expect(validate(anOnboarding('onb_1'))).toBe(true);
    expect(validate({ ...anOnboarding('onb_1'), extra: 1 })).toBe(false);
    expect(validate({ ...anOnboarding('onb_1'), health: 'unwell' })).toBe(false);
  });
});
