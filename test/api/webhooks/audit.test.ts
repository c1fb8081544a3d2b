import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { webhookRoutes } from '../../../src/api/webhooks/router.js';
import { ApplicationPatch, EndpointPatch, EventTypePatch } from '../../../src/contracts/api-webhooks.js';
import { HOUR, iso, NOW } from '../views.js';
import { World } from '../world.js';
import { Client } from './client.js';

/** In every value that may be a credential or somebody's data; the audit log has it nowhere. */
const CANARY = 'canary';
const SECRET = `whsec_${Buffer.from(`${CANARY}-${CANARY}-${CANARY}-of-ours`).toString('base64')}`;

const APP = '/api/v1/app/{app_id}';
const ENDPOINT = `${APP}/endpoint/{endpoint_id}`;
const TYPE = '/api/v1/event-type/{event_type_name}';

interface Expected {
  readonly body?: object;
  readonly action: string;
  /** `null`: there was nothing, or there is nothing any more. */
  readonly before: object | null;
  readonly after: object | null;
}
const something = expect.anything() as object;
const url = `https://hooks.acme.example/${CANARY}`;
const spans = { since: iso(NOW - HOUR) };
const schemas = { 1: { type: 'object', description: CANARY, examples: [{ n: CANARY }] } };
const changed = (what: string) => expect.objectContaining({ changed: what }) as object;

/** What each call leaves in the audit log, written down by hand: a new call that changes something fails until it is here. */
const LINES: Readonly<Record<string, Expected>> = {
  'post /api/v1/app': {
    body: { name: 'Beta', uid: 'beta', metadata: { note: CANARY } },
    action: 'application.create',
    before: null,
    after: { uid: 'beta', name: 'Beta', rate_limit: null },
  },
  [`put ${APP}`]: {
    body: { name: 'Acme Inc', uid: 'acme', metadata: { note: CANARY } },
    action: 'application.update',
    before: { uid: 'acme', name: 'Acme', rate_limit: null },
    after: { uid: 'acme', name: 'Acme Inc', rate_limit: null, changed: 'metadata' },
  },
  [`patch ${APP}`]: {
    body: { rateLimit: 5 },
    action: 'application.patch',
    before: { uid: 'acme', name: 'Acme', rate_limit: null },
    after: { uid: 'acme', name: 'Acme', rate_limit: 5 },
  },
  [`delete ${APP}`]: { action: 'application.delete', before: something, after: null },
  [`post ${APP}/endpoint`]: {
    body: { url, secret: SECRET, headers: { 'X-Hook': CANARY }, description: CANARY, metadata: { note: CANARY } },
    action: 'endpoint.create',
    before: null,
    after: { uid: null, host: 'hooks.acme.example', types: 'all', ordered: false, rate_limit: null, disabled: null },
  },
  [`put ${ENDPOINT}`]: {
    body: { url: `${url}/else`, uid: 'first' },
    action: 'endpoint.update',
    before: something,
    after: changed('url'),
  },
  [`patch ${ENDPOINT}`]: {
    body: { disabled: true },
    action: 'endpoint.patch',
    before: expect.objectContaining({ disabled: null }) as object,
    after: expect.objectContaining({ disabled: 'operator' }) as object,
  },
  [`delete ${ENDPOINT}`]: { action: 'endpoint.delete', before: something, after: null },
  [`get ${ENDPOINT}/secret`]: { action: 'endpoint.read_secret', before: null, after: { shown: true } },
  [`post ${ENDPOINT}/secret/rotate`]: {
    body: { key: SECRET },
    action: 'endpoint.rotate_secret',
    before: null,
    after: { secret: 'given' },
  },
  [`put ${ENDPOINT}/headers`]: {
    body: { headers: { 'X-Hook': `${CANARY}-2`, 'X-New': CANARY } },
    action: 'endpoint.set_headers',
    before: { headers: 'X-Hook' },
    after: { headers: 'X-Hook X-New', changed: 'X-Hook' },
  },
  [`patch ${ENDPOINT}/headers`]: {
    body: { headers: { 'X-Hook': `${CANARY}-3` } },
    action: 'endpoint.patch_headers',
    before: { headers: 'X-Hook' },
    after: { headers: 'X-Hook', changed: 'X-Hook' },
  },
  [`post ${ENDPOINT}/send-example`]: {
    body: { eventType: 'order.paid', payload: { said: CANARY } },
    action: 'endpoint.send_example',
    before: null,
    after: { event_type: 'order.paid', message: expect.stringMatching(/^msg_/) },
  },
  [`post ${ENDPOINT}/recover`]: {
    body: spans,
    action: 'endpoint.recover',
    before: null,
    after: { ...spans, until: null, deliveries: 2 },
  },
  [`post ${ENDPOINT}/replay-missing`]: {
    body: spans,
    action: 'endpoint.replay_missing',
    before: null,
    after: { ...spans, until: null, deliveries: 2 },
  },
  [`post ${APP}/msg/{msg_id}/endpoint/{endpoint_id}/resend`]: {
    action: 'message.resend',
    before: null,
    after: { endpoint: expect.stringMatching(/^ep_/) },
  },
  'post /api/v1/event-type': {
    body: { name: 'order.lost', description: 'An order was lost', schemas },
    action: 'eventtype.create',
    before: null,
    after: expect.objectContaining({ description: 'An order was lost', versions: 1 }) as object,
  },
  [`put ${TYPE}`]: {
    body: { description: 'An order was paid', schemas },
    action: 'eventtype.update',
    before: expect.objectContaining({ versions: 0 }) as object,
    after: changed('schemas'),
  },
  [`patch ${TYPE}`]: {
    body: { deprecated: true },
    action: 'eventtype.patch',
    before: expect.objectContaining({ deprecated: false }) as object,
    after: expect.objectContaining({ deprecated: true }) as object,
  },
  [`delete ${TYPE}`]: { action: 'eventtype.delete', before: something, after: { expunged: false } },
};
/** A message is data and no decision. */
const NO_CHANGE = new Set(['post /api/v1/app/{app_id}/msg']);

const routes = webhookRoutes(new World().deps())
  .filter((route) => !route.lacks)
  .map(({ method, path }) => ({ method: method.toUpperCase(), path, name: `${method} ${path}` }));

let client: Client;
let ids: Readonly<Record<string, string>>;
beforeEach(async () => {
  client = await Client.start();
  const { admin, world } = client;
  await admin.application.create({ name: 'Acme', uid: 'acme' });
  await admin.eventType.create({ name: 'order.paid', description: 'An order was paid' });
  const headers = { 'X-Hook': CANARY };
  const endpoint = await admin.endpoint.create('acme', { url, uid: 'first', secret: SECRET, headers });
  const message = await admin.message.create('acme', { eventType: 'order.paid', payload: { said: CANARY } });
  ids = { app_id: 'acme', endpoint_id: endpoint.id, event_type_name: 'order.paid', msg_id: message.id };
  world.audited.length = 0;
});
afterEach(() => client.close());

const at = (path: string): string => path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? 'nothing');
const linesOf = async (method: string, path: string, body?: object) => {
  const { status, text } = await client.request(method, at(path), body);
  expect([status, status < 300 ? '' : text]).toEqual([status, '']);
  return client.world.audited;
};

describe('every call of outgoing webhooks', () => {
  it('has its row here where it changes something, and no row is without a call', () => {
    const names = routes.map(({ name }) => name);

    expect(Object.keys(LINES).filter((name) => !names.includes(name))).toEqual([]);
    expect(
      routes.filter(({ method, name }) => method !== 'GET' && !LINES[name] && !NO_CHANGE.has(name)),
      'calls that change something and have no row',
    ).toEqual([]);
  });

  it.each(routes.filter(({ name }) => LINES[name]))(
    '$name writes one line of the audit log: who, what, before, after, and no secret',
    async ({ method, path, name }) => {
      const { body, action, before, after } = LINES[name] as Expected;

      const lines = await linesOf(method, path, body);

      const subject = expect.stringMatching(/./);
      const line = { at: expect.any(Number), actor: 'token:admin', action, subject, before, after, reason: null };
      expect(lines).toEqual([line]);
      expect(JSON.stringify(lines)).not.toMatch(/canary|whsec_/);
    },
  );

  it.each(routes.filter(({ method, name }) => method === 'GET' && !LINES[name]))(
    '$name writes none',
    async ({ method, path }) => {
      await client.request(method, at(path));

      expect(client.world.audited).toEqual([]);
    },
  );

  it.each(routes.filter(({ name }) => LINES[name]))(
    '$name writes none where it is refused',
    async ({ path, method }) => {
      const isAbout = path.includes('{');
      const nowhere = path.replace(/\{\w+\}/g, '..nothing');
      const { status } = await client.request(method, isAbout ? nowhere : path, isAbout ? undefined : { name: 7 });

      expect(status).toBeGreaterThanOrEqual(400);
      expect(client.world.audited).toEqual([]);
    },
  );
});

/** Another value for each field that a patch takes, but for those that are only another name of one, or refused. */
const PATCHES = {
  [APP]: { uid: 'other', rateLimit: 7, name: 'Other', metadata: { note: CANARY } },
  [ENDPOINT]: {
    uid: 'other',
    rateLimit: 7,
    filterTypes: ['order.paid'],
    channels: ['red'],
    version: 2,
    ordered: true,
    url: `${url}/elsewhere`,
    description: CANARY,
    disabled: true,
    metadata: { note: CANARY },
  },
  [TYPE]: { schemas, groupName: 'orders', description: 'Paid', archived: true, deprecated: true },
};
const ALIASES = new Set(['throttleRate', 'eventTypes', 'secret', 'featureFlag', 'featureFlags']);

describe('a patch', () => {
  it.each([
    [APP, ApplicationPatch],
    [ENDPOINT, EndpointPatch],
    [TYPE, EventTypePatch],
  ] as const)('of %s is known here with all of its fields', (path, schema) => {
    const fields = Object.keys(schema.shape).filter((name) => !ALIASES.has(name));

    expect(Object.keys(PATCHES[path] ?? {}).toSorted()).toEqual(fields.toSorted());
  });

  it.each(Object.entries(PATCHES).flatMap(([path, fields]) => Object.entries(fields).map((one) => [path, ...one])))(
    'of %s leaves a line that shows that %s differs, and not a value that may be a secret',
    async (path, field, value) => {
      const [line] = await linesOf('PATCH', path, { [field]: value });

      expect(line?.after).not.toEqual(line?.before);
      expect(JSON.stringify(line)).not.toContain(CANARY);
    },
  );
});
