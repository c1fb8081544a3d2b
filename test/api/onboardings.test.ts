import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError, GatewayRefusal } from '../../src/contracts/gateway.js';
import { workflowId } from '../../src/contracts/ids.js';
import { type Served, serve } from './served.js';
import { anEscalation, anOnboarding, DAY, iso, keyOf, MIA, NOW } from './views.js';
import { World } from './world.js';

let world: World;
let api: Served;
const serveWith = async (more: Parameters<World['deps']>[0] = {}) => {
  await api?.close();
  api = await serve(world.deps(more));
};
beforeEach(async () => {
  world = new World();
  await serveWith();
});
afterEach(() => api.close());

describe('the list of onboardings', () => {
  it('hands every filter on as it was meant', async () => {
    world.add(anOnboarding('onb_1'));

    const answer = await api.get(
      '/api/v1/onboardings?health=stuck&phase=uat&state=running&owner=mia&escalated=false&closed=true&customer_id=cus_1&mode=live&workspace=main&q=bor&sort=-target&limit=7&cursor=abc',
    );

    expect(answer.status).toBe(200);
    expect(answer.json.data[0]).toMatchObject({
      id: 'onb_1',
      temporal_url: expect.stringContaining('onboarding%2Fmain%2Fonb_1'),
    });
    expect(world.filters.onboardings).toEqual({
      health: 'stuck',
      phase: 'uat',
      state: 'running',
      owner: 'mia',
      escalated: false,
      closed: true,
      customer_id: 'cus_1',
      mode: 'live',
      workspace: 'main',
      q: 'bor',
      sort: '-target',
      limit: 7,
      cursor: 'abc',
    });
  });

  it('asks for fifty where nothing was said', async () => {
    await api.get('/api/v1/onboardings');

    expect(world.filters.onboardings).toEqual({ limit: 50 });
  });

  it.each([
    ['health=unwell', 'health'],
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['escalated=yes', 'escalated'],
    ['closed=yes', 'closed'],
    ['sort=luck', 'sort'],
    ['helth=stuck', 'helth'],
    ['phase=a&phase=b', 'phase'],
  ])('refuses ?%s and names the parameter', async (query, field) => {
    const answer = await api.get(`/api/v1/onboardings?${query}`);

    expect([answer.status, answer.json.error.code, answer.json.error.field]).toEqual([422, 'InvalidRequest', field]);
  });

  it('answers 400 to a cursor of no list', async () => {
    const answer = await api.get('/api/v1/onboardings?cursor=none-of-ours');

    expect([answer.status, answer.json.error.code]).toEqual([400, 'InvalidCursor']);
  });
});

describe('one onboarding', () => {
  it('is answered from the read model while nothing newer was signalled', async () => {
    world.add(anOnboarding('onb_1'));
    world.live.set(workflowId('onboarding', keyOf('onb_1')), anOnboarding('onb_1', { phase: 'launch' }));

    expect((await api.get('/api/v1/onboardings/onb_1')).json.phase).toBe('uat');
  });

  it('is asked of its workflow where the read model is behind', async () => {
    world.add(anOnboarding('onb_1'), { behind: true });
    world.live.set(workflowId('onboarding', keyOf('onb_1')), anOnboarding('onb_1', { phase: 'launch' }));

    const answer = await api.get('/api/v1/onboardings/onb_1');

    expect(answer.json.phase).toBe('launch');
    expect(answer.json.temporal_url).toContain('onb_1');
  });

  it('falls back to the row where the workflow cannot be asked', async () => {
    world.add(anOnboarding('onb_1'), { behind: true });
    const gateway = { ...world.deps().gateway, view: () => Promise.reject(new GatewayError('no worker')) };
    await serveWith({ gateway });

    expect((await api.get('/api/v1/onboardings/onb_1')).json.phase).toBe('uat');
  });

  it('waits for a workflow that hangs no longer than a person would', async () => {
    world.add(anOnboarding('onb_1'), { behind: true });
    await serveWith({ gateway: { ...world.deps().gateway, view: () => new Promise(() => {}) } });

    const began = performance.now();
    const answer = await api.get('/api/v1/onboardings/onb_1');

    expect(answer.json.phase).toBe('uat');
    expect(performance.now() - began).toBeLessThan(3_000);
  });

  it('is found before it was ever projected: live before test, the first workspace before the second', async () => {
    const put = (workspace: string, mode: 'live' | 'test', phase: string) =>
      world.live.set(
        workflowId('onboarding', keyOf('onb_1', { workspace, mode })),
        anOnboarding('onb_1', { workspace, mode, phase }),
      );
    put('main', 'test', 'test in main');
    put('emea', 'live', 'live in emea');

    expect((await api.get('/api/v1/onboardings/onb_1')).json.phase).toBe('live in emea');
    expect((await api.get('/api/v1/onboardings/onb_1?mode=test')).json.phase).toBe('test in main');
    expect((await api.get('/api/v1/onboardings/onb_1?workspace=main&mode=live')).status).toBe(404);
  });

  it('is 404 where nobody knows it, and 503 where nobody could be asked', async () => {
    const unknown = await api.get('/api/v1/onboardings/nobody');
    expect([unknown.status, unknown.json.error.code]).toEqual([404, 'UnknownOnboarding']);

    await serveWith({ gateway: { ...world.deps().gateway, view: () => Promise.reject(new GatewayError('down')) } });
    const unasked = await api.get('/api/v1/onboardings/nobody');
    expect([unasked.status, unasked.headers['retry-after']]).toEqual([503, '5']);
  });

  it('takes an id with a slash, as senders may make them', async () => {
    world.add(anOnboarding('acme/7'));

    expect((await api.get('/api/v1/onboardings/acme%2F7')).json.id).toBe('acme/7');
  });
});

describe('holding, releasing and closing', () => {
  it('carries a hold to the workflow with the person of the policy and the end', async () => {
    world.add(anOnboarding('onb_1', { workspace: 'emea' }));
    const until = iso(NOW + 5 * DAY);

    const answer = await api.post(
      '/api/v1/onboardings/onb_1/hold',
      { by: 'MIA@vendor.example', state: 'waiting', until, reason: 'Legal' },
      { 'idempotency-key': 'k1' },
    );

    expect([answer.status, answer.json.id]).toEqual([200, 'onb_1']);
    expect(world.asked).toEqual([
      {
        key: keyOf('onb_1', { workspace: 'emea' }),
        action: {
          verb: 'hold',
          by: { id: 'mia', name: 'Mia Park', person: MIA },
          state: 'waiting',
          until: NOW + 5 * DAY,
          reason: 'Legal',
        },
        updateId: expect.stringMatching(/^hold\/[\w-]{22}$/),
      },
    ]);
  });

  it('refuses a hold that ends before it begins', async () => {
    world.add(anOnboarding('onb_1'));

    const answer = await api.post('/api/v1/onboardings/onb_1/hold', {
      by: 'mia',
      state: 'waiting',
      until: iso(NOW - 1),
      reason: 'x',
    });

    expect([answer.status, answer.json.error.field]).toEqual([422, 'until']);
    expect(world.asked).toEqual([]);
  });

  it.each([
    ['hold', { by: 'mia', state: 'asleep', reason: 'x' }, 'state'],
    ['hold', { by: 'mia', state: 'paused' }, 'reason'],
    ['release', {}, 'by'],
    ['release', { by: 'mia', why: 'x' }, 'why'],
    ['close', { by: 'mia', reason: '  ' }, 'reason'],
  ])('refuses %s %j and names the field', async (verb, body, field) => {
    world.add(anOnboarding('onb_1'));

    const answer = await api.post(`/api/v1/onboardings/onb_1/${verb}`, body);

    expect([answer.status, answer.json.error.field]).toEqual([422, field]);
    expect(answer.json.error.message).toContain(`\`${field}\``);
  });

  it("passes the workflow's own refusal on", async () => {
    world.add(anOnboarding('onb_1', { escalations: [anEscalation('onb_1')] }));
    const hold = () => Promise.reject(new GatewayRefusal('NotHeld', 'Nobody holds it.'));
    await serveWith({ gateway: { ...world.deps().gateway, hold } });

    const answer = await api.post('/api/v1/onboardings/onb_1/release', { by: 'mia' });

    expect(answer.status).toBe(409);
    expect(answer.json).toEqual({ error: { type: 'conflict_error', code: 'NotHeld', message: 'Nobody holds it.' } });
  });

  it('is 404 for an onboarding nobody knows', async () => {
    expect((await api.post('/api/v1/onboardings/nobody/close', { by: 'mia', reason: 'gone' })).status).toBe(404);
  });
});
