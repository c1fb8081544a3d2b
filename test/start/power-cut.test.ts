import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPostgres } from '../../src/embedded/postgres.js';
import { SECRET, Sender } from './sender.js';
import { Machine, type SlipwayProcess, until } from './slipway-process.js';

let machine: Machine;
let sender: Sender;

const start = () => machine.start({ PIVOTAL_WEBHOOK_SECRET: SECRET }).ready();
const kept = () => join(machine.root, 'kept');

beforeAll(async () => {
  machine = await Machine.make();
  sender = new Sender(machine.edgeUrl);
});
afterAll(() => machine.remove());

function copyTemporal(from: string, to: string): void {
  const isOfTemporal = (name: string) => name.startsWith('temporal.db');
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(to).filter(isOfTemporal)) rmSync(join(to, name));
  for (const name of readdirSync(from).filter(isOfTemporal)) copyFileSync(join(from, name), join(to, name));
}

async function isHeard(slipway: SlipwayProcess): Promise<void> {
  await sender.allApplied(machine.consoleUrl);
  expect(slipway.err).toBe('');
}

/** The power goes, Temporal's file is as it was a while before, and the machine stays off for an hour. */
async function powerCut(slipway: SlipwayProcess): Promise<void> {
  await slipway.kill();
  await machine.killServers();
  copyTemporal(kept(), machine.dataDir);
  const postgres = await startPostgres({ dataDir: machine.dataDir, progress: () => {} });
  const client = new pg.Client({ connectionString: postgres.url });
  client.on('error', () => {});
  await client.connect();
  await client.query('update dispatch set settled_real_ms = settled_real_ms - 3600000');
  await client.query('update heard set from_real_ms = from_real_ms - 3600000, last_real_ms = last_real_ms - 3600000');
  await client.query(`update servers set last_seen_at = last_seen_at - interval '1 hour'`);
  await client.end();
  await postgres.stop();
}

/** The workflow itself is asked: the list would still know of it. */
async function canBeHeld(onboarding: string): Promise<boolean> {
  const { status } = await fetch(`${machine.consoleUrl}/api/v1/onboardings/${onboarding}/hold`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'tom', state: 'waiting', reason: 'Asked whether it is there' }),
  });
  return status === 200;
}

it('what Temporal forgot in a power cut is told again, also where the machine was off for an hour', async () => {
  const first = await start();
  expect(await sender.send('onb_before')).toBe(200);
  await isHeard(first);
  first.signal('SIGTERM');
  expect(await first.ends()).toBe(0);
  copyTemporal(machine.dataDir, kept());
  const second = await start();
  expect(await sender.send('onb_forgotten')).toBe(200);
  await isHeard(second);

  await powerCut(second);
  const third = await start();

  expect(third.out).toMatch(/Inbox drained: \d+ events signalled/);
  await until(() => canBeHeld('onb_forgotten'), 'the onboarding is there');
  expect(await canBeHeld('onb_before')).toBe(true);
});
