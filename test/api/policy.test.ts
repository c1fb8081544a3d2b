import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/contracts/gateway.js';
import { type Served, serve } from './served.js';
import { DAY, iso, NOW } from './views.js';
import { World } from './world.js';

const GOOD = 'workspace: { calendar: always }\n';
const yaml = (body: string, type = 'application/yaml') => ({ headers: { 'content-type': type }, body });

let world: World;
let api: Served;
beforeEach(async () => {
  world = new World();
  api = await serve(world.deps());
});
afterEach(() => api.close());

describe('the policy in force', () => {
  it('is shown as it was written, with the ones before it', async () => {
    const { json } = await api.get('/api/v1/policy');

    expect(json).toEqual({
      hash: 'hash-1',
      published_at: iso(NOW - DAY),
      source: 'workspace: {}\n',
      history: [{ hash: 'hash-1', published_at: iso(NOW - DAY) }],
    });
  });

  it('is 404 before the first one is published', async () => {
    world.published.length = 0;

    expect((await api.get('/api/v1/policy')).json.error.code).toBe('NoPolicy');
  });
});

describe('validating', () => {
  it.each(['application/yaml', 'text/yaml', 'text/plain; charset=utf-8'])(
    'takes %s and changes nothing',
    async (type) => {
      const answer = await api.request('POST', '/api/v1/policy/validate', yaml(GOOD, type));

      expect(answer.json).toEqual({ valid: true, hash: expect.any(String), problems: [] });
      expect([world.published.length, world.told]).toEqual([1, []]);
    },
  );

  it('names the line of what is wrong', async () => {
    const { status, json } = await api.post('/api/v1/policy/validate', { yaml: 'nonsense' });

    expect(status).toBe(200);
    expect(json).toEqual({
      valid: false,
      hash: null,
      problems: [{ line: 3, column: 5, path: 'ladders.nudge[0].after', message: '"soon" is no length of time' }],
    });
  });

  it.each([[{}], [{ yaml: '' }], [{ yaml: 7 }], [{ yml: GOOD }]])('refuses %j', async (body) => {
    expect((await api.post('/api/v1/policy/validate', body)).status).toBe(422);
  });

  it('takes a policy far longer than an action may be', async () => {
    expect((await api.request('POST', '/api/v1/policy/validate', yaml(GOOD + '#'.repeat(200_000)))).status).toBe(200);
    expect((await api.request('POST', '/api/v1/policy/validate', yaml(GOOD + '#'.repeat(600_000)))).status).toBe(413);
  });
});

describe('the history', () => {
  it('lists publications, newest first, and says which is in force', async () => {
    await api.request('POST', '/api/v1/policy/publish', yaml(GOOD));

    const { json } = await api.get('/api/v1/policy/history');

    expect(json).toEqual({
      data: [
        { hash: expect.not.stringContaining('hash-1'), published_at: iso(NOW), in_force: true },
        { hash: 'hash-1', published_at: iso(NOW - DAY), in_force: false },
      ],
      next_cursor: null,
    });
  });
});

describe('comparing', () => {
  const diff = async (body: unknown) => (await api.post('/api/v1/policy/diff', body)).json;
  const GRACE = 'workspace: {}\ngrace_after_completed: 60 days\n';

  it('tells what a file would change of the policy in force', async () => {
    const { json } = await api.request('POST', '/api/v1/policy/diff', yaml(GRACE));

    expect(json).toMatchObject({
      from: 'hash-1',
      changes: [
        {
          path: 'grace_after_completed',
          kind: 'changed',
          before: '30 days',
          after: '60 days',
          text: 'grace_after_completed: 30 days -> 60 days',
        },
      ],
    });
    expect([world.published.length, world.told]).toEqual([1, []]);
    expect((await diff({ yaml: 'workspace: {} # the same\n' })).changes).toEqual([]);
  });

  it('tells what the latest publication changed, and what lies between any two', async () => {
    const { hash } = (await api.request('POST', '/api/v1/policy/publish', yaml(GRACE))).json;

    expect(await diff({})).toMatchObject({ from: 'hash-1', to: hash, changes: [{ after: '60 days' }] });
    expect(await diff({ from: hash, to: 'hash-1' })).toMatchObject({ changes: [{ after: '30 days' }] });
    expect(await diff({ to: 'hash-1' })).toEqual({ from: null, to: 'hash-1', changes: [] });
  });

  it('refuses what is not valid or was never published, and two targets', async () => {
    const refusal = async (body: unknown) => {
      const { status, json } = await api.post('/api/v1/policy/diff', body);
      return [status, json.error.code];
    };

    expect(await refusal({ yaml: 'nonsense' })).toEqual([422, 'PolicyInvalid']);
    expect(await refusal({ from: 'nobody' })).toEqual([404, 'UnknownPolicy']);
    expect(await refusal({ to: 'nobody' })).toEqual([404, 'UnknownPolicy']);
    expect(await refusal({ yaml: GOOD, to: 'hash-1' })).toEqual([422, 'InvalidRequest']);
    world.published.length = 0;
    expect(await refusal({ yaml: GOOD })).toEqual([404, 'NoPolicy']);
  });
});

describe('publishing', () => {
  it('stores the policy, then tells the open onboardings', async () => {
    const { json } = await api.request('POST', '/api/v1/policy/publish', yaml(GOOD));

    expect(json).toEqual({ hash: expect.any(String), changed: true });
    expect(world.published.at(-1)?.stored).toMatchObject({ hash: json.hash, source: GOOD });
    expect(world.told).toEqual([json.hash]);
    expect((await api.get('/api/v1/policy')).json.hash).toBe(json.hash);
  });

  it('says so where the policy was in force already', async () => {
    await api.request('POST', '/api/v1/policy/publish', yaml(GOOD));

    expect((await api.request('POST', '/api/v1/policy/publish', yaml(GOOD))).json.changed).toBe(false);
  });

  it('publishes nothing that is not valid', async () => {
    const answer = await api.request('POST', '/api/v1/policy/publish', yaml('nonsense'));

    expect([answer.status, answer.json.error.code, answer.json.error.problems[0].line]).toEqual([
      422,
      'PolicyInvalid',
      3,
    ]);
    expect(answer.json.error.message).toContain('line 3');
    expect([world.published.length, world.told]).toEqual([1, []]);
  });

  it('is whole after the same request is made again, where nobody could be told', async () => {
    await api.close();
    api = await serve(
      world.deps({
        gateway: { ...world.deps().gateway, publishPolicy: () => Promise.reject(new GatewayError('down')) },
      }),
    );
    expect((await api.request('POST', '/api/v1/policy/publish', yaml(GOOD))).status).toBe(503);

    await api.close();
    api = await serve(world.deps());
    const again = await api.request('POST', '/api/v1/policy/publish', yaml(GOOD));

    expect(world.told).toEqual([again.json.hash]);
  });
});
