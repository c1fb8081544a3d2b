import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Turn } from '../../../src/contracts/delivery.js';
import type { EndpointKey } from '../../../src/contracts/webhooks.js';
import { POSTGRES_VERSIONS, TestPostgres } from '../../support/postgres.js';
import { type PostOffice, postOffice } from './post-office.js';

describe.each(POSTGRES_VERSIONS)('an endpoint that fails, on the %s PostgreSQL', (version) => {
  let postgres: TestPostgres;
  let url: string;
  let office: PostOffice;
  let endpoint: EndpointKey;
  let turn: Turn;
  beforeAll(async () => {
    postgres = await TestPostgres.start(version);
    url = await postgres.database();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    office = await postOffice(postgres, url);
    endpoint = await office.endpoint();
    turn = await office.turn(endpoint);
  });
  afterEach(() => office.store.close());

  const told = async () => {
    const rows = await postgres.query(
      url,
      `select payload from messages where application_id = 'app_slipway' order by seq`,
    );
    return rows.map(({ payload }) => JSON.parse(String(payload)) as Record<string, unknown>);
  };

  it('is disabled once, which is told to who subscribes, by its host alone', async () => {
    const watcher = await office.endpoint({ filterTypes: ['endpoint.*'] }, 'app_slipway');

    await office.queue.disable(turn, 'failing', '100 deliveries in a row used up all their tries.');
    await office.queue.disable(turn, 'receiver', 'It answered 410.');

    expect(await office.store.webhooks.endpoints.find(endpoint.application, endpoint.id)).toMatchObject({
      disabled: 'failing',
    });
    expect(await told()).toEqual([
      {
        id: expect.stringMatching(/^evt_/),
        type: 'endpoint.disabled',
        timestamp: new Date(office.clock.now).toISOString(),
        org: null,
        livemode: true,
        data: {
          object: {
            id: endpoint.id,
            application_id: endpoint.application,
            host: 'hooks.example.com',
            failures: 0,
            reason: '100 deliveries in a row used up all their tries.',
          },
        },
      },
    ]);
    expect(office.woken).toEqual([watcher.id]);
  });

  it('that was enabled again can be disabled again, and that is told too', async () => {
    const { endpoints } = office.store.webhooks;
    await office.queue.disable(turn, 'receiver', 'It answered 410.');
    const found = await endpoints.find(endpoint.application, endpoint.id);
    if (!found) throw new Error('It is gone.');
    await endpoints.update(found, { ...found, disabled: false });

    await office.queue.disable(turn, 'receiver', 'It answered 410.');

    expect((await told()).map(({ type }) => type)).toEqual(['endpoint.disabled', 'endpoint.disabled']);
  });

  it('is warned about once for each threshold', async () => {
    await office.queue.warn(turn, 50);
    await office.queue.warn(turn, 50);
    await office.queue.warn(turn, 70);

    const objects = (await told()).map(({ data }) => (data as { object: unknown }).object);
    expect(objects).toMatchObject([
      { failures: 50, reason: '50 deliveries in a row used up all their tries.' },
      { failures: 70 },
    ]);
  });
});
