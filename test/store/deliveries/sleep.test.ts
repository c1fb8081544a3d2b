import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { SILENT } from '../../../src/contracts/observer.js';
import type { EndpointKey } from '../../../src/contracts/webhooks.js';
import { openStore } from '../../../src/store/store.js';
import { TestPostgres } from '../../support/postgres.js';
import { again, DELIVERED, MESSAGE, MINUTE, type PostOffice, postOffice } from './post-office.js';

describe('an endpoint that sleeps', () => {
  let postgres: TestPostgres;
  let url: string;
  let office: PostOffice;
  const holders: pg.Client[] = [];
  beforeAll(async () => {
    postgres = await TestPostgres.start();
    url = await postgres.database();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    office = await postOffice(postgres, url);
  });
  afterEach(async () => {
    await Promise.all(holders.splice(0).map((client) => client.end()));
    await office.store.close();
  });

  const standing = async ({ id }: EndpointKey) =>
    (await postgres.query(url, `select asleep, wake_wanted_real_ms from endpoints where id = '${id}'`))[0];

  it('does not fall asleep while something is due', async () => {
    const endpoint = await office.endpoint();
    const turn = await office.turn(endpoint);
    await office.message();

    expect(await office.queue.rest(turn, office.clock.now)).toEqual({ nextAt: office.clock.now, pending: 1 });
    expect(await standing(endpoint)).toMatchObject({ asleep: false });
  });

  it('sleeps while all there is waits for its next try, whose instant it tells', async () => {
    const endpoint = await office.endpoint();
    const turn = await office.turn(endpoint);
    await office.message();
    const [due] = await office.due(turn);
    if (!due) throw new Error('Nothing is due.');
    const nextAt = office.clock.now + MINUTE;
    await office.queue.record(turn, [office.outcome(due, again(nextAt))]);

    expect(await office.queue.rest(turn, office.clock.now)).toEqual({ nextAt, pending: 1 });
    expect(await standing(endpoint)).toMatchObject({ asleep: true });
    expect(await office.queue.rest(turn, nextAt)).toEqual({ nextAt, pending: 1 });
  });

  it('sleeps while it is disabled, whatever waits for it', async () => {
    const endpoint = await office.endpoint();
    const turn = await office.turn(endpoint);
    await office.message();
    await office.queue.disable(turn, 'receiver', 'It answered 410.');

    expect(await office.queue.rest(turn, office.clock.now)).toEqual({ nextAt: null, pending: 1 });
    expect(await standing(endpoint)).toMatchObject({ asleep: true });
  });

  it('is awake, and nobody needs to wake it, once a turn has begun', async () => {
    const endpoint = await office.endpoint();
    await office.message();

    await office.turn(endpoint);

    expect(await standing(endpoint)).toEqual({ asleep: false, wake_wanted_real_ms: null });
    await office.message();
    expect(office.woken).toEqual([endpoint.id]);
  });

  it('is wanted again where what it sleeps towards is long due, unless it is disabled', async () => {
    const forgotten = await office.endpoint();
    const turn = await office.turn(forgotten);
    await office.message();
    const [due] = await office.due(turn);
    if (!due) throw new Error('Nothing is due.');
    await office.queue.record(turn, [office.outcome(due, again(office.clock.now + MINUTE))]);
    await office.queue.rest(turn, office.clock.now);
    const wanted = () => office.store.wakes.wanted(0);

    office.clock.now += 2 * MINUTE;
    expect(await wanted()).toEqual([]);
    office.clock.now += 1;
    expect(await wanted()).toEqual([forgotten]);
    await postgres.query(url, `update endpoints set disabled = 'operator'`);
    expect(await wanted()).toEqual([]);
  });

  it('falls asleep only once a message that is being written is committed, and then sees it', async () => {
    const endpoint = await office.endpoint();
    const turn = await office.turn(endpoint);
    const store = openStore({ url, observer: SILENT, serverId: 'b', now: () => office.clock.now });
    const waiting = (kind: string) => () =>
      postgres.query(url, `select 1 from pg_locks where not granted and ${kind}`).then((rows) => rows.length > 0);
    // Deliveries are the last thing that whoever takes a message in writes: it has the lock by then.
    const held = await holding(`lock table deliveries in share mode`);

    const writing = store.webhooks.messages.create(office.application, MESSAGE);
    await vi.waitUntil(waiting(`locktype = 'relation'`));
    const resting = office.queue.rest(turn, office.clock.now);
    await vi.waitUntil(waiting(`locktype = 'advisory'`));
    await held.release();

    expect((await writing).outcome).toBe('created');
    expect(await resting).toEqual({ nextAt: office.clock.now, pending: 0 });
    await store.close();
  });

  /** A transaction that has run this statement; it ends with the test at the latest. */
  async function holding(statement: string) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    holders.push(client);
    await client.query('begin');
    await client.query(statement);
    return { release: () => client.query('commit') };
  }

  it('is woken for every message, however they meet with its falling asleep', async () => {
    const endpoint = await office.endpoint();
    const { queue, clock, woken } = office;
    const other = openStore({ url, observer: SILENT, serverId: 'b', now: () => clock.now });
    other.onWake((endpoints) => woken.push(...endpoints.map(({ id }) => id)));
    const walk = await steps();
    const met = { awake: 0, asleep: 0 };

    for (let round = 0; round < ROUNDS; round++) {
      const turn = await office.turn(endpoint);
      const due = await office.due(turn);
      if (round > 0) expect(due).toHaveLength(2);
      const told = due.map((one) => office.outcome(one, DELIVERED));
      await queue.record(turn, told);
      woken.length = 0;

      const [rest] = await Promise.all([
        queue.rest(turn, clock.now),
        walk.after(round % 9, () => office.store.webhooks.messages.create(office.application, MESSAGE)),
        walk.after((round * 5) % 9, () => other.webhooks.messages.create(office.application, MESSAGE)),
      ]);

      const sleeps = rest.nextAt === null;
      expect({ round, woken }).toEqual({ round, woken: sleeps ? [endpoint.id] : [] });
      met[sleeps ? 'asleep' : 'awake']++;
    }

    // It met them on both sides of its falling asleep.
    expect(Math.min(met.awake, met.asleep)).toBeGreaterThan(ROUNDS / 10);
    await walk.end();
    await other.close();
  });

  /** Lets so many short statements pass first, which is about as long as it takes to fall asleep. */
  async function steps() {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return {
      async after(count: number, act: () => Promise<unknown>): Promise<void> {
        for (let nth = 0; nth < count; nth++) await client.query('select 1');
        await act();
      },
      end: () => client.end(),
    };
  }
});

const ROUNDS = 120;
