import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NotifyOrder } from '../../src/contracts/activities.js';
import type { AuditEntry } from '../../src/contracts/audit.js';
import type { Rejection } from '../../src/contracts/inbox.js';
import { SILENT } from '../../src/contracts/observer.js';
import { InvalidCursor } from '../../src/contracts/read-model.js';
import type { Policy } from '../../src/domain/policy/policy.js';
import { openStore, type Store } from '../../src/store/store.js';
import { POSTGRES_VERSIONS, TestPostgres } from '../support/postgres.js';
import { arrival, MONDAY_9AM, ping } from './arrivals.js';
import { gateQuestion } from './gate-questions.js';
import { escalation, key, view } from './onboarding-views.js';

function order(sendKey: string): NotifyOrder {
  return {
    key: sendKey,
    workflowId: 'onboarding/main/onb_1',
    entity: key('onb_1'),
    kind: 'notified',
    channel: 'hook',
    recipient: { id: 'mia', name: 'Mia Park' },
    level: 1,
    fallback: false,
    text: 'Stuck in UAT.',
    severity: 'normal',
    escalation: escalation('esc_1', 'onb_1'),
    onboarding: view(key('onb_1')),
    gate: gateQuestion(),
  };
}

const policy = (hash: string, timeZone = 'Europe/Berlin') => ({
  hash,
  source: `# ${hash}\n`,
  policy: { hash, workspace: { timeZone, calendar: 'office' } } as unknown as Policy,
});

const rejection = (n: number, change: Partial<Rejection> = {}): Rejection => ({
  source: 'pivotal',
  reason: 'stale_timestamp',
  message: `Too old by ${n} s.`,
  at: MONDAY_9AM + n,
  deliveryId: `msg_${n}`,
  remote: '192.0.2.1',
  bytes: 100,
  ...change,
});

describe.each(POSTGRES_VERSIONS)('records on the %s PostgreSQL', (version) => {
  let postgres: TestPostgres;
  let url: string;
  let store: Store;
  let now: number;

  beforeAll(async () => {
    postgres = await TestPostgres.start(version);
    url = await postgres.database();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    await postgres.clear(url);
    now = MONDAY_9AM;
    store = openStore({ url, observer: SILENT, serverId: 'a', now: () => now });
  });
  afterEach(() => store.close());

  describe('sends', () => {
    it('know what was sent already, and when', async () => {
      expect(await store.sends.intend(order('k'))).toMatchObject({ sent: null });
      await store.sends.conclude('k', { outcome: 'sent', providerId: 'p_1', atReal: MONDAY_9AM + 5 });

      expect(await store.sends.intend(order('k'))).toMatchObject({
        sent: { providerId: 'p_1', atReal: MONDAY_9AM + 5 },
      });
      expect(await store.sends.intend(order('other'))).toMatchObject({ sent: null });
    });

    it('keep an intent without a result for a call whose end nobody saw, and let it be tried again', async () => {
      await store.sends.intend(order('k'));

      expect(await store.sends.intend(order('k'))).toMatchObject({ sent: null });
    });

    it('count failed tries, and never unsay a sent one', async () => {
      for (let n = 0; n < 2; n++) {
        await store.sends.intend(order('k'));
        await store.sends.conclude('k', { outcome: 'failed', failure: 'UpstreamUnavailable', message: 'HTTP 503' });
      }
      const failed = await postgres.query(url, 'select outcome, error, tries from sends');
      await store.sends.conclude('k', { outcome: 'sent', atReal: MONDAY_9AM });
      await store.sends.conclude('k', { outcome: 'failed', failure: 'OutcomeUnknown', message: 'late word' });

      expect(failed).toEqual([{ outcome: 'failed', error: 'UpstreamUnavailable: HTTP 503', tries: 2 }]);
      expect(await store.sends.intend(order('k'))).toMatchObject({ sent: { atReal: MONDAY_9AM } });
    });

    it('forget an intent that is taken back, and not what came of an earlier try', async () => {
      await store.sends.intend(order('unwanted'));
      await store.sends.withdraw('unwanted');
      await store.sends.intend(order('tried'));
      await store.sends.conclude('tried', { outcome: 'failed', failure: 'RateLimited', message: 'HTTP 429' });
      await store.sends.intend(order('tried'));
      await store.sends.withdraw('tried');

      expect(await postgres.query(url, 'select key, tries from sends')).toEqual([{ key: 'tried', tries: 1 }]);
    });

    it('say once that a send is the first, and never after a hold of the gate', async () => {
      const firsts = [(await store.sends.intend(order('k'))).first];
      await store.sends.conclude('k', { outcome: 'later', until: 1, reason: 'catching up' });
      firsts.push((await store.sends.intend(order('k'))).first);
      await store.sends.withdraw('k');
      firsts.push((await store.sends.intend(order('k'))).first);

      expect(firsts).toEqual([true, false, false]);
      expect(await postgres.query(url, 'select outcome, tries from sends')).toEqual([{ outcome: 'held', tries: 0 }]);
    });

    it('carry the delivery of the newest event of their onboarding, and keep that of the one that was sent', async () => {
      const none = await store.sends.intend(order('early'));
      await store.inbox.accept(arrival('evt_1'));
      await store.inbox.accept(arrival('evt_other', 'onb_2'));
      const first = await store.sends.intend(order('k'));
      await store.sends.conclude('k', { outcome: 'sent', atReal: MONDAY_9AM });
      await store.inbox.accept(arrival('evt_2'));

      expect(none.correlation).toBeNull();
      expect(first.correlation).toBe('msg_evt_1');
      expect((await store.sends.intend(order('k'))).correlation).toBe('msg_evt_1');
      expect((await store.sends.intend(order('next'))).correlation).toBe('msg_evt_2');
    });
  });

  describe('policies', () => {
    it('have none in force at first, then the one published last', async () => {
      expect(await store.policies.current()).toBeUndefined();
      await store.policies.publish(policy('one'));
      now += 1_000;
      await store.policies.publish(policy('two'));

      expect(await store.policies.current()).toEqual(policy('two'));
      expect(await store.policies.byHash('one')).toEqual(policy('one'));
      expect(await store.policies.byHash('three')).toBeUndefined();
      expect(await store.policies.byHash('\0')).toBeUndefined();
      expect(await store.policies.history(10)).toEqual([
        { hash: 'two', publishedAt: MONDAY_9AM + 1_000 },
        { hash: 'one', publishedAt: MONDAY_9AM },
      ]);
    });

    it('take a repeat for no publication, and an older one for a new one', async () => {
      await store.policies.publish(policy('one'));
      await Promise.all([store.policies.publish(policy('two')), store.policies.publish(policy('two'))]);
      await store.policies.publish(policy('one'));

      expect(await store.policies.current()).toEqual(policy('one'));
      expect((await store.policies.history(10)).map(({ hash }) => hash)).toEqual(['one', 'two', 'one']);
      expect(await store.policies.history(1)).toHaveLength(1);
    });

    it('enter who published where it is a publication, in its commit, and nowhere else', async () => {
      const entry = (subject: string): AuditEntry => {
        const change = { before: null, after: { hash: subject }, reason: 'Read from a file.' };
        return { at: MONDAY_9AM, actor: 'slipway', action: 'policy.publish', subject, ...change };
      };
      await store.policies.publish(policy('one'), entry('one'));
      await Promise.all([1, 2].map(() => store.policies.publish(policy('two'), entry('two'))));
      await store.policies.publish(policy('two'), entry('two'));
      await expect(store.policies.publish(policy('three'), { ...entry('three'), at: 0.5 })).rejects.toThrow();

      expect((await store.audit.entries({ limit: 9 })).data.map(({ subject }) => subject)).toEqual(['two', 'one']);
      expect((await store.policies.current())?.hash).toBe('two');
    });

    it('take the compiled form anew with each publication of the same source', async () => {
      await store.policies.publish(policy('one', 'Europe/Berlin'));
      await store.policies.publish(policy('one', 'Europe/Paris'));

      expect(await store.policies.current()).toEqual(policy('one', 'Europe/Paris'));
    });
  });

  describe('meta', () => {
    it('keeps the first value of two processes that start at once', async () => {
      const kept = await Promise.all([1, 2, 3].map((speed) => store.meta.keep('clock', { speed })));

      expect(new Set(kept.map((value) => JSON.stringify(value))).size).toBe(1);
      expect(await store.meta.get('clock')).toEqual(kept[0]);
    });

    it('sets and reads values, and knows none at first', async () => {
      expect(await store.meta.get('cluster')).toBeUndefined();
      await store.meta.set('cluster', 'one');
      await store.meta.set('cluster', 'two');

      expect(await store.meta.get('cluster')).toBe('two');
    });
  });

  describe('rejections', () => {
    it('are listed newest first, by reason and source, page by page', async () => {
      store.rejections.record(rejection(1));
      store.rejections.record(rejection(2, { reason: 'no_matching_signature', deliveryId: null, remote: null }));
      store.rejections.record(rejection(3, { source: 'sandbox' }));
      const messages = async (filter: { reason?: string; source?: string } = {}) =>
        (await store.rejections.rejections({ ...filter, limit: 10 })).data.map(({ at }) => at - MONDAY_9AM);

      await expect.poll(() => messages(), { timeout: 5_000 }).toEqual([3, 2, 1]);
      expect(await messages({ reason: 'stale_timestamp' })).toEqual([3, 1]);
      expect(await messages({ source: 'pivotal' })).toEqual([2, 1]);
      const first = await store.rejections.rejections({ limit: 2 });
      const second = await store.rejections.rejections({ limit: 2, cursor: first.next_cursor ?? '' });
      expect(second.data).toEqual([{ ...rejection(1), seq: '1' }]);
      expect(second.next_cursor).toBeNull();
      await expect(store.rejections.rejections({ limit: 2, cursor: 'x' })).rejects.toThrow(InvalidCursor);
    });

    it('are bounded, whatever is sent to us', async () => {
      await postgres.query(
        url,
        `insert into rejections (source, reason, message, at_real_ms, bytes)
         select 'pivotal', 'too_large', 'old', n, 1 from generate_series(1, 10000) n`,
      );

      for (let n = 0; n < 1_500; n++) store.rejections.record(rejection(n, { message: `\0${'long'.repeat(1_000)}` }));

      const state = () =>
        postgres.query(
          url,
          `select count(*)::int as rows, count(*) filter (where message = 'old')::int as old from rejections`,
        );
      await expect.poll(state, { timeout: 5_000 }).toEqual([{ rows: 10_000, old: 9_000 }]);
      const newest = (await store.rejections.rejections({ limit: 1 })).data[0];
      expect(newest?.at).toBe(MONDAY_9AM + 1_499);
      expect(newest?.message.length).toBeLessThanOrEqual(500);
    });
  });

  describe('events', () => {
    it('are listed newest first, by type, source, workflow and status, page by page', async () => {
      const one = await store.inbox.accept(arrival('evt_1'));
      const two = await store.inbox.accept(arrival('evt_2', 'onb_2', { type: 'task.completed' }));
      await store.inbox.accept(arrival('evt_3', 'onb_1', { source: 'sandbox' }));
      await store.inbox.accept(ping('evt_4'));
      await store.inbox.settle([one.seq], 'signalled');
      await store.inbox.settle([two.seq], 'late');
      const ids = async (filter: object = {}) =>
        (await store.events.events({ ...filter, limit: 10 })).data.map(({ eventId }) => eventId);

      expect(await ids()).toEqual(['evt_4', 'evt_3', 'evt_2', 'evt_1']);
      expect(await ids({ type: 'task.completed' })).toEqual(['evt_2']);
      expect(await ids({ source: 'sandbox' })).toEqual(['evt_3']);
      expect(await ids({ workflowId: 'onboarding/main/onb_1' })).toEqual(['evt_3', 'evt_1']);
      expect(await ids({ status: 'signalled' })).toEqual(['evt_1']);
      expect(await ids({ status: 'late' })).toEqual(['evt_2']);
      expect(await ids({ status: 'pending' })).toEqual(['evt_3']);
      expect(await ids({ status: 'unrouted' })).toEqual(['evt_4']);
      const first = await store.events.events({ limit: 3 });
      const second = await store.events.events({ limit: 3, cursor: first.next_cursor ?? '' });
      expect(second.data.map(({ eventId }) => eventId)).toEqual(['evt_1']);
      expect(second.next_cursor).toBeNull();
      await expect(store.events.events({ limit: 3, cursor: 'bogus' })).rejects.toThrow(InvalidCursor);
    });

    it('are those of one workspace or mode, also beside one with a text that PostgreSQL cannot read', async () => {
      const of = (workspace: string, mode: 'live' | 'test', name = 'Acme') => {
        const { route } = arrival('x');
        if (route?.to !== 'onboarding' || route.fact.kind !== 'moved') throw new Error('an onboarding moves');
        const { fact } = route;
        return {
          route: {
            ...route,
            key: { workspace, mode, id: 'onb_1' },
            fact: { ...fact, record: { ...fact.record, name } },
          },
        };
      };
      await store.inbox.accept(arrival('evt_eu', 'onb_1', of('eu/west', 'live', 'NUL \0, half a pair \ud800')));
      await store.inbox.accept(arrival('evt_main', 'onb_1', of('main', 'live')));
      await store.inbox.accept(arrival('evt_test', 'onb_1', of('main', 'test')));
      await store.inbox.accept(ping('evt_ping'));
      const ids = async (filter: object) =>
        (await store.events.events({ ...filter, limit: 10 })).data.map(({ eventId }) => eventId);

      expect(await ids({ workspace: 'eu/west' })).toEqual(['evt_eu']);
      expect(await ids({ workspace: 'main' })).toEqual(['evt_test', 'evt_main']);
      expect(await ids({ mode: 'test' })).toEqual(['evt_test']);
      expect(await ids({ mode: 'live' })).toEqual(['evt_main', 'evt_eu']);
      expect(await ids({ workspace: 'main', mode: 'live' })).toEqual(['evt_main']);
      expect(await ids({ workspace: 'eu' })).toEqual([]);
    });

    it.each(['type', 'source', 'workspace'])('of a %s that no text column can hold are none', async (field) => {
      await store.inbox.accept(arrival('evt_1'));

      for (const odd of ['\0', '\ud800'])
        expect((await store.events.events({ [field]: odd, limit: 10 })).data).toEqual([]);
    });

    it('are found by number, or by the sender’s id: the newest that carries it', async () => {
      const { seq } = await store.inbox.accept(arrival('evt_1'));
      const newer = await store.inbox.accept(arrival('evt_1', 'onb_1', { body: Buffer.from('{}') }));

      expect((await store.events.event(seq))?.seq).toBe(seq);
      expect((await store.events.event('evt_1'))?.seq).toBe(newer.seq);
      expect(await store.events.event('evt_9')).toBeUndefined();
      expect(await store.events.event('99')).toBeUndefined();
      expect(await store.events.event('99999999999999999999')).toBeUndefined();
    });

    it('of one workflow come oldest first, the newest of them where there are more', async () => {
      for (const id of ['evt_1', 'evt_2', 'evt_3']) await store.inbox.accept(arrival(id));
      await store.inbox.accept(arrival('evt_4', 'onb_2'));

      const found = await store.events.eventsOf('onboarding/main/onb_1', 2);

      expect(found.map(({ eventId }) => eventId)).toEqual(['evt_2', 'evt_3']);
      expect(found[0]?.route).toEqual(arrival('evt_2').route);
    });
  });
});
