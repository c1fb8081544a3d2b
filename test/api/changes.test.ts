import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { apiRoutes } from '../../src/api/app.js';
import { changeRoute, isChanging, jsonRoute } from '../../src/api/route.js';
import { RedeliveredSchema } from '../../src/contracts/api.js';
import { GatewayError, GatewayRefusal } from '../../src/contracts/gateway.js';
import { StoreUnavailable } from '../../src/contracts/inbox.js';
import { aFullWorld, bodyOf, pathTo } from './requests.js';
import { type Answer, type Served, serve } from './served.js';
import { anEscalation } from './views.js';
import { World } from './world.js';

const TOKEN = 'the-bootstrap-token';
const ESCALATION = anEscalation('onb_1', 1).id;
const ACKNOWLEDGE = `/api/v1/escalations/${encodeURIComponent(ESCALATION)}/acknowledge`;
/** Before it, there was nothing. */
const MAKES = new Set(['token.create', 'erasure.ask', 'retention.trigger', 'lists.rebuild']);
const changing = apiRoutes(new World().deps()).filter(isChanging);

let world: World;
let api: Served;
const serveWith = async (more: Parameters<World['deps']>[0] = {}) => {
  await api?.close();
  api = await serve(world.deps({ token: TOKEN, ...more }));
};
beforeEach(async () => {
  world = aFullWorld();
  world.token('caller', 'admin');
  await serveWith();
});
afterEach(() => api.close());

const post = (path: string, body: object, key?: string, token = 'slp_caller'): Promise<Answer> =>
  api.post(path, body, {
    authorization: `Bearer ${token}`,
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  });

describe('every route that changes something', () => {
  const effects = () =>
    [world.asked, world.redelivered, world.published, world.told, world.tokens].map((one) => one.length);

  it.each(changing)('$action has a name that tells resource and verb', ({ action, path }) => {
    expect(action).toMatch(/^[a-z]+\.[a-z_]+$/);
    expect(changing.filter((one) => one.action === action).map((one) => one.path)).toEqual([path]);
  });

  it.each(changing)('$action writes one line of the audit log: who, what, before, after', async ({ path, action }) => {
    const body = bodyOf(path);

    const { status, text } = await post(pathTo(path, 'there'), body);

    expect([status, status === 200 ? '' : text]).toEqual([200, '']);
    expect(world.audited).toEqual([
      {
        at: expect.any(Number),
        actor: 'by' in body ? 'token:caller for mia' : 'token:caller',
        action,
        subject: expect.stringMatching(/./),
        before: MAKES.has(action) ? null : expect.anything(),
        after: expect.anything(),
        reason: 'reason' in body || 'note' in body ? expect.stringMatching(/./) : null,
      },
    ]);
    const line = JSON.stringify(world.audited);
    expect(line).not.toMatch(/slp_|Zoë|mia@vendor/);
  });

  it.each(changing)('$action writes no line where it was refused', async ({ path }) => {
    if (path.includes('{id}')) expect((await post(pathTo(path, 'missing'), bodyOf(path))).status).toBe(404);
    expect((await post(pathTo(path, 'there'), { no: 'such field' })).status).toBeGreaterThanOrEqual(
      path.endsWith('redeliver') ? 200 : 400,
    );

    expect(world.audited.length).toBe(path.endsWith('redeliver') ? 1 : 0);
    expect(world.changes.size).toBe(path.endsWith('redeliver') ? 1 : 0);
  });

  it.each(changing)('$action is done once for one Idempotency-Key', async ({ path, answersOnce }) => {
    const first = await post(pathTo(path, 'there'), bodyOf(path), 'k-1');
    const done = effects();
    const again = await post(pathTo(path, 'there'), bodyOf(path), 'k-1');

    expect(first.status).toBe(200);
    if (answersOnce) expect([again.status, again.json.error.code]).toEqual([409, 'AlreadyDone']);
    else expect([again.status, again.json]).toEqual([200, first.json]);
    expect(world.audited).toHaveLength(1);
    expect(effects()).toEqual(done);
  });

  it('cannot be described without a name, nor answer without its line', () => {
    const described = {
      method: 'post',
      path: '/x',
      role: 'admin',
      summary: 'X',
      refuses: [],
      answer: RedeliveredSchema,
    } as const;
    const answer = { seq: '1', redelivered: true } as const;

    // @ts-expect-error a POST says what it changes, or `action: null`
    jsonRoute({ ...described, handle: async () => answer });
    // @ts-expect-error what changes something comes back with what the audit log says of it
    changeRoute({ ...described, action: 'x.do', handle: async () => answer });
    // @ts-expect-error and has a name
    changeRoute({
      ...described,
      handle: async () => ({ answer, change: { before: null, after: null, reason: null } }),
    });
    expect(jsonRoute({ ...described, action: null, handle: async () => answer })).toMatchObject({ action: null });
  });

  it('says who acted: the token, and the person it acted for', async () => {
    await post(ACKNOWLEDGE, { by: 'usr_17', note: 'On it' }, undefined, TOKEN);
    await post(ACKNOWLEDGE, { by: 'Ida from support' });
    await api.close();
    api = await serve(world.deps());
    await api.post(ACKNOWLEDGE, { by: 'mia' });

    expect(world.audited.map(({ actor, reason }) => [actor, reason])).toEqual([
      ['bootstrap for mia', 'On it'],
      ['token:caller for Ida from support', null],
      ['local for mia', null],
    ]);
  });

  it('tells what differs', async () => {
    const resolved = anEscalation('onb_1', 1, { status: 'resolved' });
    world.answer = () => resolved;
    await post(`/api/v1/escalations/${encodeURIComponent(ESCALATION)}/resolve`, { by: 'mia' });

    expect(world.audited[0]).toMatchObject({
      subject: ESCALATION,
      before: { status: 'acknowledged', level: 1 },
      after: { status: 'resolved', level: 1 },
    });
  });
});

describe('a change of which nobody knows whether it was done', () => {
  it('is in the audit log as that, and the same request does it again', async () => {
    const answer = world.answer;
    world.answer = () => {
      throw new GatewayError('no answer');
    };
    expect((await post(ACKNOWLEDGE, { by: 'mia' }, 'k-1')).status).toBe(503);
    expect(world.audited).toMatchObject([
      {
        actor: 'token:caller for mia',
        action: 'escalation.acknowledge',
        subject: ESCALATION,
        after: { outcome: 'unknown' },
      },
    ]);

    world.answer = answer;
    expect((await post(ACKNOWLEDGE, { by: 'mia' }, 'k-1')).status).toBe(200);
    const [first, second] = world.asked.map(({ updateId }) => updateId);
    expect([first, second]).toEqual([expect.stringMatching(/^acknowledge\/[\w-]{22}$/), first]);
    expect(world.audited).toHaveLength(2);
  });

  it('is not said to be done where it cannot be written down', async () => {
    const { changes } = world.deps();
    await serveWith({ changes: { ...changes, conclude: () => Promise.reject(new StoreUnavailable('full')) } });

    const { status, headers } = await post(ACKNOWLEDGE, { by: 'mia' });

    expect([status, headers['retry-after']]).toEqual([503, '5']);
    expect(world.asked).toHaveLength(1);
  });

  it('is not begun where nothing can be written down', async () => {
    const { changes } = world.deps();
    await serveWith({ changes: { ...changes, begin: () => Promise.reject(new StoreUnavailable('away')) } });

    expect((await post(ACKNOWLEDGE, { by: 'mia' })).status).toBe(503);
    expect(world.asked).toEqual([]);
  });

  it('keeps its own failure where giving up fails too', async () => {
    const { changes } = world.deps();
    await serveWith({ changes: { ...changes, release: () => Promise.reject(new StoreUnavailable('away')) } });
    world.answer = () => {
      throw new GatewayRefusal('EscalationNotOpen', 'It was resolved.');
    };

    expect((await post(ACKNOWLEDGE, { by: 'mia' })).status).toBe(409);
    expect(world.logged.join()).toContain('a change is left for later');
  });
});

describe('an Idempotency-Key', () => {
  it('belongs to one caller, path and query', async () => {
    await post(ACKNOWLEDGE, { by: 'mia' }, 'k-1');
    await post(ACKNOWLEDGE, { by: 'mia' }, 'k-1', TOKEN);
    await post(ACKNOWLEDGE.replace('acknowledge', 'escalate'), { by: 'mia' }, 'k-1');
    await post('/api/v1/onboardings/onb_1/release', { by: 'mia' }, 'k-1');
    await post('/api/v1/onboardings/onb_1/release?mode=live', { by: 'mia' }, 'k-1');

    expect(world.asked).toHaveLength(5);
  });

  it('with another body is refused, and the first one stands', async () => {
    const first = await post(ACKNOWLEDGE, { by: 'mia' }, 'k-1');
    const other = await post(ACKNOWLEDGE, { by: 'mia', note: 'x' }, 'k-1');

    expect([other.status, other.json.error.code, other.json.error.field]).toEqual([
      422,
      'KeyReused',
      'Idempotency-Key',
    ]);
    expect((await post(ACKNOWLEDGE, { by: 'mia' }, 'k-1')).json).toEqual(first.json);
    expect(world.asked).toHaveLength(1);
  });

  it('of a request under way is told to wait, and hears the answer then', async () => {
    let finish = () => {};
    const { gateway } = world.deps();
    await serveWith({
      gateway: {
        ...gateway,
        act: async (...asked) => {
          await new Promise<void>((done) => {
            finish = done;
          });
          return gateway.act(...asked);
        },
      },
    });
    const first = post(ACKNOWLEDGE, { by: 'mia' }, 'k-1');
    while (world.changes.size === 0) await new Promise((wake) => setTimeout(wake, 1));

    const meanwhile = await post(ACKNOWLEDGE, { by: 'mia' }, 'k-1');
    expect([meanwhile.status, meanwhile.json.error.code, meanwhile.headers['retry-after']]).toEqual([
      409,
      'UnderWay',
      '1',
    ]);
    await new Promise((wake) => setTimeout(wake, 5));
    finish();
    expect((await first).status).toBe(200);
    expect((await post(ACKNOWLEDGE, { by: 'mia' }, 'k-1')).json).toEqual((await first).json);
    expect(world.asked).toHaveLength(1);
  });

  it('is free again after a refusal: the same request finds out how things are by then', async () => {
    const answer = world.answer;
    world.answer = () => {
      throw new GatewayRefusal('EscalationNotOpen', 'It was resolved.');
    };
    expect((await post(ACKNOWLEDGE, { by: 'mia' }, 'k-1')).status).toBe(409);
    world.answer = answer;

    expect((await post(ACKNOWLEDGE, { by: 'mia' }, 'k-1')).status).toBe(200);
  });

  it('keeps no answer that held a secret', async () => {
    const { json } = await post('/api/v1/tokens', { name: 'ci', role: 'viewer' }, 'k-1');

    expect(json.token).toMatch(/^slp_/);
    expect(JSON.stringify([...world.changes.values()])).not.toContain(json.token);
  });
});

/** A workflow answers an update whose id it knows with the first one's outcome, for as long as its run lasts. */
describe('an update of a workflow', () => {
  const RELEASE = '/api/v1/onboardings/onb_1/release';
  const idOf = async (path: string, body: object, key: string, token?: string) => {
    // As if a day had passed: the ledger knows nothing of what was asked before.
    world.changes.clear();
    expect((await post(path, body, key, token)).status).toBe(200);
    return world.asked.at(-1)?.updateId;
  };
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['of another caller', ACKNOWLEDGE, { by: 'mia' }, 'k-1', TOKEN],
    ['with another body', ACKNOWLEDGE, { by: 'mia', note: 'Now I have it' }, 'k-1', undefined],
    ['on another path', ACKNOWLEDGE.replace('~1', '~2'), { by: 'mia' }, 'k-1', undefined],
    ['under another key', ACKNOWLEDGE, { by: 'mia' }, 'k-2', undefined],
  ])('%s has another id', async (_, path, body, key, token) => {
    const first = await idOf(ACKNOWLEDGE, { by: 'mia' }, 'k-1');

    expect(first).toEqual(expect.any(String));
    expect(await idOf(path, body, key, token)).not.toBe(first);
    expect(await idOf(ACKNOWLEDGE, { by: 'mia' }, 'k-1')).toBe(first);
  });

  it.each([ACKNOWLEDGE, RELEASE])('by %s has another id on the next day', async (path) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 23, 0, 1) });
    const first = await idOf(path, { by: 'mia' }, 'k-1');
    vi.setSystemTime(Date.UTC(2026, 10, 23, 23, 59));
    expect(await idOf(path, { by: 'mia' }, 'k-1')).toBe(first);
    vi.setSystemTime(Date.UTC(2026, 10, 24, 0, 1));

    expect(await idOf(path, { by: 'mia' }, 'k-1')).not.toBe(first);
  });

  it('without a key has an id that nobody can repeat', async () => {
    await post(RELEASE, { by: 'mia' });

    expect(world.asked.map(({ updateId }) => updateId)).toEqual([undefined]);
  });
});
