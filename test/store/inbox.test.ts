import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../../src/contracts/inbox.js';
import { SILENT } from '../../src/contracts/observer.js';
import { openStore, type Store } from '../../src/store/store.js';
import { POSTGRES_VERSIONS, TestPostgres } from '../support/postgres.js';
import { arrival, MONDAY_9AM, ping } from './arrivals.js';

describe.each(POSTGRES_VERSIONS)('inbox on the %s PostgreSQL', (version) => {
  let postgres: TestPostgres;
  let url: string;
  let now: number;
  const open: Store[] = [];

  beforeAll(async () => {
    postgres = await TestPostgres.start(version);
    url = await postgres.database();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    await postgres.clear(url);
    now = MONDAY_9AM;
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((store) => store.close()));
  });

  function server(serverId: string): Store {
    const store = openStore({ url, observer: SILENT, serverId, now: () => now });
    open.push(store);
    return store;
  }

  const query = (text: string) => postgres.query(url, text);

  /** As if this server had died half a minute and a bit ago. */
  const dies = (serverId: string) =>
    query(`update servers set last_seen_at = last_seen_at - interval '31 seconds' where server_id = '${serverId}'`);

  describe('accept', () => {
    it('keeps the exact bytes, the signing headers and what the event says', async () => {
      const { inbox, events } = server('a');
      const body = Buffer.from([0, 1, 2, 250, 251, 252]);

      const { seq, duplicate } = await inbox.accept(arrival('evt_1', 'onb_1', { body }));

      const stored = await events.event(seq);
      expect(duplicate).toBe(false);
      expect(stored?.body.equals(body)).toBe(true);
      expect(stored).toMatchObject({
        seq,
        eventId: 'evt_1',
        deliveryId: 'msg_evt_1',
        type: 'onboarding.phase_changed',
        secret: 'default',
        headers: arrival('evt_1').headers,
        route: arrival('evt_1').route,
        receivedAt: MONDAY_9AM,
        receivedVirtual: MONDAY_9AM,
        occurredAt: MONDAY_9AM - 1_000,
        status: 'pending',
        org: 'org_1',
      });
    });

    it('answers a repeat with the first row and counts it there', async () => {
      const { inbox, events } = server('a');
      const first = await inbox.accept(arrival('evt_1'));

      const second = await inbox.accept(arrival('evt_1', 'onb_1', { deliveryId: 'msg_again' }));
      const third = await inbox.accept(arrival('evt_1'));

      expect([second, third]).toMatchObject([
        { seq: first.seq, duplicate: true },
        { seq: first.seq, duplicate: true },
      ]);
      await expect.poll(async () => (await events.event(first.seq))?.duplicates).toBe(2);
    });

    it('gives for a repeat the first as it was stored, until that is signalled', async () => {
      const [one, other] = [server('a').inbox, server('b').inbox];
      const first = arrival('evt_1');
      const { seq } = await one.accept(first);
      const later = { deliveryId: 'msg_later', receivedAt: MONDAY_9AM + 9_000, receivedVirtual: MONDAY_9AM + 9_000 };
      const route = arrival('evt_1', 'onb_2').route;
      const repeat = arrival('evt_1', 'onb_1', { ...later, ...(route ? { route } : {}) });

      const { waiting } = await other.accept(repeat);
      await one.settle([seq], 'signalled');

      const { deliveryId, receivedAt } = first;
      expect(waiting).toEqual({ seq, deliveryId, receivedAt, type: 'onboarding', route: first.route });
      expect(await one.accept(repeat)).toEqual({ seq, duplicate: true });
    });

    it('writes one row for the same event twice in one commit, and for two servers at once', async () => {
      const [one, other] = [server('a'), server('b')];

      const answers = await Promise.all(
        [one, one, other, one, other].map(({ inbox }) => inbox.accept(arrival('evt_1'))),
      );

      expect(new Set(answers.map(({ seq }) => seq)).size).toBe(1);
      expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
      expect(await query('select * from dispatch')).toHaveLength(1);
    });

    it('takes another body under the same id, and the same event of another source, for another event', async () => {
      const { inbox } = server('a');

      const answers = await Promise.all([
        inbox.accept(arrival('evt_1')),
        inbox.accept(arrival('evt_1', 'onb_1', { body: Buffer.from('{}') })),
        inbox.accept(arrival('evt_1', 'onb_1', { source: 'sandbox' })),
      ]);

      expect(answers.map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
      expect(new Set(answers.map(({ seq }) => seq)).size).toBe(3);
    });

    it('keeps an event of no workflow and never queues it', async () => {
      const { inbox, events } = server('a');

      const { seq } = await inbox.accept(ping('evt_ping'));

      expect(await events.event(seq)).toMatchObject({ status: 'unrouted', route: null });
      expect(await inbox.depth()).toEqual({ pending: 0, oldestReceivedAt: null });
      expect(await inbox.accept(ping('evt_ping'))).toEqual({ seq, duplicate: true });
    });

    it('takes text that the database refuses, without harm to the events beside it', async () => {
      const { inbox } = server('a');
      const odd = `evt_\0_\ud800_${'long'.repeat(20_000)}`;
      const strange = arrival(odd, `onb_\0_${'x'.repeat(9_000)}`, {
        type: `a\0${'b'.repeat(9_000)}`,
        deliveryId: '\0',
        org: '\0',
        occurredAt: 1e300,
      });

      const answers = await Promise.all([
        inbox.accept(arrival('evt_1')),
        inbox.accept(strange),
        inbox.accept({ ...strange, occurredAt: 1.5, eventId: 'evt_2' }),
      ]);

      expect(answers.map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
      expect((await inbox.accept(strange)).seq).toBe(answers[1]?.seq);
      const other = server('b');
      await inbox.release(answers.map(({ seq }) => seq));
      expect((await other.inbox.claim(10))[1]?.route).toEqual(JSON.parse(JSON.stringify(strange.route)));
    });

    it('fails an event that cannot be written alone, not those that share its commit', async () => {
      const { inbox } = server('a');

      const answers = await Promise.allSettled(
        ['evt_1', 'evt_2', 'evt_3', 'evt_4', 'evt_5'].map((id) =>
          inbox.accept(arrival(id, 'onb_1', id === 'evt_4' ? { receivedAt: Number.NaN } : {})),
        ),
      );

      expect(answers.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      expect(answers[3]).toMatchObject({ reason: expect.any(StoreUnavailable) });
    });

    it('numbers events in the order in which they came', async () => {
      const { inbox } = server('a');

      const answers = await Promise.all(Array.from({ length: 700 }, (_, n) => inbox.accept(arrival(`evt_${n}`))));

      const seqs = answers.map(({ seq }) => Number(seq));
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    });

    it('remembers which orgs a source has spoken for', async () => {
      const store = server('a');
      await store.inbox.accept(arrival('evt_1'));
      await store.inbox.accept(arrival('evt_2', 'onb_1', { org: 'org_2' }));

      await expect
        .poll(async () => (await store.orgs()).map(({ source, org }) => `${source} ${org}`).toSorted())
        .toEqual(['pivotal org_1', 'pivotal org_2']);
    });
  });

  describe('claim', () => {
    it('leaves the rows of a server that lives to it, and takes those of one that died, oldest first', async () => {
      const [a, b] = [server('a'), server('b')];
      await a.inbox.heartbeat();
      const seqs: string[] = [];
      for (const id of ['evt_1', 'evt_2', 'evt_3']) seqs.push((await a.inbox.accept(arrival(id))).seq);

      const whileAlive = await b.inbox.claim(10);
      await dies('a');
      const afterwards = await b.inbox.claim(2);

      expect(whileAlive).toEqual([]);
      expect(afterwards.map(({ seq }) => seq)).toEqual(seqs.slice(0, 2));
      expect(afterwards[0]).toEqual({
        seq: seqs[0],
        deliveryId: 'msg_evt_1',
        receivedAt: MONDAY_9AM,
        type: 'onboarding',
        route: arrival('evt_1').route,
      });
    });

    it('leases what it took: nobody else gets it while the heart beats', async () => {
      const [a, b, c] = [server('a'), server('b'), server('c')];
      await a.inbox.accept(arrival('evt_1'));
      await b.inbox.heartbeat();

      expect(await b.inbox.claim(10)).toHaveLength(1);
      expect(await b.inbox.claim(10)).toEqual([]);
      expect(await c.inbox.claim(10)).toEqual([]);
      await dies('b');
      await b.inbox.heartbeat();
      expect(await c.inbox.claim(10)).toEqual([]);
    });

    it('gives two servers that ask at once different rows', async () => {
      const [a, b, c] = [server('a'), server('b'), server('c')];
      await Promise.all([b.inbox.heartbeat(), c.inbox.heartbeat()]);
      await Promise.all(Array.from({ length: 200 }, (_, n) => a.inbox.accept(arrival(`evt_${n}`, `onb_${n % 7}`))));

      const claims = await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? b : c).inbox.claim(10)));
      const rest = await b.inbox.claim(1_000);

      const seqs = [...claims.flat(), ...rest].map(({ seq }) => seq);
      expect(seqs).toHaveLength(200);
      expect(new Set(seqs).size).toBe(200);
    });

    it('gives a server its own rows back once it released them', async () => {
      const { inbox } = server('a');
      await inbox.heartbeat();
      const { seq } = await inbox.accept(arrival('evt_1'));
      const before = await inbox.claim(10);

      await inbox.release([seq]);

      expect(before).toEqual([]);
      expect((await inbox.claim(10)).map((row) => row.seq)).toEqual([seq]);
    });

    it('tells a server what has been leased to it for a while and is not signalled, and nothing of another', async () => {
      const [a, b] = [server('a'), server('b')];
      const { seq } = await a.inbox.accept(arrival('evt_1'));
      await b.inbox.accept(arrival('evt_2'));
      const { seq: done } = await a.inbox.accept(arrival('evt_3'));
      await a.inbox.settle([done], 'signalled');

      expect(await a.inbox.leased(MONDAY_9AM + 1, 10)).toEqual([seq]);
      expect(await a.inbox.leased(MONDAY_9AM, 10)).toEqual([]);
    });

    it('never lets a server release what is leased to another', async () => {
      const [a, b] = [server('a'), server('b')];
      await a.inbox.heartbeat();
      const { seq } = await a.inbox.accept(arrival('evt_1'));

      await b.inbox.release([seq]);

      expect(await b.inbox.claim(10)).toEqual([]);
    });
  });

  describe('settle', () => {
    it('takes rows out of the queue and says what became of them', async () => {
      const { inbox, events } = server('a');
      const [one, two, three] = await Promise.all(['evt_1', 'evt_2', 'evt_3'].map((id) => inbox.accept(arrival(id))));

      await inbox.settle([one?.seq ?? ''], 'signalled');
      await inbox.settle([two?.seq ?? ''], 'late');

      const states = await Promise.all(
        [one, two, three].map(async (row) => (await events.event(row?.seq ?? ''))?.status),
      );
      expect(states).toEqual(['signalled', 'late', 'pending']);
      expect(await inbox.depth()).toEqual({ pending: 1, oldestReceivedAt: MONDAY_9AM });
    });

    it('puts back what was signalled since an instant, and nothing before it', async () => {
      const { inbox } = server('a');
      const [old, fresh, late] = await Promise.all(['evt_1', 'evt_2', 'evt_3'].map((id) => inbox.accept(arrival(id))));
      await inbox.settle([old?.seq ?? ''], 'signalled');
      now += 10_000;
      await inbox.settle([fresh?.seq ?? ''], 'signalled');
      await inbox.settle([late?.seq ?? ''], 'late');

      expect(await inbox.reviveSignalledSince(MONDAY_9AM + 10_000)).toBe(1);

      expect((await inbox.claim(10)).map(({ seq }) => seq)).toEqual([fresh?.seq]);
    });

    it('redelivers a settled row, and says no to what has no workflow or is not there', async () => {
      const { inbox } = server('a');
      const { seq } = await inbox.accept(arrival('evt_1'));
      const unrouted = await inbox.accept(ping('evt_2'));
      await inbox.settle([seq], 'late');

      expect(await inbox.redeliver(seq)).toBe(true);

      expect((await inbox.claim(10)).map((row) => row.seq)).toEqual([seq]);
      expect(await inbox.redeliver(unrouted.seq)).toBe(false);
      expect(await inbox.redeliver('999')).toBe(false);
      expect(await inbox.redeliver('evt_1')).toBe(false);
    });
  });

  it('answers everybody it has taken in before it closes', async () => {
    const { inbox, close } = server('a');
    open.splice(0);

    const answers = Promise.all(Array.from({ length: 1_200 }, (_, n) => inbox.accept(arrival(`evt_${n}`))));
    await close();

    expect(await answers).toHaveLength(1_200);
    expect((await query('select count(*)::int as rows from inbox'))[0]).toEqual({ rows: 1_200 });
    await expect(inbox.accept(arrival('evt_late'))).rejects.toThrow(StoreUnavailable);
  });
});
