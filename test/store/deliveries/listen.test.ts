import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { SILENT } from '../../../src/contracts/observer.js';
import { openStore, type Store } from '../../../src/store/store.js';
import { TestPostgres } from '../../support/postgres.js';
import { MESSAGE, type PostOffice, postOffice } from './post-office.js';

describe('whoever listens for deliveries', () => {
  let postgres: TestPostgres;
  let url: string;
  let office: PostOffice;
  let elsewhere: Store;
  beforeAll(async () => {
    postgres = await TestPostgres.start();
    url = await postgres.database();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    office = await postOffice(postgres, url);
    elsewhere = openStore({ url, observer: SILENT, serverId: 'b' });
  });
  afterEach(async () => {
    await Promise.all([office.store.close(), elsewhere.close()]);
  });

  const listening = `from pg_stat_activity where query = 'listen slipway_deliveries' and datname = current_database()`;
  const connections = async () => (await postgres.query(url, `select pid ${listening}`)).map(({ pid }) => pid);

  it('hears of those of its endpoint, whichever server queued them, until it has heard enough', async () => {
    const endpoint = await office.endpoint({ filterTypes: ['order.paid'] });
    const other = await office.endpoint({ filterTypes: ['cart.filled'] });
    const [heard, heardToo, others] = [vi.fn(), vi.fn(), vi.fn()];
    const ear = await office.queue.listen(endpoint, heard);
    await office.queue.listen(endpoint, heardToo);
    await office.queue.listen(other, others);

    await elsewhere.webhooks.messages.create(office.application, MESSAGE);
    await vi.waitUntil(() => heard.mock.calls.length === 1 && heardToo.mock.calls.length === 1);
    ear.close();
    await elsewhere.webhooks.messages.create(office.application, MESSAGE);
    await vi.waitUntil(() => heardToo.mock.calls.length === 2);

    expect(heard).toHaveBeenCalledTimes(1);
    expect(others).not.toHaveBeenCalled();
  });

  it('shares one connection with all others of its server', async () => {
    const endpoints = [await office.endpoint(), await office.endpoint(), await office.endpoint()];

    await Promise.all(endpoints.map((endpoint) => office.queue.listen(endpoint, vi.fn())));

    expect(await connections()).toHaveLength(1);
  });

  it('is told when it can hear no more, and hears again by itself', async () => {
    const endpoint = await office.endpoint();
    const heard = vi.fn();
    await office.queue.listen(endpoint, heard);
    const [broken] = await connections();

    await postgres.query(url, `select pg_terminate_backend(pid) ${listening}`);

    await vi.waitUntil(() => heard.mock.calls.length === 1);
    await vi.waitUntil(async () => (await connections()).some((pid) => pid !== broken), { timeout: 5_000 });
    await vi.waitUntil(() => heard.mock.calls.length === 2);
    await elsewhere.webhooks.messages.create(office.application, MESSAGE);
    await vi.waitUntil(() => heard.mock.calls.length === 3);
  });

  it('hears that the store cannot be reached', async () => {
    const nowhere = openStore({ url: 'postgres://nobody@127.0.0.1:1/none', observer: SILENT, serverId: 'c' });

    await expect(nowhere.deliveries.listen({ application: 'app_1', id: 'ep_1' }, vi.fn())).rejects.toMatchObject({
      name: 'StoreUnavailable',
    });
    await nowhere.close();
  });
});
