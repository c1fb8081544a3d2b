import fc from 'fast-check';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Endpoint } from '../../../src/contracts/webhooks.js';
import { HOUR_MS } from '../../../src/domain/time/duration.js';
import { QUEUED_CHANNEL } from '../../../src/store/webhooks/nudge.js';
import { TestPostgres } from '../../support/postgres.js';
import { type Desk, desk, FIRST_PAGE } from './desk.js';

describe('what was sent', () => {
  let postgres: TestPostgres;
  let url: string;
  let it_: Desk;
  let application: string;
  let endpoint: Endpoint;
  beforeAll(async () => {
    postgres = await TestPostgres.start();
    url = await postgres.database();
    it_ = desk(url);
  });
  beforeEach(async () => {
    it_.woken.length = 0;
    application = (await it_.application()).id;
    endpoint = await it_.endpoint(application);
  });
  afterAll(async () => {
    await it_.close();
    await postgres.stop();
  });

  const queue = async () => (await it_.queued(endpoint.id))[0];
  const wakes = () => it_.woken.map(({ id }) => id);

  describe('is looked at', () => {
    it('message by message, by id and by the id of its maker, within its application', async () => {
      const { id } = await it_.message(application, {
        event_id: 'order-1',
        channels: ['eu'],
        tags: ['vip'],
        payload: '{"text":"Grüße · 日本"}',
      });

      const found = await it_.messages.find(application, id);
      expect(found).toEqual({
        id,
        application,
        eventType: 'order.paid',
        eventId: 'order-1',
        channels: ['eu'],
        tags: ['vip'],
        payload: '{"text":"Grüße · 日本"}',
        at: it_.clock.now,
      });
      expect(await it_.messages.find(application, 'order-1')).toEqual(found);
      expect(await it_.messages.find('app_other', id)).toBeUndefined();
    });

    it('by type, channel, tag and time, the newest first', async () => {
      const at = it_.clock.now;
      const a = await it_.message(application, { created_ms: at, channels: ['eu', 'us'] });
      const b = await it_.message(application, { created_ms: at + 1, event_type: 'order.sent', tags: ['vip'] });
      const c = await it_.message(application, { created_ms: at + 2 });
      await it_.message((await it_.application()).id);
      const listed = async (filter: object) =>
        (await it_.messages.list(application, { ...FIRST_PAGE, ...filter })).data.map(({ id }) => id);

      expect(await listed({})).toEqual([c.id, b.id, a.id]);
      expect(await listed({ order: 'ascending' })).toEqual([a.id, b.id, c.id]);
      expect(await listed({ eventTypes: ['order.sent'] })).toEqual([b.id]);
      expect(await listed({ channel: 'us' })).toEqual([a.id]);
      expect(await listed({ tag: 'vip' })).toEqual([b.id]);
      expect(await listed({ after: at + 1 })).toEqual([c.id, b.id]);
      expect(await listed({ before: at + 1 })).toEqual([a.id]);
    });

    it('call by call, with what was sent, what came back and who answered', async () => {
      const { id: message, seq } = await it_.message(application);
      const { id } = await it_.attempt(endpoint.id, seq, {
        succeeded: false,
        status: 503,
        response: 'try later',
        request_headers: '{"svix-id":"msg_1"}',
        response_headers: '{"retry-after":"9"}',
        manual: true,
        next_ms: it_.clock.now + 5_000,
      });

      expect(await it_.attempts.find(application, message, id)).toEqual({
        id,
        messageId: message,
        endpointId: endpoint.id,
        eventType: 'order.paid',
        at: it_.clock.now,
        trigger: 'manual',
        succeeded: false,
        url: endpoint.url,
        status: 503,
        response: 'try later',
        requestHeaders: { 'svix-id': 'msg_1' },
        responseHeaders: { 'retry-after': '9' },
        ms: 12,
        address: '203.0.113.7',
        nextAt: it_.clock.now + 5_000,
      });
      expect(await it_.attempts.find('app_other', message, id)).toBeUndefined();
    });

    it('of a message or of an endpoint, by outcome, status, type and time', async () => {
      const at = it_.clock.now;
      const other = await it_.endpoint(application);
      const one = await it_.message(application);
      const two = await it_.message(application, { event_type: 'order.sent', channels: ['eu'], tags: ['vip'] });
      const a = await it_.attempt(endpoint.id, one.seq, { at_ms: at, succeeded: false, status: 302 });
      const b = await it_.attempt(endpoint.id, one.seq, { at_ms: at + 1 });
      const c = await it_.attempt(other.id, one.seq, { at_ms: at + 2, succeeded: false, status: 0 });
      const d = await it_.attempt(endpoint.id, two.seq, { at_ms: at + 3 });
      const ids = ({ data }: { data: readonly { id: string }[] }) => data.map(({ id }) => id);
      const ofMessage = async (filter: object) =>
        ids(await it_.attempts.ofMessage(application, one.id, { ...FIRST_PAGE, ...filter }));
      const ofEndpoint = async (filter: object) =>
        ids(await it_.attempts.ofEndpoint(endpoint, { ...FIRST_PAGE, ...filter }));

      expect(await ofMessage({})).toEqual([c.id, b.id, a.id]);
      expect(await ofMessage({ endpointId: endpoint.id })).toEqual([b.id, a.id]);
      expect(await ofMessage({ succeeded: false })).toEqual([c.id, a.id]);
      expect(await ofMessage({ statusClass: 3 })).toEqual([a.id]);
      expect(await ofMessage({ after: at + 1, before: at + 2 })).toEqual([b.id]);
      expect(await ofMessage({ limit: 1, iterator: b.id })).toEqual([a.id]);
      expect(await ofEndpoint({})).toEqual([d.id, b.id, a.id]);
      expect(await ofEndpoint({ eventTypes: ['order.sent'] })).toEqual([d.id]);
      expect(await ofEndpoint({ channel: 'eu' })).toEqual([d.id]);
      expect(await ofEndpoint({ tag: 'vip' })).toEqual([d.id]);
      expect(await ofEndpoint({ channel: 'us' })).toEqual([]);
      expect(await ofEndpoint({ iterator: `-${b.id}` })).toEqual([d.id]);
    });

    it('endpoint by endpoint, with when the next try comes', async () => {
      const other = await it_.endpoint(application);
      const { id, seq } = await it_.message(application);
      await it_.delivery(endpoint.id, seq, { next_ms: it_.clock.now + 300_000, tries: 2 });
      await it_.delivery(other.id, seq, { state: 'delivered', next_ms: it_.clock.now });

      expect((await it_.attempts.destinations(application, id, FIRST_PAGE)).data).toEqual([
        { endpoint: other, state: 'delivered', nextAt: null },
        { endpoint, state: 'pending', nextAt: it_.clock.now + 300_000 },
      ]);
    });
  });

  describe('is resent', () => {
    it('at once, as one more try of a schedule that still goes on', async () => {
      const { id, seq } = await it_.message(application);
      await it_.delivery(endpoint.id, seq, { tries: 3, first_ms: 5, next_ms: it_.clock.now + HOUR_MS });

      expect(await it_.recovery.resend(endpoint, id)).toBe(true);

      expect(await queue()).toMatchObject({
        state: 'pending',
        lane: 1,
        manual: true,
        tries: 3,
        first_ms: 5,
        next_ms: it_.clock.now,
        ended_as: null,
        revision: 1,
      });
      expect(wakes()).toEqual([endpoint.id]);
    });

    it('as the one attempt of a delivery that had ended, however often it is asked for', async () => {
      const { id, seq } = await it_.message(application, { event_id: 'order-1' });
      await it_.delivery(endpoint.id, seq, { state: 'delivered', tries: 1, next_ms: null });

      expect(await it_.recovery.resend(endpoint, id)).toBe(true);
      expect(await it_.recovery.resend(endpoint, 'order-1')).toBe(true);

      expect(await queue()).toMatchObject({ state: 'pending', ended_as: 'delivered', revision: 2 });
      expect(wakes()).toEqual([endpoint.id, endpoint.id]);
    });

    it('also to an endpoint that was never given it', async () => {
      const { id } = await it_.message(application, { order_key: 'onb_1' });

      expect(await it_.recovery.resend(endpoint, id)).toBe(true);

      expect(await queue()).toMatchObject({ state: 'pending', manual: true, order_key: 'onb_1', ended_as: null });
    });

    it('not where there is no such message, and not to an endpoint of another application', async () => {
      const other = await it_.message((await it_.application()).id);
      const { id } = await it_.message(application);
      const { id: forgotten } = await it_.message(application, { erased: true });

      expect(await it_.recovery.resend(endpoint, 'msg_none')).toBe(false);
      expect(await it_.recovery.resend(endpoint, other.id)).toBe(false);
      expect(await it_.recovery.resend(endpoint, forgotten)).toBe(false);
      expect(await it_.recovery.resend({ application: other.application_id, id: endpoint.id }, id)).toBe(false);
      expect([await queue(), wakes()]).toEqual([undefined, []]);
    });
  });

  describe('is recovered', () => {
    const SINCE = () => it_.clock.now;
    const given = async (more: object, message: object = {}) => {
      const { seq } = await it_.message(application, message);
      await it_.delivery(endpoint.id, seq, { next_ms: it_.clock.now + HOUR_MS, first_ms: 1, ...more });
      return seq;
    };

    it('where it failed or is retried, on a fresh schedule and in the lane that starves nobody', async () => {
      const failed = await given({ state: 'failed', tries: 8, next_ms: null });
      const retried = await given({ tries: 2 });
      await given({ tries: 0 });
      await given({ state: 'delivered', tries: 1 });
      await given({ state: 'cancelled', tries: 1 });
      await given({ tries: 1, ended_as: 'delivered' });

      const task = await it_.recovery.recover(endpoint, SINCE(), null);

      expect(task).toMatchObject({ task: 'endpoint.recover', status: 'finished', deliveries: 2 });
      expect(task.id).toMatch(/^qtask_/);
      const due = (await it_.queued(endpoint.id)).filter(({ manual }) => manual);
      expect(due.map(({ message_seq }) => message_seq)).toEqual([failed, retried]);
      for (const one of due)
        expect(one).toMatchObject({
          state: 'pending',
          lane: 1,
          tries: 0,
          first_ms: null,
          next_ms: it_.clock.now,
          revision: 1,
        });
      expect(wakes()).toEqual([endpoint.id]);
    });

    it('within the span that is asked for', async () => {
      const at = it_.clock.now;
      for (const created_ms of [at - 1, at, at + 9, at + 10]) await given({ state: 'failed' }, { created_ms });

      expect(await it_.recovery.recover(endpoint, at, at + 10)).toMatchObject({ deliveries: 2 });
      expect(await it_.recovery.recover(endpoint, at - 1, at - 1)).toMatchObject({ deliveries: 0 });
    });

    it('not where there is nothing to send, and then nobody is woken', async () => {
      await given({ state: 'failed' }, { erased: true });

      expect(await it_.recovery.recover(endpoint, SINCE(), null)).toMatchObject({ deliveries: 0 });
      expect(await it_.recovery.recover({ ...endpoint, id: 'ep_none' }, SINCE(), null)).toMatchObject({
        deliveries: 0,
      });
      expect(wakes()).toEqual([]);
    });
  });

  describe('was missed and is replayed', () => {
    const missing = async (wants: object, messages: readonly object[]) => {
      const one = await it_.endpoint(application, wants);
      const seqs: number[] = [];
      for (const message of messages) seqs.push((await it_.message(application, message)).seq);
      await it_.recovery.replayMissing(one, it_.clock.now, null);
      const given = new Set((await it_.queued(one.id)).map(({ message_seq }) => message_seq));
      return seqs.map((seq) => given.has(seq));
    };

    it('once each, in its order and as an operator asked', async () => {
      const [first, second] = [await it_.message(application), await it_.message(application)];
      await it_.delivery(endpoint.id, first.seq, { state: 'failed', next_ms: null });

      const task = await it_.recovery.replayMissing(endpoint, it_.clock.now, null);
      expect(task).toMatchObject({ task: 'endpoint.replay', status: 'finished', deliveries: 1 });
      expect(await it_.recovery.replayMissing(endpoint, it_.clock.now, null)).toMatchObject({ deliveries: 0 });

      expect(await it_.queued(endpoint.id)).toMatchObject([
        { message_seq: first.seq, state: 'failed', manual: false },
        { message_seq: second.seq, state: 'pending', lane: 1, manual: true, tries: 0, next_ms: it_.clock.now },
      ]);
      expect(wakes()).toEqual([endpoint.id]);
    });

    it('where the endpoint wants its type, by name or by group', async () => {
      const types = ['order.paid', 'order.line.added', 'orders.paid', 'order', 'task.completed', 'task.completed.late'];
      const messages = types.map((event_type) => ({ event_type }));

      expect(await missing({ filterTypes: ['order.*', 'task.completed'] }, messages)).toEqual([
        true,
        true,
        false,
        false,
        true,
        false,
      ]);
      expect(await missing({ filterTypes: ['order.line.*'] }, messages)).toEqual([
        false,
        true,
        false,
        false,
        false,
        false,
      ]);
    });

    it('where one of its channels is one of the endpoint, and everywhere where that names none', async () => {
      const messages = [{ channels: ['eu', 'us'] }, { channels: ['asia'] }, { channels: null }];

      expect(await missing({ channels: ['us'] }, messages)).toEqual([true, false, false]);
      expect(await missing({ channels: null }, messages)).toEqual([true, true, true]);
    });

    it('not where it was for another endpoint alone, too old, forgotten or of another application', async () => {
      await it_.message((await it_.application()).id);
      const at = it_.clock.now;

      expect(await missing({}, [{ only_to: endpoint.id }, { created_ms: at - 1 }, { erased: true }])).toEqual([
        false,
        false,
        false,
      ]);
    });
  });

  it('is marked wanted in the same commit, and told to turns that listen', async () => {
    const { id, seq } = await it_.message(application);
    await it_.delivery(endpoint.id, seq, { state: 'failed', next_ms: null });
    const listener = new pg.Client({ connectionString: url });
    await listener.connect();
    await listener.query(`listen ${QUEUED_CHANNEL}`);
    const told = new Promise((resolve) => listener.once('notification', ({ payload }) => resolve(payload)));

    await it_.recovery.resend(endpoint, id);

    expect(await told).toBe(endpoint.id);
    await listener.end();
    const wanted = it_.db.selectFrom('endpoints').select('wake_wanted_real_ms').where('id', '=', endpoint.id);
    expect(await wanted.execute()).toEqual([{ wake_wanted_real_ms: it_.clock.now }]);
  });

  it('waits for whoever writes attempts down, and never crosswise', async () => {
    const { id, seq } = await it_.message(application);
    await it_.delivery(endpoint.id, seq);
    const isHeldUp = async () => {
      const { rows } = await sql`select 1 from pg_locks where not granted`.execute(it_.db);
      return rows.length > 0;
    };

    const resent = await it_.db.transaction().execute(async (trx) => {
      await sql`update endpoints set failures = failures + 1 where id = ${endpoint.id}`.execute(trx);
      const asked = it_.recovery.resend(endpoint, id);
      await vi.waitUntil(isHeldUp);
      await sql`update deliveries set tries = 1 where endpoint_id = ${endpoint.id}`.execute(trx);
      return { asked };
    });

    expect(await resent.asked).toBe(true);
    expect(await queue()).toMatchObject({ tries: 1, manual: true });
  });

  it('comes to one state whatever operators do at once', async () => {
    const messages = [await it_.message(application), await it_.message(application), await it_.message(application)];
    const since = it_.clock.now;
    const acts = fc.array(fc.nat({ max: 4 }), { minLength: 4, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(acts, async (all) => {
        await Promise.all(
          all.map((act, nth) => {
            if (act === 0) return it_.recovery.recover(endpoint, since, null);
            if (act === 1) return it_.recovery.replayMissing(endpoint, since, null);
            if (act === 2) return it_.endpoints.rotate(endpoint);
            return it_.recovery.resend(endpoint, messages[nth % 3]?.id ?? '');
          }),
        );
        const queued = await it_.queued(endpoint.id);
        expect(queued.every(({ state, next_ms }) => state === 'pending' && next_ms === since)).toBe(true);
      }),
      { numRuns: 8 },
    );
  });
});
