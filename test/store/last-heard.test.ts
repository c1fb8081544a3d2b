import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { openStore, type Store } from '../../src/store/store.js';
import { TestPostgres } from '../support/postgres.js';
import { MONDAY_9AM } from './arrivals.js';

const HOUR_MS = 3_600_000;

let postgres: TestPostgres;
let url: string;
let now = MONDAY_9AM;
const open: Store[] = [];

beforeAll(async () => {
  postgres = await TestPostgres.start();
  url = await postgres.database();
});
afterAll(() => postgres.stop());
afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()));
  await postgres.clear(url);
});

function server(serverId: string): Store {
  const store = openStore({ url, observer: SILENT, serverId, now: () => now });
  open.push(store);
  return store;
}

async function lives(serverId: string, from: number, to: number): Promise<void> {
  const { inbox } = server(serverId);
  for (now = from; now <= to; now += 60_000) await inbox.heartbeat();
}

it('a first start has heard of nobody, and no server of itself', async () => {
  const { inbox } = server('first');
  await inbox.heartbeat();

  expect(await inbox.lastHeard()).toBeNull();
});

it('the last sign of life is that of the last server before this one', async () => {
  await lives('a', MONDAY_9AM, MONDAY_9AM + HOUR_MS);
  await lives('b', MONDAY_9AM + 2 * HOUR_MS, MONDAY_9AM + 3 * HOUR_MS);
  const { inbox } = server('c');
  now = MONDAY_9AM + 9 * HOUR_MS;
  await inbox.heartbeat();

  expect(await inbox.lastHeard()).toBe(MONDAY_9AM + 3 * HOUR_MS);
});

it('what a wrong clock wrote before does not hide it', async () => {
  await lives('ahead', MONDAY_9AM + 24 * HOUR_MS, MONDAY_9AM + 25 * HOUR_MS);
  await lives('right', MONDAY_9AM, MONDAY_9AM + HOUR_MS);

  expect(await server('next').inbox.lastHeard()).toBe(MONDAY_9AM + HOUR_MS);
});
