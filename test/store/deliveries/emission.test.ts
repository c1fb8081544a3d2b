import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Arrival } from '../../../src/contracts/inbox.js';
import { OWN_APPLICATIONS } from '../../../src/contracts/webhooks.js';
import type { LogEntry } from '../../../src/domain/onboarding/log.js';
import type { EscalationView } from '../../../src/domain/onboarding/present.js';
import { POSTGRES_VERSIONS, TestPostgres } from '../../support/postgres.js';
import { arrival } from '../arrivals.js';
import { escalation, key, projection } from '../onboarding-views.js';
import { FIRST_PAGE } from '../webhooks/desk.js';
import { MINUTE, type PostOffice, postOffice } from './post-office.js';

const LIVE = OWN_APPLICATIONS.live.id;
const TEST = OWN_APPLICATIONS.test.id;

describe.each(POSTGRES_VERSIONS)('what Slipway has to tell, on the %s PostgreSQL', (version) => {
  let postgres: TestPostgres;
  let url: string;
  let office: PostOffice;
  beforeAll(async () => {
    postgres = await TestPostgres.start(version);
    url = await postgres.database();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    office = await postOffice(postgres, url);
  });
  afterEach(() => office.store.close());

  /** Event ids in the order in which they are told. */
  const told = async (application: string = LIVE) => {
    const query = { ...FIRST_PAGE, limit: 200, order: 'ascending' } as const;
    return (await office.store.webhooks.messages.list(application, query)).data;
  };
  const eventIds = async (application: string = LIVE) => (await told(application)).map(({ eventId }) => eventId);
  const types = async () => (await told()).map(({ eventType }) => eventType);

  describe('an event of Pivotal', () => {
    const accept = async (...arrivals: Arrival[]) => {
      const seqs: string[] = [];
      for (const one of arrivals) seqs.push((await office.store.inbox.accept(one)).seq);
      return seqs;
    };
    const ofTestMode = (id: string): Arrival => {
      const one = arrival(id);
      if (one.route?.to !== 'onboarding') throw new Error('It is of an onboarding.');
      return { ...one, route: { ...one.route, key: { ...one.route.key, mode: 'test' } } };
    };

    it('is told on as it is marked done, whose order is that of its arrival, and wakes who wants it', async () => {
      const endpoint = await office.endpoint({ filterTypes: ['onboarding.*'] }, LIVE);
      const seqs = await accept(arrival('evt_1'), arrival('evt_2'), arrival('evt_3', 'onb_2'));

      await office.store.inbox.settle([...seqs].reverse(), 'signalled');

      expect(await eventIds()).toEqual(['evt_1', 'evt_2', 'evt_3']);
      expect(JSON.parse((await told())[0]?.payload ?? '')).toMatchObject({
        id: 'evt_1',
        type: 'onboarding.phase_changed',
        org: 'org_1',
        livemode: true,
        data: { object: { id: 'onb_1', phase: 'uat' } },
      });
      expect(await postgres.query(url, 'select order_key from deliveries order by message_seq')).toEqual([
        { order_key: 'onboarding/main/onb_1' },
        { order_key: 'onboarding/main/onb_1' },
        { order_key: 'onboarding/main/onb_2' },
      ]);
      expect(office.woken).toEqual([endpoint.id]);
      expect((await office.store.events.event(seqs[0] ?? ''))?.status).toBe('signalled');
    });

    it('is told though it came late for its workflow, and to the subscribers of its mode', async () => {
      await office.endpoint({}, LIVE);
      await office.endpoint({}, TEST);
      const [live, test] = await accept(arrival('evt_1'), ofTestMode('evt_2'));

      await office.store.inbox.settle([live ?? '', test ?? ''], 'late');

      expect(await eventIds(LIVE)).toEqual(['evt_1']);
      expect(await eventIds(TEST)).toEqual(['evt_2']);
      expect((await office.store.events.event(live ?? ''))?.status).toBe('late');
    });

    it.each([
      ['nobody subscribes', null],
      ['only the other mode is subscribed to', TEST],
    ])('is marked done all the same and leaves nothing where %s', async (_, application) => {
      if (application !== null) await office.endpoint({}, application);
      await office.endpoint();
      const [seq] = await accept(arrival('evt_1'));

      await office.store.inbox.settle([seq ?? ''], 'signalled');

      expect((await office.store.events.event(seq ?? ''))?.status).toBe('signalled');
      expect(await postgres.query(url, 'select count(*)::int as count from messages')).toEqual([{ count: 0 }]);
    });

    it('that is signalled again is told once, under the id it would have again', async () => {
      await office.endpoint({}, LIVE);
      const [seq] = await accept(arrival('evt_1'));
      await office.store.inbox.settle([seq ?? ''], 'signalled');
      const [first] = await told();

      await office.store.inbox.redeliver(seq ?? '');
      await office.store.inbox.settle([seq ?? ''], 'signalled');
      expect(await told()).toEqual([first]);

      // As after a crash that took back both the mark and the message.
      await postgres.query(url, 'truncate messages, deliveries');
      await office.store.inbox.redeliver(seq ?? '');
      office.clock.now += 5_000;
      await office.store.inbox.settle([seq ?? ''], 'signalled');
      expect((await told()).map(({ id }) => id)).toEqual([first?.id]);
    });

    it('is not marked done where it cannot be told', async () => {
      await office.endpoint({}, LIVE);
      const [seq] = await accept(arrival('evt_1'));
      await postgres.query(url, `alter table messages add constraint closed check (event_id <> 'evt_1')`);

      await expect(office.store.inbox.settle([seq ?? ''], 'signalled')).rejects.toThrow('closed');

      expect((await office.store.events.event(seq ?? ''))?.status).toBe('pending');
      await postgres.query(url, 'alter table messages drop constraint closed');
    });

    it('of more than one reading is told in order all the same, and what is of no type of Pivotal’s is not', async () => {
      await office.endpoint({}, LIVE);
      const many = Array.from({ length: 230 }, (_, nth) => arrival(`evt_${nth}`));
      const seqs = await Promise.all(many.map((one) => office.store.inbox.accept(one)));
      const [odd] = await accept(arrival('evt_odd', 'onb_1', { type: 'onboarding.sung_about' }));

      const backwards = seqs.map(({ seq }) => seq).toReversed();
      await office.store.inbox.settle([odd ?? '', ...backwards], 'signalled');

      const rows = await postgres.query(url, 'select event_id from messages order by seq');
      expect(rows.map(({ event_id }) => event_id)).toEqual(many.map(({ eventId }) => eventId));
    });
  });

  describe('a projection', () => {
    const acknowledge = (id: string): LogEntry['what'] => ({
      kind: 'action',
      action: { verb: 'acknowledge', escalationId: id, by: { id: 'mia', name: 'Mia' } },
    });
    const entry = (seq: number, what: LogEntry['what']): LogEntry => ({
      seq,
      at: office.clock.now,
      what,
      text: `Entry ${seq}`,
    });
    const acknowledged = (id: string): EscalationView =>
      escalation(id, 'onb_1', {
        status: 'acknowledged',
        acknowledged: { by: 'mia', at: '2026-11-23T08:00:00.000Z', expires_at: '2026-11-25T08:00:00.000Z' },
      });

    it('tells what changed and what was done since the one before, and wakes who wants it', async () => {
      const endpoint = await office.endpoint({}, LIVE);
      const { readModel } = office.store;
      await readModel.project(projection(key('onb_1'), 1));
      expect(await types()).toEqual([]);

      const view = acknowledged('esc_1');
      await readModel.project(
        projection(
          key('onb_1'),
          2,
          { health: 'stuck', escalations: [view] },
          { log: [entry(1, acknowledge('esc_1'))] },
        ),
      );

      expect(await types()).toEqual([
        'onboarding.health_changed',
        'onboarding.stuck',
        'escalation.opened',
        'escalation.acknowledged',
      ]);
      expect(office.woken).toEqual([endpoint.id]);
      expect(await postgres.query(url, 'select distinct order_key from deliveries')).toEqual([
        { order_key: 'onboarding/main/onb_1' },
      ]);
    });

    it('by a worker whose clock is ahead is due when it happened: no other clock has to come so far', async () => {
      await office.endpoint({}, LIVE);
      const log = [entry(1, acknowledge('esc_1'))];
      const happened = office.clock.now;
      office.clock.now += 4 * MINUTE;
      const state = { health: 'stuck', escalations: [acknowledged('esc_1')] } as const;
      await office.store.readModel.project(projection(key('onb_1'), 1, state, { log }));

      expect(await told()).toHaveLength(4);
      const due = await postgres.query(url, 'select distinct next_ms::float8 as due from deliveries');
      expect(due).toEqual([{ due: happened }]);
    });

    it('that comes again tells nothing again', async () => {
      await office.endpoint({}, LIVE);
      const one = projection(
        key('onb_1'),
        1,
        { health: 'stuck', escalations: [acknowledged('esc_1')] },
        { log: [entry(1, acknowledge('esc_1'))] },
      );
      await office.store.readModel.project(one);
      const first = await told();

      await office.store.readModel.project(one);
      await office.store.readModel.project({ ...one, revision: 2, log: [entry(3, acknowledge('esc_1'))] });

      expect(first).toHaveLength(4);
      expect((await told()).slice(0, 4)).toEqual(first);
      expect((await types()).slice(4)).toEqual(['escalation.acknowledged']);
    });

    it('of a task that was done once more tells nothing of what people asked for again', async () => {
      await office.endpoint({}, LIVE);
      const shown = { escalations: [acknowledged('esc_1')] };
      await office.store.readModel.project(
        projection(key('onb_1'), 1, shown, { log: [entry(1, acknowledge('esc_1'))] }),
      );
      const first = await told();

      await office.store.readModel.project(
        projection(key('onb_1'), 2, shown, { log: [entry(1, { kind: 'woke' }), entry(2, acknowledge('esc_1'))] }),
      );

      expect(await told()).toEqual(first);
    });

    it('that comes late tells what was done, and no health that is over', async () => {
      await office.endpoint({}, LIVE);
      await office.store.readModel.project(
        projection(key('onb_1'), 2, { escalations: [acknowledged('esc_1')] }, { log: [entry(2, { kind: 'woke' })] }),
      );

      await office.store.readModel.project(
        projection(key('onb_1'), 1, { health: 'stuck' }, { log: [entry(1, acknowledge('esc_1'))] }),
      );

      expect(await types()).toEqual(['escalation.acknowledged']);
    });

    it('leaves nothing where nobody subscribes to its mode', async () => {
      await office.endpoint({}, TEST);

      await office.store.readModel.project(projection(key('onb_1'), 1, { health: 'stuck' }));

      expect(await postgres.query(url, 'select count(*)::int as count from messages')).toEqual([{ count: 0 }]);
    });

    it('that is made anew for the read model tells nothing', async () => {
      await office.endpoint({}, LIVE);
      const { escalations: _, log: __, ...made } = projection(key('onb_1'), 1, { health: 'stuck' });

      await office.store.rebuilds.write(
        { projection: made, escalations: [acknowledged('esc_1')], past: [], handedOver: [] },
        null,
      );

      expect(await types()).toEqual([]);
    });
  });
});
