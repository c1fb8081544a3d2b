import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EndpointKey, EndpointSettings } from '../../../src/contracts/webhooks.js';
import { QUEUED_CHANNEL } from '../../../src/store/webhooks/nudge.js';
import { POSTGRES_VERSIONS, TestPostgres } from '../../support/postgres.js';
import { type PostOffice, postOffice } from './post-office.js';

describe.each(POSTGRES_VERSIONS)('taking a message in on the %s PostgreSQL', (version) => {
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

  const queued = async ({ id }: EndpointKey) =>
    (
      await postgres.query(
        url,
        `select m.id from deliveries d join messages m on m.seq = d.message_seq where d.endpoint_id = '${id}' order by m.seq`,
      )
    ).map((row) => row.id);

  it('keeps it as it was given and answers it', async () => {
    const given = {
      eventId: 'evt_1',
      channels: ['eu'],
      tags: ['blue', 'red'],
      payload: '{"text":"\\u0000 ü \\ud83d\\ude00","n":1.10}',
    };

    const message = await office.message(given);

    expect(message).toMatchObject({ ...given, application: office.application, at: office.clock.now });
    expect(message.id).toMatch(/^msg_[0-9A-Za-z]{27}$/);
    expect(await office.store.webhooks.messages.find(office.application, message.id)).toEqual(message);
  });

  it('notes until when what it says is kept, where its maker said so', async () => {
    await office.message({ payloadDays: 5 });
    await office.message();

    const rows = await postgres.query(
      url,
      'select (payload_until_ms - created_ms)::float8 as kept from messages order by seq',
    );
    expect(rows).toEqual([{ kept: 5 * 86_400_000 }, { kept: null }]);
  });

  it('that odd text comes with spoils no other of its commit', async () => {
    const [odd, plain] = await Promise.all([
      office.create({ payload: '"\0\ud800"', eventId: '\0', channels: ['\0'], orderKey: 'x'.repeat(5_000) }),
      office.create(),
    ]);

    expect([odd.outcome, plain.outcome]).toEqual(['created', 'created']);
  });

  it.each<[string, Partial<EndpointSettings>, boolean]>([
    ['wants every type', {}, true],
    ['wants this type', { filterTypes: ['order.paid'] }, true],
    ['wants its group', { filterTypes: ['cart.*', 'order.*'] }, true],
    ['wants another group that begins alike', { filterTypes: ['ord.*', 'order.p'] }, false],
    ['wants this channel', { channels: ['eu', 'us'] }, true],
    ['wants another channel', { channels: ['us'] }, false],
    ['is disabled', { disabled: true }, false],
  ])('is queued or not for an endpoint that %s', async (_, settings, isWanted) => {
    const endpoint = await office.endpoint(settings);

    const { id } = await office.message({ channels: ['eu'] });

    expect(await queued(endpoint)).toEqual(isWanted ? [id] : []);
  });

  it('that names no channel is not for an endpoint that names some', async () => {
    const endpoint = await office.endpoint({ channels: ['eu'] });

    await office.message();

    expect(await queued(endpoint)).toEqual([]);
  });

  it('that is for one endpoint alone reaches that one, whatever it wants, and no other', async () => {
    const one = await office.endpoint({ filterTypes: ['cart.filled'] });
    const other = await office.endpoint();

    const { id } = await office.message({ onlyTo: one.id });

    expect(await queued(one)).toEqual([id]);
    expect(await queued(other)).toEqual([]);
  });

  it('takes an application by its id or its uid, and no other application is told', async () => {
    const own = await office.endpoint({}, 'app_slipway');
    const others = await office.endpoint();

    const byUid = await office.create({}, 'slipway');
    const byId = await office.create({}, 'app_slipway');

    expect([byUid.outcome, byId.outcome]).toEqual(['created', 'created']);
    expect(await office.create({}, 'nobody')).toEqual({ outcome: 'unknown_application' });
    expect(await queued(own)).toHaveLength(2);
    expect(await queued(others)).toEqual([]);
  });

  it('answers the first message to a repeat of its idempotency key, also after another event id', async () => {
    const endpoint = await office.endpoint();
    const first = await office.message({ idempotencyKey: 'key_1', eventId: 'evt_1', payload: '1' });

    const again = await office.create({ idempotencyKey: 'key_1', eventId: 'evt_2', payload: '2' });

    expect(again).toEqual({ outcome: 'repeated', message: first });
    expect(await queued(endpoint)).toEqual([first.id]);
  });

  it('refuses an event id that was taken, within its application', async () => {
    await office.endpoint();
    await office.message({ eventId: 'evt_1' });

    expect(await office.create({ eventId: 'evt_1' })).toEqual({ outcome: 'event_id_taken' });
    expect((await office.create({ eventId: 'evt_1' }, 'slipway')).outcome).toBe('created');
  });

  it('treats those of one commit as if they had come one after another', async () => {
    const endpoint = await office.endpoint();
    await office.message({ eventId: 'evt_old' });

    const outcomes = await Promise.all([
      office.create({ idempotencyKey: 'key_1', eventId: 'evt_old' }),
      office.create({ idempotencyKey: 'key_1', eventId: 'evt_1', payload: '"first"' }),
      office.create({ idempotencyKey: 'key_1', eventId: 'evt_2' }),
      office.create({ idempotencyKey: 'key_2', eventId: 'evt_1' }),
      office.create({ idempotencyKey: 'key_3', eventId: 'evt_2' }),
      office.create({}, 'nobody'),
    ]);

    expect(outcomes.map(({ outcome }) => outcome)).toEqual([
      'event_id_taken',
      'created',
      'repeated',
      'event_id_taken',
      'created',
      'unknown_application',
    ]);
    expect(outcomes[2]).toMatchObject({ message: { payload: '"first"' } });
    expect(await queued(endpoint)).toHaveLength(3);
  });

  it('keeps the order in which they came', async () => {
    const endpoint = await office.endpoint();

    const messages = await Promise.all(Array.from({ length: 40 }, () => office.message()));

    expect(await queued(endpoint)).toEqual(messages.map(({ id }) => id));
  });

  it('wakes an endpoint that sleeps, once, and marks it wanted in the same commit', async () => {
    const endpoint = await office.endpoint();
    const other = await office.endpoint({ filterTypes: ['cart.filled'] });

    await Promise.all([office.message(), office.message()]);
    await office.message();

    expect(office.woken).toEqual([endpoint.id]);
    expect(await office.store.wakes.wanted(office.clock.now + 1)).toEqual([endpoint]);
    expect(await office.store.wakes.wanted(office.clock.now)).toEqual([]);
    const rows = await postgres.query(url, `select id, asleep from endpoints order by seq`);
    expect(rows).toEqual([
      { id: endpoint.id, asleep: false },
      { id: other.id, asleep: true },
    ]);
  });

  it('tells whoever listens once for each endpoint and commit', async () => {
    const [one, two] = [await office.endpoint(), await office.endpoint()];
    const listener = new pg.Client({ connectionString: url });
    await listener.connect();
    const told: (string | undefined)[] = [];
    listener.on('notification', ({ payload }) => told.push(payload));
    await listener.query(`listen ${QUEUED_CHANNEL}`);

    await Promise.all(Array.from({ length: 10 }, () => office.message()));
    await listener.query('select 1');

    expect(told).toHaveLength(2);
    expect(new Set(told)).toEqual(new Set([one.id, two.id]));
    await listener.end();
  });
});
