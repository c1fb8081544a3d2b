import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { openStore, type Store } from '../../src/store/store.js';
import { TestPostgres } from '../support/postgres.js';
import { type Answer, type Served, serve } from './served.js';
import { World } from './world.js';

const NOW = Date.UTC(2026, 10, 23, 10);
const BOOTSTRAP = 'the-bootstrap-token';

/** Two servers over one real store. */
let postgres: TestPostgres;
let url: string;
let stores: Store[];
let one: Served;
let two: Served;

beforeAll(async () => {
  postgres = await TestPostgres.start();
  url = await postgres.database();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  await postgres.clear(url);
  stores = ['a', 'b'].map((serverId) => openStore({ url, observer: SILENT, serverId, now: Date.now }));
  const [first, second] = await Promise.all(
    stores.map(({ tokens, audit, changes }) => serve(new World().deps({ token: BOOTSTRAP, tokens, audit, changes }))),
  );
  if (!first || !second) throw new Error('two servers');
  [one, two] = [first, second];
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all([one.close(), two.close(), ...stores.map((store) => store.close())]);
});

const auth = (token: string, key?: string) => ({
  authorization: `Bearer ${token}`,
  ...(key === undefined ? {} : { 'idempotency-key': key }),
});
const get = (api: Served, path: string, token = BOOTSTRAP) => api.request('GET', path, { headers: auth(token) });
const make = (body: object, api = one, key?: string): Promise<Answer> =>
  api.post('/api/v1/tokens', body, auth(BOOTSTRAP, key));

describe('a named token', () => {
  it('lives from its making, shown once, to its end on every server', async () => {
    const made = await make({ name: 'desk', role: 'operator' });
    expect([made.status, made.json]).toEqual([
      200,
      {
        id: expect.stringMatching(/^tok_/),
        name: 'desk',
        role: 'operator',
        created_at: '2026-11-23T10:00:00.000Z',
        created_by: 'bootstrap',
        expires_at: null,
        revoked_at: null,
        last_used_at: null,
        token: expect.stringMatching(/^slp_[\w-]{43}$/),
      },
    ]);
    const { token, ...shown } = made.json;

    expect((await get(two, '/api/v1/status', token)).status).toBe(200);
    expect((await get(two, '/api/v1/tokens', token)).status).toBe(403);
    const listed = await get(one, '/api/v1/tokens');
    expect(listed.json.data).toEqual([{ ...shown, last_used_at: '2026-11-23T10:00:00.000Z' }]);
    expect(listed.text).not.toContain(token);

    vi.setSystemTime(NOW + 60_000);
    const revoked = await one.post('/api/v1/tokens/desk/revoke', { reason: 'Left the company' }, auth(BOOTSTRAP));
    expect(revoked.json).toMatchObject({ id: shown.id, revoked_at: '2026-11-23T10:01:00.000Z' });
    vi.setSystemTime(NOW + 62_000);
    expect((await get(one, '/api/v1/status', token)).status).toBe(401);
    expect((await get(two, '/api/v1/status', token)).status).toBe(401);

    const { json } = await get(two, '/api/v1/audit');
    expect(json.data).toMatchObject([
      {
        at: '2026-11-23T10:01:00.000Z',
        actor: 'bootstrap',
        action: 'token.revoke',
        subject: shown.id,
        before: { revoked: false },
        after: { revoked: true },
        reason: 'Left the company',
      },
      {
        actor: 'bootstrap',
        action: 'token.create',
        subject: shown.id,
        before: null,
        after: { name: 'desk', role: 'operator', expires_at: null },
      },
    ]);
    expect(JSON.stringify(await postgres.query(url, 'select * from changes'))).not.toContain(token);
  });

  it('ends by itself at the instant that was said, which lies ahead', async () => {
    const expires_at = '2026-11-23T10:01:00.000Z';
    const { token } = (await make({ name: 'ci', role: 'viewer', expires_at })).json;

    expect((await get(one, '/api/v1/status', token)).status).toBe(200);
    vi.setSystemTime(NOW + 60_000);
    expect((await get(one, '/api/v1/status', token)).status).toBe(401);
    expect((await make({ name: 'late', role: 'viewer', expires_at })).json.error).toMatchObject({
      code: 'InvalidRequest',
      field: 'expires_at',
    });
  });

  it.each([
    [{ name: 'desk', role: 'owner' }, 'role'],
    [{ name: 'two words', role: 'viewer' }, 'name'],
    [{ name: '', role: 'viewer' }, 'name'],
    [{ name: 'x'.repeat(64), role: 'viewer' }, 'name'],
    [{ name: 'desk', role: 'viewer', token: 'mine' }, 'token'],
  ])('is not made of %j', async (body, field) => {
    const { status, json } = await make(body);

    expect([status, json.error.field]).toEqual([422, field]);
  });

  it('of a name that is taken is refused, with what to do', async () => {
    await make({ name: 'desk', role: 'viewer' });
    const { status, json } = await make({ name: 'desk', role: 'admin' }, two);

    expect([status, json.error]).toEqual([
      409,
      {
        type: 'conflict_error',
        code: 'TokenNameTaken',
        message: 'There is a token "desk" already that is not revoked. Revoke that one, or choose another name.',
        field: 'name',
      },
    ]);
  });

  it('that is not there cannot be revoked', async () => {
    const { status, json } = await one.post('/api/v1/tokens/nobody/revoke', {}, auth(BOOTSTRAP));

    expect([status, json.error.code]).toEqual([404, 'UnknownToken']);
  });
});

describe('two requests with one Idempotency-Key at once, on two servers', () => {
  it('are one: the other is told to wait, and both are one line of the audit log', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => make({ name: 'desk', role: 'viewer' }, n % 2 ? one : two, 'k-1')),
    );

    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(11);
    expect((await get(one, '/api/v1/tokens')).json.data).toHaveLength(1);
    expect((await get(one, '/api/v1/audit')).json.data).toHaveLength(1);
    expect((await make({ name: 'desk', role: 'viewer' }, two, 'k-1')).json.error.code).toBe('AlreadyDone');
  });
});

describe('the audit log', () => {
  it('is searched and paged over the API', async () => {
    for (const name of ['a', 'b', 'c']) await make({ name, role: 'viewer' });
    await one.post('/api/v1/tokens/b/revoke', {}, auth(BOOTSTRAP));

    const first = await get(two, '/api/v1/audit?action=token.create&limit=2');
    const rest = await get(two, `/api/v1/audit?action=token.create&limit=2&cursor=${first.json.next_cursor}`);
    const names = [...first.json.data, ...rest.json.data].map(({ after }: { after: { name: string } }) => after.name);

    expect(names).toEqual(['c', 'b', 'a']);
    expect((await get(two, '/api/v1/audit?since=2026-11-23T10:00:01Z')).json.data).toEqual([]);
    expect((await get(two, '/api/v1/audit?actor=nobody')).json.data).toEqual([]);
    expect((await get(two, '/api/v1/audit?cursor=none')).json.error.code).toBe('InvalidCursor');
    expect((await get(two, '/api/v1/audit?since=yesterday')).status).toBe(422);
  });
});
