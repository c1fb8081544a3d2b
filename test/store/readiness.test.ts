import { chownSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { openStore, type Store } from '../../src/store/store.js';
import { POSTGRES_VERSIONS, TestPostgres } from '../support/postgres.js';
import { hasSmallDisks, SmallDisk } from '../support/small-disk.js';
import { arrival } from './arrivals.js';

const READY = { ready: true };
/** What a commit of events has shown counts for a second. */
const untilForgotten = () => pause(1_100);

describe.each(POSTGRES_VERSIONS)('whether a store is ready, on the %s PostgreSQL', (version) => {
  let postgres: TestPostgres;
  let url: string;
  let store: Store;

  beforeAll(async () => {
    postgres = await TestPostgres.start(version);
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    url = await postgres.database();
    store = openStore({ url, observer: SILENT, serverId: 'a' });
  });
  afterEach(() => store.close());

  /** Whatever writes an event fails so, as a disk does that has no room for another page of the table. */
  async function refuseEvents(): Promise<void> {
    await postgres.query(
      url,
      `create function no_room() returns trigger language plpgsql as $$ begin
         raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`,
    );
    await postgres.query(url, 'create trigger no_room before insert on inbox for each row execute function no_room()');
  }
  const takeEventsAgain = () => postgres.query(url, 'drop trigger no_room on inbox');

  it('is told though the API has every connection of its own busy', async () => {
    await store.readiness();
    await untilForgotten();
    const locked = postgres.query(url, 'begin; lock table meta in access exclusive mode; select pg_sleep(4); commit');
    await pause(300);
    const asked = Array.from({ length: 12 }, () => store.meta.get('clock').catch(() => {}));
    await pause(100);

    const from = performance.now();
    expect(await store.readiness()).toEqual(READY);
    expect(performance.now() - from).toBeLessThan(1_000);
    await Promise.all([locked, ...asked]);
  });

  it('is denied once a commit of events was refused, in the words of the store, and told again when one would be taken', async () => {
    expect(await store.readiness()).toEqual(READY);
    await refuseEvents();
    await expect(store.inbox.accept(arrival('evt_1'))).rejects.toThrow('No space left');

    for (let n = 0; n < 3; n++) {
      const { why } = (await store.readiness()) as { why: string };
      expect(why).toBe('The store takes no events: could not extend file: No space left on device');
    }
    await takeEventsAgain();
    expect(await store.readiness()).toEqual(READY);
    expect(await postgres.query(url, 'select * from inbox')).toEqual([]);
  });

  it('is told again by the next event that is taken', async () => {
    await refuseEvents();
    await expect(store.inbox.accept(arrival('evt_1'))).rejects.toThrow('No space left');
    await takeEventsAgain();
    await store.inbox.accept(arrival('evt_1'));
    // What a look would try to write is refused from here on: none does.
    await postgres.query(url, `alter table inbox add constraint no_tries check (source <> '') not valid`);
    await untilForgotten();

    expect(await store.readiness()).toEqual(READY);
  });

  it('is looked at once for all who ask at the same time', async () => {
    await store.readiness();
    await refuseEvents();
    await expect(store.inbox.accept(arrival('evt_1'))).rejects.toThrow('No space left');

    const told = await Promise.all(Array.from({ length: 100 }, () => store.readiness()));
    await takeEventsAgain();

    expect(told.filter(({ ready }) => ready)).toEqual([]);
    // Each row that was tried took a number.
    expect(Number((await store.inbox.accept(arrival('evt_1'))).seq)).toBeLessThan(10);
  });

  it('is not denied for a row that no store could take', async () => {
    await postgres.query(url, `alter table inbox add constraint odd check (event_id <> 'evt_odd')`);
    await expect(store.inbox.accept(arrival('evt_odd'))).rejects.toThrow();

    expect(await store.readiness()).toEqual(READY);
  });

  it('is denied where no connection for events can be had, though others are there', async () => {
    const password = new URL(url).password;
    await postgres.query(url, `create role few login password '${password}' connection limit 1`);
    await postgres.query(url, 'grant all on all tables in schema public to few');
    const asFew = new URL(url);
    asFew.username = 'few';
    const crowded = openStore({ url: asFew.href, observer: SILENT, serverId: 'b' });
    await crowded.meta.get('clock');

    const told = await crowded.readiness();
    await crowded.close();
    await postgres.query(url, 'drop owned by few');
    await postgres.query(url, 'drop role few');

    expect(told).toEqual({ ready: false, why: expect.stringContaining('too many connections for role') });
  });

  it('is denied while the store is read-only, and told again on a new connection', async () => {
    const name = new URL(url).pathname.slice(1);
    await postgres.query(url, `alter database ${name} set default_transaction_read_only = on`);
    expect(await store.readiness()).toEqual({ ready: false, why: 'The store is read-only.' });

    await postgres.query(`${url}&options=-c%20default_transaction_read_only%3Doff`, `alter database ${name} reset all`);
    expect(await store.readiness()).toEqual(READY);
  });
});

describe.skipIf(!hasSmallDisks())('a disk without room for another page of the archive', () => {
  let directory: string;
  let disk: SmallDisk | undefined;
  let postgres: TestPostgres;
  let url: string;
  let store: Store | undefined;

  beforeAll(async () => {
    // PostgreSQL's account has to reach it.
    directory = mkdtempSync('/tmp/slipway-full-');
    disk = SmallDisk.mount(directory, 16);
    postgres = await TestPostgres.start();
    url = await postgres.database();
    const [server] = await postgres.query(url, `select pid from pg_stat_activity where backend_type = 'checkpointer'`);
    const { uid, gid } = statSync(`/proc/${Number(server?.['pid'])}`);
    chownSync(directory, uid, gid);
    await postgres.query(url, `create tablespace small location '${directory}'`);
    await postgres.query(url, 'alter table inbox set tablespace small');
    store = openStore({ url, observer: SILENT, serverId: 'a' });
  });
  afterAll(async () => {
    await store?.close();
    await postgres.stop();
    disk?.unmount();
    rmSync(directory, { recursive: true });
  });

  it('makes a server unready for as long as it is full, and no longer, though nobody sends it an event', async () => {
    const opened = store as Store;
    const large = (nth: number) => arrival(`evt_${nth}`, 'onb_1', { body: Buffer.alloc(1_500, 120) });
    await opened.inbox.accept(large(0));
    disk?.fill();
    // They share a commit, for which there is no room.
    const sent = await Promise.allSettled(Array.from({ length: 40 }, (_, nth) => opened.inbox.accept(large(nth + 1))));
    expect(sent.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(30);
    // The page that was begun has room again, for one or two; vacuum itself needs a page.
    disk?.free();
    await postgres.query(url, 'vacuum inbox');
    disk?.fill();

    for (let n = 0; n < 10; n++) {
      expect(await opened.readiness()).toEqual({
        ready: false,
        why: expect.stringContaining('No space left on device'),
      });
    }
    disk?.free();
    expect(await opened.readiness()).toEqual(READY);
    expect(await opened.inbox.accept(arrival('evt_last'))).toMatchObject({ duplicate: false });
  });
});
