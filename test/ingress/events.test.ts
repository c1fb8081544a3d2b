import { describe, expect, it, vi } from 'vitest';
import { Edge, moved, SECRETS } from './edge.js';

const NOON = Date.UTC(2026, 10, 2, 12, 0, 0);

describe('a signed event', () => {
  it('is stored, then answered, then offered to the dispatcher', async () => {
    const edge = await Edge.open();
    edge.now = () => NOON;
    const body = JSON.stringify(moved('evt_1'));
    const answer = await edge.post(body, { id: 'msg_1' });

    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ received: true, id: 'evt_1', duplicate: false });
    expect(edge.inbox.arrivals).toMatchObject([
      {
        source: 'pivotal',
        eventId: 'evt_1',
        deliveryId: 'msg_1',
        type: 'onboarding.phase_changed',
        secret: 'current',
        receivedAt: NOON,
        receivedVirtual: NOON,
        occurredAt: Date.UTC(2026, 10, 2, 9, 15, 30, 250),
        org: 'org_1',
        headers: { 'svix-id': 'msg_1', 'svix-timestamp': String(NOON / 1000) },
      },
    ]);
    expect(edge.inbox.arrivals[0]?.body.toString()).toBe(body);
    expect(edge.offered).toMatchObject([
      {
        seq: '1',
        type: 'onboarding',
        receivedAt: NOON,
        route: { key: { workspace: 'main', mode: 'live', id: 'onb_1' } },
      },
    ]);
  });

  it('is taken under any active secret, either header family and any content type', async () => {
    const edge = await Edge.open();
    expect((await edge.post(moved('evt_1'), { secret: SECRETS.old })).status).toBe(200);
    const unbranded = { 'svix-id': null, 'svix-timestamp': null, 'svix-signature': null };
    expect((await edge.post(moved('evt_2'), { headers: unbranded })).status).toBe(200);
    for (const type of ['text/plain; charset=utf-8', 'application/x-www-form-urlencoded', 'x', null]) {
      expect((await edge.post(moved(`evt_${type}`), { headers: { 'content-type': type } })).status).toBe(200);
    }
    expect(edge.inbox.arrivals.map(({ secret }) => secret).slice(0, 2)).toEqual(['old', 'current']);
  });

  it('of a test source goes to a workflow of its own and needs the secret of that source', async () => {
    const edge = await Edge.open();
    const path = '/webhooks/sandbox';
    expect((await edge.post(moved('evt_1'), { path })).status).toBe(401);
    expect((await edge.post(moved('evt_1'), { path, secret: SECRETS.sandbox })).status).toBe(200);
    expect(edge.offered).toMatchObject([{ route: { key: { mode: 'test' } } }]);
  });

  it('that comes again is a duplicate, answered 200 and not offered again (A4)', async () => {
    const edge = await Edge.open();
    const events = Array.from({ length: 100 }, (_, n) => moved(`evt_${n}`));
    const answers = await Promise.all([...events, ...events, ...events].map((event) => edge.post(event)));

    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(answers.filter(({ json }) => !json.duplicate)).toHaveLength(100);
    expect(edge.offered).toHaveLength(100);
    expect(edge.counts.get('slipway_events_duplicate_total pivotal')).toBe(200);
  });

  it('with the id of another but another body is no duplicate', async () => {
    const edge = await Edge.open();
    expect((await edge.post(moved('evt_1', 'onb_1'))).json.duplicate).toBe(false);
    expect((await edge.post(moved('evt_1', 'onb_2'))).json.duplicate).toBe(false);
  });

  it.each(['webhook.ping', 'onboarding.levitated', 'something'])(
    'of type %s is kept and answered 200 (A9)',
    async (type) => {
      const edge = await Edge.open();
      const answer = await edge.post({ id: 'evt_1', type, data: {} });
      expect(answer.json).toEqual({ received: true, id: 'evt_1', duplicate: false });
      expect(edge.inbox.arrivals[0]).not.toHaveProperty('quarantined');
    },
  );
});

describe('the time of an event without one', () => {
  const timeless = { id: 'evt_1', type: 'task.completed', data: { object: { id: 'tsk_1', onboarding_id: 'onb_1' } } };
  const clock = { anchorReal: NOON, anchorVirtual: Date.UTC(2027, 0, 1), speed: 86_400 };

  it('is its receipt where that is within 5 s of the signing, on the virtual clock', async () => {
    const edge = await Edge.open({}, clock);
    edge.now = () => NOON + 1_000;
    await edge.post(timeless, { at: NOON / 1000 - 4 });
    expect(edge.inbox.arrivals[0]).toMatchObject({
      occurredAt: Date.UTC(2027, 0, 2),
      receivedVirtual: Date.UTC(2027, 0, 2),
    });
    expect(edge.offered).toMatchObject([{ route: { fact: { at: Date.UTC(2027, 0, 2) } } }]);
  });

  it('is the signing where that lies further back', async () => {
    const edge = await Edge.open({}, clock);
    edge.now = () => NOON + 10_000;
    await edge.post(timeless, { at: NOON / 1000 });
    expect(edge.inbox.arrivals[0]).toMatchObject({
      occurredAt: Date.UTC(2027, 0, 1),
      receivedVirtual: Date.UTC(2027, 0, 11),
    });
    expect(edge.offered).toMatchObject([{ route: { fact: { at: Date.UTC(2027, 0, 1) } } }]);
  });
});

describe('a correctly signed body that makes no sense', () => {
  const bracket = '['.repeat(100_000);
  it.each([
    ['no JSON', 'hello', 'not_json'],
    ['nothing', '', 'not_json'],
    ['one byte', '{', 'not_json'],
    ['a byte order mark', `\uFEFF${JSON.stringify(moved('evt_1'))}`, 'not_json'],
    ['100,000 brackets', bracket, 'not_json'],
    ['100,000 closed brackets', bracket + ']'.repeat(100_000), 'unknown_shape'],
    ['an array', '[]', 'unknown_shape'],
    ['null', 'null', 'unknown_shape'],
    ['a word', '"evt_1"', 'unknown_shape'],
    ['no id', '{"type":"onboarding.created"}', 'unknown_shape'],
    ['a numeric id', '{"id":7,"type":"onboarding.created"}', 'unknown_shape'],
  ])('(%s) is kept under its delivery id and answered 200', async (_, body, quarantined) => {
    const edge = await Edge.open();
    const answer = await edge.post(body, { id: 'msg_odd' });
    expect([answer.status, answer.json]).toEqual([
      200,
      { received: true, id: 'msg_odd', duplicate: false, quarantined },
    ]);
    expect(edge.inbox.arrivals).toMatchObject([{ eventId: 'msg_odd', quarantined, type: null, occurredAt: null }]);
    expect(edge.offered).toEqual([]);
    expect(edge.counts.get(`slipway_events_quarantined_total pivotal ${quarantined}`)).toBe(1);
  });

  it.each([
    '{"id":"evt_1","type":"onboarding.created","data":{"object":{"id":"__proto__","phase":{"__proto__":{"polluted":1}}}}}',
    '{"id":"__proto__","type":"constructor","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    '{"id":"evt_1","type":"customer.updated","data":{"object":{"id":"toString","owner_email":{"toString":1}}}}',
    '{"id":"evt_1","type":"toString","type":"onboarding.created","data":{"object":{"id":"a","id":"b","x":1e400}}}',
    '{"id":"evt_\\ud800","type":"onboarding.created","data":{"object":{"id":"onb_\\udfff","name":"\\u0000"}}}',
  ])('with the keys of JavaScript pollutes nothing: %s (A8)', async (body) => {
    const edge = await Edge.open();
    expect((await edge.post(body)).status).toBe(200);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('an inbox that cannot be written', () => {
  it('is answered 503 with a time to come back, and nothing is offered', async () => {
    const edge = await Edge.open();
    edge.inbox.trouble = 'down';
    const answer = await edge.post(moved('evt_1'));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.json.error).toMatchObject({ type: 'unavailable', code: 'store_unavailable' });
    expect(edge.offered).toEqual([]);

    edge.inbox.trouble = 'none';
    expect((await edge.post(moved('evt_1'))).json).toMatchObject({ received: true, duplicate: false });
  });

  it('is answered for after five seconds where it does not answer at all', async () => {
    const edge = await Edge.open();
    edge.inbox.trouble = 'silent';
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const answer = edge.post(moved('evt_1'));
      while (edge.inbox.asked === 0) await new Promise(setImmediate);
      vi.advanceTimersByTime(5_000);
      expect((await answer).status).toBe(503);
    } finally {
      vi.useRealTimers();
    }
  });

  it('loses nothing where the row was written and the answer was lost: the retry is offered', async () => {
    const edge = await Edge.open();
    edge.inbox.trouble = 'lost';
    expect((await edge.post(moved('evt_1'))).status).toBe(503);

    edge.inbox.trouble = 'none';
    edge.inbox.waiting = true;
    expect((await edge.post(moved('evt_1'))).json).toMatchObject({ received: true, duplicate: true });
    const [stored] = edge.inbox.arrivals;
    expect(edge.offered).toMatchObject([{ seq: '1', receivedAt: stored?.receivedAt, route: stored?.route }]);
  });

  it('answers 503 before it reads or verifies anything while more arrives than can be stored', async () => {
    const edge = await Edge.open();
    edge.inbox.trouble = 'full';

    const good = await edge.post(moved('evt_1'));
    const forged = await edge.post(moved('evt_2'), { headers: { 'svix-signature': 'v1,AAAA' } });
    edge.inbox.trouble = 'none';

    expect([good.status, forged.status]).toEqual([503, 503]);
    expect(good.headers.get('retry-after')).toBe('5');
    expect(good.json).toMatchObject({ error: { code: 'store_unavailable' } });
    expect(edge.counts.get('slipway_events_unstored_total pivotal')).toBe(2);
    expect([edge.inbox.asked, edge.shed, edge.rejections]).toEqual([0, 2, []]);
    expect((await edge.post(moved('evt_1'))).status).toBe(200);
  });

  it('refuses some unread for a second more, also where the line has room again', async () => {
    const edge = await Edge.open();
    edge.inbox.trouble = 'full';
    expect((await edge.post(moved('evt_0'))).status).toBe(503);
    edge.inbox.trouble = 'none';
    const answers = await Promise.all(Array.from({ length: 100 }, (_, nth) => edge.post(moved(`evt_${nth}`))));
    const letIn = answers.filter(({ status }) => status === 200).length;
    expect(letIn).toBeGreaterThan(0);
    expect(letIn).toBeLessThan(100);
    expect([edge.inbox.asked, edge.shed]).toEqual([letIn, 101 - letIn]);
  });

  it('answers a fault of ours 500 without its words', async () => {
    const edge = await Edge.open({
      inbox: {
        accept: () => Promise.reject(new Error('secret words at /home/somewhere')),
        isFull: () => false,
      },
    });
    const answer = await edge.post(moved('evt_1'));
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.json)).not.toMatch(/secret words|home|\bat\b.*:\d+/);
    expect(edge.logged.join()).toContain('secret words');
  });
});
