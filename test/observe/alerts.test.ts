import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { arrival } from '../store/arrivals.js';
import { SECRETS, moved } from '../ingress/edge.js';
import { anyFreePort } from '../../src/embedded/free-port.js';
import { TestPostgres } from '../support/postgres.js';
import { expectToFire, hasPromtool, PROMETHEUS, promtool, WITHOUT_PROMTOOL } from './promtool.js';
import { MESSAGE } from '../store/deliveries/post-office.js';
import { SETTINGS } from '../store/webhooks/desk.js';
import { Rig } from './rig.js';
import type { Scrape } from './scrape.js';

describe.skipIf(!hasPromtool)(`alert rules${WITHOUT_PROMTOOL}`, () => {
  it('and the scrape configuration beside them are what Prometheus takes', async () => {
    await promtool('check', 'rules', resolve(PROMETHEUS, 'alerts.yml'));
    await promtool('check', 'config', '--syntax-only', resolve(PROMETHEUS, 'prometheus.yml'));
  });

  it('fire on what alerts.test.yml says, alone, and on nothing else', () =>
    expect(promtool('test', 'rules', resolve(PROMETHEUS, 'alerts.test.yml'))).resolves.toContain('SUCCESS'));
});

describe.skipIf(!hasPromtool)(`an alert fires on what is scraped where its failure is real${WITHOUT_PROMTOOL}`, () => {
  let postgres: TestPostgres;
  let databaseUrl: string;
  let temporalAddress: string;
  let rig: Rig;
  let well: Scrape;

  beforeAll(async () => {
    postgres = await TestPostgres.start();
    databaseUrl = await postgres.database();
    temporalAddress = `127.0.0.1:${await anyFreePort()}`;
    const before = await Rig.open({ databaseUrl, temporalAddress });
    well = await before.scrape();
    await before.close();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    await postgres.clear(databaseUrl);
    rig = await Rig.open({ databaseUrl, temporalAddress });
  });
  afterEach(() => rig.close());

  const post = (times: number, options: Parameters<typeof rig.edge.post>[1] = {}) =>
    Promise.all(Array.from({ length: times }, () => rig.edge.post(moved(`evt_${randomUUID()}`), options)));
  const stored = (times: number, receivedAt = Date.now()) =>
    Promise.all(
      Array.from({ length: times }, () => rig.store.inbox.accept(arrival(randomUUID(), 'onb_1', { receivedAt }))),
    );

  it('SlipwayDown: a process ends', async () => {
    await rig.stopAnswering();

    await expectToFire('SlipwayDown', well, [await rig.scrape()]);
  });

  it('SlipwayAcknowledgeSlow: somebody holds a lock on the inbox', async () => {
    const holder = new pg.Client({ connectionString: databaseUrl });
    await holder.connect();
    await holder.query('begin; lock table inbox in access exclusive mode');
    const answers = post(5);
    await new Promise((hold) => setTimeout(hold, 1_500));
    await holder.end();
    expect((await answers).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);

    await expectToFire('SlipwayAcknowledgeSlow', well, [await rig.scrape()]);
  });

  it('SlipwayDeliveriesRejected: twenty-five deliveries with another secret, beside good ones', async () => {
    await post(25, { secret: SECRETS.sandbox });
    await post(2);

    const scraped = await rig.scrape();
    await expectToFire('SlipwayDeliveriesRejected', well, [scraped]);
    await expect(expectToFire('SlipwayNothingVerified', well, [scraped])).rejects.toThrow(/FAILED/);
  });

  it('SlipwayNothingVerified: the secret was rotated at the sender alone', async () => {
    await post(5, { secret: SECRETS.sandbox });

    await expectToFire('SlipwayNothingVerified', well, [await rig.scrape()]);
  });

  it('SlipwayClockSkew: the sender’s clock is 90 s behind', async () => {
    await post(1, { at: Math.floor(Date.now() / 1000) - 90 });

    await expectToFire('SlipwayClockSkew', well, [await rig.scrape()]);
  });

  it('SlipwayFeedSilent: the last event is four days old, and the server has been started since', async () => {
    await stored(1, Date.now() - 4 * 86_400_000);
    const restarted = await Rig.open({ databaseUrl, temporalAddress });

    await expectToFire('SlipwayFeedSilent', well, [await restarted.scrape()]);
    await restarted.close();
  });

  it('SlipwayStoreUnreachable and SlipwayEventsUnstored: PostgreSQL is stopped', async () => {
    await postgres.down();
    const [answer] = await post(1);
    const scraped = await rig.scrape();
    await postgres.up();

    expect(answer?.status).toBe(503);
    await expectToFire('SlipwayStoreUnreachable', well, [scraped]);
    await expectToFire('SlipwayEventsUnstored', well, [scraped], 3);
  });

  it('SlipwaySendsFailing: the receiver of a channel refuses its token', async () => {
    const receiver = createServer((_, response) => response.writeHead(401).end());
    await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready));
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    for (let n = 0; n < 5; n++) expect(await rig.send(`key-${n}`, { url })).toMatchObject({ failure: 'AuthRejected' });
    receiver.close();

    await expectToFire('SlipwaySendsFailing', well, [await rig.scrape()]);
  });

  it('SlipwayEndpointDisabled: a receiver answers that it wants nothing more', async () => {
    const receiver = createServer((_, response) => response.writeHead(410).end());
    await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready));
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const { applications, endpoints, messages } = rig.store.webhooks;
    const application = await applications.create({ uid: null, name: 'Acme', rateLimit: null, metadata: {} });
    if (application === 'taken') throw new Error('The uid is taken.');
    const endpoint = await endpoints.create(application.id, { ...SETTINGS, url });
    if (typeof endpoint === 'string') throw new Error(`The endpoint was not made: ${endpoint}.`);
    await messages.create(application.id, MESSAGE);

    expect(await rig.deliver({ application: application.id, id: endpoint.id })).toMatchObject({ disabled: 'receiver' });
    receiver.close();

    await expectToFire('SlipwayEndpointDisabled', well, [await rig.scrape()]);
  });
});
