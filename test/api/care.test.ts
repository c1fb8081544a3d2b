import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/contracts/gateway.js';
import { type Served, serve } from './served.js';
import { DAY, iso, NOW } from './views.js';
import { World } from './world.js';

let world: World;
let api: Served;
let away = false;
beforeAll(async () => {
  world = new World();
  const deps = world.deps();
  const resumeErasure = async (id: string) => {
    if (away) throw new GatewayError('Temporal did not answer within 8 s.');
    await deps.care.resumeErasure(id);
  };
  api = await serve({ ...deps, care: { ...deps.care, resumeErasure } });
});
beforeEach(() => {
  away = false;
  world.cared.length = 0;
});
afterAll(() => api.close());

const post = (path: string, body: object) =>
  api.request('POST', path, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const erase = (body: object) => post('/api/v1/erasures', { by: 'dpo', reason: 'Asked by letter', ...body });

describe('retention over the API', () => {
  it('tells the last run and the next one', async () => {
    expect((await api.request('GET', '/api/v1/retention')).json).toEqual({
      last_run: null,
      next_run_at: iso(NOW + DAY),
    });
    const deleted = { events: 3, sends: 0, rejections: 1, audit: 0, tokens: 0, requests: 2 };
    // biome-ignore format: one entry
    world.audited.push({ at: NOW, actor: 'slipway', action: 'retention.run', subject: 'retention/1', before: null, after: deleted, reason: null });

    expect((await api.request('GET', '/api/v1/retention')).json.last_run).toEqual({ at: iso(NOW), deleted });
  });

  it('runs now when it is asked to', async () => {
    expect((await post('/api/v1/retention/run', { by: 'mia' })).json).toEqual({ triggered: true });
    expect(world.cared).toEqual(['retention']);
  });
});

describe('an erasure over the API', () => {
  it('begins at once and says what it is about, the address left out', async () => {
    const { status, json, text } = await erase({ email: 'jane@customer.example' });

    expect([status, json.kind, json.state, json.contact_id]).toEqual([200, 'contact', 'erasing', null]);
    expect(text).not.toContain('jane@');
    expect(world.cared).toEqual([json.id]);
    const entry = world.audited.at(-1);
    expect(entry).toMatchObject({ action: 'erasure.ask', subject: json.id, reason: 'Asked by letter' });
    expect(JSON.stringify(entry)).not.toContain('jane@');
  });

  it('is taken on while Temporal is away: the next run of retention begins it', async () => {
    away = true;
    const { status, json } = await erase({ customer_id: 'cus_1' });

    expect([status, json.state]).toEqual([200, 'erasing']);
    expect((await api.request('GET', `/api/v1/erasures/${json.id}`)).json.customer_id).toBe('cus_1');
  });

  it.each([
    [{}, 'give exactly one of customer_id, contact_id and email'],
    [{ customer_id: 'cus_1', email: 'a@b.example' }, 'give exactly one of'],
    [{ email: 'nobody' }, '`email` is not right'],
    [{ contact_id: 'con_1', reason: '' }, '`reason` is not right'],
    [{ email: 'jane@x.example', reason: 'Jane@X.example wrote to us' }, 'leave the address itself out of it'],
  ])('refuses %j', async (body, said) => {
    const { status, json } = await erase(body);

    expect([status, json.error.code]).toEqual([422, 'InvalidRequest']);
    expect(json.error.message).toContain(said);
  });

  it('says truly what remains, and until when', async () => {
    const { id } = world.erasure({
      state: 'waiting',
      workflows: [
        { workflowId: 'customer/main/cus_1', state: 'open' },
        { workflowId: 'onboarding/main/onb_1', state: 'deleting' },
        { workflowId: 'onboarding/main/onb_0', state: 'deleted' },
      ],
    });

    const { json } = await api.request('GET', `/api/v1/erasures/${id}`);
    expect(json.remains).toEqual([
      expect.stringContaining('The memory of customer/main/cus_1 in Temporal, until the onboardings have closed'),
      '1 histories that Temporal was told to delete and still lists.',
    ]);
    world.erasure({ state: 'done', doneAt: NOW });
    expect((await api.request('GET', '/api/v1/erasures')).json.data[0].remains).toEqual([]);
  });
});
