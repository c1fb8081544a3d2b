import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { Webhook } from 'svix';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeliverDue } from '../../src/activities/deliver-due.js';
import { type DeliverReport, TurnLost } from '../../src/contracts/delivery.js';
import { SILENT } from '../../src/contracts/observer.js';
import type { Attempt, EndpointKey } from '../../src/contracts/webhooks.js';
import { RETRY_SCHEDULE } from '../../src/domain/delivery/schedule.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { createOutbound, type Outbound } from '../../src/outbound/post.js';
import { type PostOffice, postOffice } from '../store/deliveries/post-office.js';
import { FIRST_PAGE } from '../store/webhooks/desk.js';
import { TestPostgres } from '../support/postgres.js';

const ANOTHER = `whsec_${Buffer.from('A secret of nobody at all').toString('base64')}`;

function isVerified(secret: string, body: Buffer, headers: IncomingHttpHeaders): boolean {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

describe('turns over the real store', () => {
  let postgres: TestPostgres;
  let database: string;
  let server: Server;
  let url: string;
  let outbound: Outbound;
  let office: PostOffice;
  let endpoint: EndpointKey;
  let got: string[];
  let answer: (id: string, number: number) => number | Promise<number>;
  /** What the receiver verifies with; nothing where it is undefined. */
  let receiverSecret: string | undefined;
  let refused: string[];

  beforeAll(async () => {
    postgres = await TestPostgres.start();
    database = await postgres.database();
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const id = String(request.headers['svix-id']);
        got.push(id);
        if (receiverSecret && !isVerified(receiverSecret, Buffer.concat(chunks), request.headers)) refused.push(id);
        void Promise.resolve(answer(id, got.length)).then((status) => response.writeHead(status).end());
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await postgres.stop();
  });
  beforeEach(async () => {
    got = [];
    refused = [];
    receiverSecret = undefined;
    answer = () => 204;
    outbound = createOutbound({ allowPrivate: true });
    office = await postOffice(postgres, database);
    // Turns go by the real clock.
    Object.defineProperty(office.clock, 'now', { get: () => Date.now() });
    endpoint = await office.endpoint({ url });
  });
  afterEach(async () => {
    await outbound.close();
    await office.store.close();
  });

  const deliver = (lingerMs = 50, mostMs = 20_000): Promise<DeliverReport> => {
    const length = { lingerMs, mostMs };
    const deps = { queue: office.queue, outbound, observer: SILENT, schedule: RETRY_SCHEDULE, random: () => 0, length };
    const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
    return environment.run(createDeliverDue(deps), { endpoint, clock: REAL_CLOCK });
  };
  const make = (count: number, orderKey: string | null = null): Promise<string[]> =>
    Promise.all(Array.from({ length: count }, async () => (await office.message({ orderKey })).id));
  const attempts = async (): Promise<readonly Attempt[]> => {
    const query = { ...FIRST_PAGE, limit: 250, order: 'ascending' } as const;
    return (await office.store.webhooks.attempts.ofEndpoint(endpoint, query)).data;
  };
  const states = async () => {
    const rows = await postgres.query(
      database,
      'select state, count(*)::int as n from deliveries group by 1 order by 1',
    );
    return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
  };

  it('deliver each message once, those that are made meanwhile too, and log each', async () => {
    const ids = await make(150);
    let more: Promise<string[]> | undefined;
    answer = (_, number) => {
      if (number === 50) more = make(90);
      return 204;
    };
    const report = await deliver(300);

    const all = [...ids, ...((await more) ?? [])].toSorted();
    expect(report).toMatchObject({ attempts: 240, pending: 0, nextAt: null });
    expect(got.toSorted()).toEqual(all);
    expect((await attempts()).map(({ messageId }) => messageId).toSorted()).toEqual(all);
    expect(await states()).toEqual({ delivered: 240 });
  });

  it('hear of a message within the turn', async () => {
    const turn = deliver(1_200);
    await pause(300);
    const waits: number[] = [];
    for (let n = 1; n <= 4; n++) {
      const madeAt = Date.now();
      await make(1);
      await expect.poll(() => got.length, { timeout: 10_000 }).toBe(n);
      waits.push(Date.now() - madeAt);
    }

    // What it does not hear of it would find when it looks again after a second; a busy machine may be late for some.
    expect(Math.min(...waits)).toBeLessThan(600);
    await turn;
  });

  it('sign so that a receiver may change its secret when it likes, while messages keep coming', async () => {
    const { endpoints } = office.store.webhooks;
    const held = () => endpoints.secret(endpoint);
    receiverSecret = await held();
    const turn = deliver(2_000);
    const traffic = make(50);
    for (let n = 0; n < 4; n++) {
      await endpoints.rotate(endpoint);
      await make(25);
      // The receiver follows once what was read before the rotation has come, which goes out as it was; both sign by then.
      await traffic;
      await expect.poll(() => got.length, { timeout: 20_000 }).toBe(50 + 50 * n + 25);
      const meanwhile = make(25);
      receiverSecret = await held();
      await meanwhile;
    }
    await turn;

    expect(await states()).toEqual({ delivered: 250 });
    expect(refused).toEqual([]);
    // And the receiver would have seen a false one.
    receiverSecret = ANOTHER;
    await make(1);
    await deliver();
    expect(refused).toHaveLength(1);
  });

  it.each([
    ['before the calls', 0],
    ['between the calls and their record', 20],
  ])('that die %s lose nothing, and what was called comes once more with the same id', async (_, called) => {
    const ids = await make(20);
    // Once: a second one would come after the turn that is to make good what this one left.
    let taken: Promise<unknown> | undefined;
    const die = () => (taken ??= office.queue.takeTurn(endpoint));
    if (called === 0) await die();
    answer = async () => {
      await die();
      return 204;
    };
    if (called > 0) await expect(deliver()).rejects.toThrow(TurnLost);
    expect(await attempts()).toEqual([]);
    await deliver();

    expect(await states()).toEqual({ delivered: 20 });
    expect(new Set(got)).toEqual(new Set(ids));
    expect(got.length).toBeLessThanOrEqual(20 + called);
    expect(await attempts()).toHaveLength(20);
  });

  it('keep the order of each line under failures, and hold up no other line', async () => {
    const { application } = endpoint;
    const held = await office.store.webhooks.endpoints.find(application, endpoint.id);
    if (!held) throw new Error('There is no endpoint.');
    await office.store.webhooks.endpoints.update(held, { ...held, disabled: false, ordered: true });
    const one: string[] = [];
    const two: string[] = [];
    for (let n = 0; n < 5; n++) {
      one.push(...(await make(1, 'onb_1')));
      two.push(...(await make(1, 'onb_2')));
    }
    answer = (id) => (id === one[1] ? 500 : 204);
    const report = await deliver(50, 1_000);

    expect(got.filter((id) => one.includes(id))).toEqual(one.slice(0, 2));
    expect(got.filter((id) => two.includes(id))).toEqual(two);
    expect(report).toMatchObject({ pending: 4 });
    expect(report.nextAt).toBe((await attempts()).find(({ succeeded }) => !succeeded)?.nextAt);
  });

  it('make what an operator asked while the call was out, once more', async () => {
    const [id = ''] = await make(1);
    answer = async (_, number) => {
      if (number === 1) await office.store.webhooks.recovery.resend(endpoint, id);
      return 204;
    };
    await deliver(400);

    expect(got).toEqual([id, id]);
    expect((await attempts()).map(({ trigger }) => trigger)).toEqual(['scheduled', 'manual']);
    expect(await states()).toEqual({ delivered: 1 });
  });

  it('disable an endpoint that answers 410, which is told to those who listen for it', async () => {
    await make(3);
    answer = () => 410;
    const report = await deliver();

    expect(report).toMatchObject({ disabled: 'receiver', nextAt: null });
    const told = await postgres.query(database, "select event_type from messages where application_id = 'app_slipway'");
    expect(told).toEqual([{ event_type: 'endpoint.disabled' }]);
  });

  it('end with an endpoint that is deleted in the middle of them', async () => {
    await make(240);
    let removed: Promise<unknown> | undefined;
    answer = async () => {
      await (removed ??= office.store.webhooks.endpoints.remove(endpoint));
      return 204;
    };

    expect(await deliver()).toMatchObject({ gone: true });
    expect(got.length).toBeLessThan(240);
    expect(Object.keys(await states()).toSorted()).not.toContain('pending');
  });
});
