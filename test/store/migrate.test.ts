import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { migrate, NewerStore, OldServer } from '../../src/store/migrate.js';
import { MIGRATIONS } from '../../src/store/migrations/list.js';
import { openStore } from '../../src/store/store.js';
import { POSTGRES_VERSIONS, TestPostgres } from '../support/postgres.js';

const NAMES = Object.keys(MIGRATIONS);

describe.each(POSTGRES_VERSIONS)('migrations on the %s PostgreSQL', (version) => {
  let postgres: TestPostgres;

  beforeAll(async () => {
    postgres = await TestPostgres.start(version);
  });
  afterAll(() => postgres.stop());

  const taken = async (url: string) =>
    (await postgres.query(url, 'select name from kysely_migration order by name')).map(({ name }) => name);

  it('are taken once by processes that start at the same time', async () => {
    const url = await postgres.empty();

    await Promise.all(Array.from({ length: 6 }, () => migrate(url, SILENT)));
    await migrate(url, SILENT);

    expect(await taken(url)).toEqual(NAMES);
  });

  it('make a store ready that was not', async () => {
    const store = openStore({ url: await postgres.empty(), observer: SILENT, serverId: 'a' });

    const before = await store.readiness();
    await store.migrate();

    expect(before).toEqual({ ready: false, why: expect.any(String) });
    expect(await store.readiness()).toEqual({ ready: true });
    await store.close();
  });

  it('leave a store of a newer version alone, and say what to do', async () => {
    const url = await postgres.database();
    await postgres.query(url, `insert into kysely_migration values ('9999-tomorrow', '2027-01-01')`);

    const refused = migrate(url, SILENT);

    await expect(refused).rejects.toThrow(NewerStore);
    await expect(refused).rejects.toThrow(/newer Slipway \(it has 9999-tomorrow\)/);
  });

  it('are not begun on a server that is too old, and say what to do', async () => {
    const url = await postgres.empty();
    const name = new URL(url).pathname.slice(1);
    // A server that says of itself to be PostgreSQL 13.
    await postgres.query(url, 'create schema older');
    await postgres.query(
      url,
      `create function older.current_setting(text) returns text language sql as $$ select '130012' $$`,
    );
    await postgres.query(url, `alter database ${name} set search_path = older, pg_catalog, public`);

    const refused = migrate(url, SILENT);

    await expect(refused).rejects.toThrow(OldServer);
    await expect(refused).rejects.toThrow(/version 13, and Slipway needs 14 or newer/);
    expect(await postgres.query(url, `select to_regclass('public.inbox') as made`)).toEqual([{ made: null }]);
  });
});
