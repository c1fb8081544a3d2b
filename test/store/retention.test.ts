import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RetentionPlan } from '../../src/contracts/care.js';
import { RETENTION_STAGES, type RetentionStage } from '../../src/contracts/retention-stages.js';
import type { Arrival } from '../../src/contracts/inbox.js';
import { SILENT } from '../../src/contracts/observer.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { DAY_MS } from '../../src/domain/time/duration.js';
import { openStore, type Store } from '../../src/store/store.js';
import { TestPostgres } from '../support/postgres.js';
import { arrival, MONDAY_9AM, ping } from './arrivals.js';
import { key, projection } from './onboarding-views.js';

const NOW = MONDAY_9AM + 400 * DAY_MS;
const ago = (days: number) => NOW - days * DAY_MS;

const PLAN: RetentionPlan = {
  clock: REAL_CLOCK,
  events: ago(90),
  eventsBySource: {},
  sends: ago(90),
  rejections: ago(30),
  audit: ago(400),
};

describe('retention', () => {
  let postgres: TestPostgres;
  let url: string;
  let store: Store;
  beforeAll(async () => {
    postgres = await TestPostgres.start();
    url = await postgres.database();
    store = openStore({ url, observer: SILENT, serverId: 'server-1', now: () => NOW });
  });
  beforeEach(() => postgres.clear(url));
  afterAll(async () => {
    await store.close();
    await postgres.stop();
  });

  const heard = (one: Arrival, days: number): Arrival => ({
    ...one,
    receivedAt: ago(days),
    receivedVirtual: ago(days),
  });
  const keep = async (one: Arrival) => {
    const { seq } = await store.inbox.accept(one);
    await store.inbox.settle([seq], 'signalled');
    return seq;
  };
  const ofCustomer = (id: string, customer: string): Arrival => ({
    ...arrival(id),
    type: 'customer.updated',
    route: {
      to: 'customer',
      key: key(customer),
      // biome-ignore format: one fact
      fact: { id, source: 'pivotal', type: 'customer.updated', kind: 'record', at: 0, heardAt: 0, record: {}, previous: {} },
    },
  });
  const open = (id: string) => store.readModel.project(projection(key(id), 1));
  const close = (id: string, days: number, more = {}) =>
    store.readModel.project(
      projection(key(id), 2, { closed: true, ...more }, { final: { endedAt: ago(days) } as never }),
    );
  const run = async (stage: RetentionStage, plan: RetentionPlan = PLAN) => {
    let deleted = 0;
    let cursor: string | null = null;
    do {
      const page = await store.retention.purge({ stage, plan, cursor });
      deleted += page.deleted;
      cursor = page.cursor;
    } while (cursor !== null);
    return deleted;
  };
  const left = async () => (await store.events.events({ limit: 200 })).data.map((row) => row.eventId).sort();

  it('keeps an event while its onboarding is open, however old it is, and its days beyond the close', async () => {
    for (const id of ['open', 'young', 'old']) await keep(heard(arrival(`evt_${id}`, id), 300));
    await open('open');
    await close('young', 89);
    await close('old', 91);

    expect(await run('events')).toBe(1);
    expect(await left()).toEqual(['evt_open', 'evt_young']);
    expect(await postgres.query(url, 'select count(*)::int as rows from dispatch')).toEqual([{ rows: 2 }]);
  });

  it('keeps a late event of a closed onboarding for its own days', async () => {
    await keep(heard(arrival('evt_late', 'old'), 10));
    await close('old', 200);

    expect(await run('events')).toBe(0);
  });

  it('counts from the last projection where an onboarding closed before its close was noted', async () => {
    await keep(heard(arrival('evt_1', 'onb_1'), 300));
    await store.readModel.project(projection(key('onb_1'), 2, { closed: true }));

    expect(await run('events')).toBe(0);
    await postgres.query(url, `update onboardings set projected_real_ms = ${ago(91)}`);
    expect(await run('events')).toBe(1);
  });

  it('lets go of nothing of an onboarding that no list knows', async () => {
    await keep(heard(arrival('evt_1', 'not-listed'), 300));

    expect(await run('events')).toBe(0);
  });

  it('keeps an event that still waits to be signalled', async () => {
    await store.inbox.accept(heard(arrival('evt_1', 'old'), 300));
    await close('old', 200);

    expect(await run('events')).toBe(0);
  });

  it('keeps events of no onboarding from their receipt', async () => {
    await store.inbox.accept(heard(ping('evt_old'), 91));
    await keep(heard(ofCustomer('evt_lone', 'cus_lone'), 91));
    await store.inbox.accept(heard(ping('evt_young'), 89));

    expect(await run('events')).toBe(2);
    expect(await left()).toEqual(['evt_young']);
  });

  it('keeps events of a customer as long as any onboarding of theirs is open, and beyond the last close', async () => {
    for (const customer of ['open', 'young', 'old']) await keep(heard(ofCustomer(`evt_${customer}`, customer), 300));
    await close('a', 200, { customer_id: 'open' });
    await store.readModel.project(projection(key('b'), 1, { customer_id: 'open' }));
    await close('c', 200, { customer_id: 'young' });
    await close('d', 10, { customer_id: 'young' });
    await close('e', 200, { customer_id: 'old' });
    // The same id in another workspace is somebody else.
    await store.readModel.project(projection(key('f', { workspace: 'other' }), 1, { customer_id: 'old' }));

    expect(await run('events')).toBe(1);
    expect(await left()).toEqual(['evt_open', 'evt_young']);
  });

  it('keeps a source its own length', async () => {
    await store.inbox.accept(heard({ ...ping('evt_sandbox'), source: 'sandbox' }, 15));
    await store.inbox.accept(heard(ping('evt_pivotal'), 15));

    expect(await run('events', { ...PLAN, eventsBySource: { sandbox: ago(14) } })).toBe(1);
    expect(await left()).toEqual(['evt_pivotal']);
  });

  it('goes through any number of rows page by page, and looks no further than the first that is too young', async () => {
    const rows = Array.from({ length: 1_200 }, (_, n) => heard(ping(`evt_${n}`), n < 1_100 ? 100 : 10));
    await Promise.all(rows.map((row) => store.inbox.accept(row)));
    await store.inbox.accept(heard(ping('evt_last'), 10));

    const first = await store.retention.purge({ stage: 'events', plan: PLAN, cursor: null });
    expect(first).toEqual({ cursor: '500', deleted: 500 });
    expect(await store.retention.purge({ stage: 'events', plan: PLAN, cursor: '500' })).toEqual({
      cursor: '1000',
      deleted: 500,
    });
    expect(await store.retention.purge({ stage: 'events', plan: PLAN, cursor: '1000' })).toEqual({
      cursor: null,
      deleted: 100,
    });
    expect(await left()).toHaveLength(101);
  });

  it('keeps nobody waiting who is sending meanwhile', async () => {
    const total = 6_000;
    for (let from = 0; from < total; from += 500)
      await Promise.all(
        Array.from({ length: 500 }, (_, n) => store.inbox.accept(heard(ping(`evt_old_${from + n}`), 100))),
      );
    await postgres.query(url, 'analyze inbox');
    const page =
      'select seq, source, workflow_id, received_virtual_ms from inbox where seq > 50 order by seq limit 500';
    expect(JSON.stringify(await postgres.query(url, `explain ${page}`))).toContain('Index Scan using inbox_pkey');
    const waits: number[] = [];
    const over = new AbortController();
    const sending = (async () => {
      for (let n = 0; !over.signal.aborted; n++) {
        const begun = performance.now();
        await store.inbox.accept(heard(ping(`evt_new_${n}`), 0));
        waits.push(performance.now() - begun);
      }
    })();

    expect(await run('events')).toBe(total);
    over.abort();
    await sending;
    waits.sort((a, b) => a - b);
    expect(waits.length).toBeGreaterThan(10);
    // Far below the sender's ten seconds; a delete of all at once would hold an arrival for as long as it takes.
    expect(waits[Math.floor(waits.length * 0.95)]).toBeLessThan(500);
  });

  it('lets go of the record of messages when their onboarding has been closed for its days', async () => {
    await postgres.query(
      url,
      `insert into sends (key, workflow_id, escalation_id, kind, channel, recipient_id, level, intended_real_ms)
       select id || '/1', 'onboarding/main/' || id, id, 'notified', 'log', 'mia', 1, 0
       from unnest(array['open', 'young', 'old', 'unknown']) id`,
    );
    await open('open');
    await close('young', 80);
    await close('old', 100);

    expect(await run('sends')).toBe(1);
    const rows = await postgres.query(url, 'select key from sends order by key');
    expect(rows.map((row) => row['key'])).toEqual(['open/1', 'unknown/1', 'young/1']);
  });

  it('lets go of rejections, of the audit log and of dead tokens by their age', async () => {
    await postgres.query(
      url,
      `insert into rejections (source, reason, message, at_real_ms, bytes)
       values ('p', 'stale_timestamp', 'm', ${ago(31)}, 1), ('p', 'stale_timestamp', 'm', ${ago(29)}, 1)`,
    );
    const line = { actor: 'local', action: 'a.b', subject: 's', before: null, after: null, reason: null };
    await store.audit.record({ ...line, at: ago(401) });
    await store.audit.record({ ...line, at: ago(399) });
    const token = (name: string) => store.tokens.create({ name, role: 'viewer', expiresAt: null, createdBy: 'local' });
    for (const name of ['alive', 'dead']) await token(name);
    await postgres.query(url, `update api_tokens set revoked_real_ms = ${ago(401)} where name = 'dead'`);

    expect(await run('rejections')).toBe(1);
    expect(await run('audit')).toBe(1);
    expect(await run('tokens')).toBe(1);
    expect((await store.audit.entries({ limit: 10 })).data.map((entry) => entry.at)).toEqual([ago(399)]);
    expect((await store.tokens.list()).map(({ name }) => name)).toEqual(['alive']);
    await expect(postgres.query(url, 'delete from audit')).rejects.toThrow('append-only');
  });

  it('forgets the answers to requests after a day', async () => {
    await postgres.query(
      url,
      `insert into changes (id, server_id, actor, action, subject, done, begun_at) values
       ('a', 's', 'x', 'y', 'z', true, now() - interval '25 hours'), ('b', 's', 'x', 'y', 'z', true, now()),
       ('c', 's', 'x', 'y', 'z', false, now() - interval '25 hours')`,
    );

    expect(await run('requests')).toBe(1);
  });

  it('does nothing twice', async () => {
    await keep(heard(arrival('evt_1', 'old'), 300));
    await close('old', 200);

    for (const stage of RETENTION_STAGES) await run(stage);
    for (const stage of RETENTION_STAGES) expect(await run(stage)).toBe(0);
  });
});
