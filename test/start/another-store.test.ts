import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../../src/embedded/postgres.js';
import { SECRET, Sender } from './sender.js';
import { Machine, type SlipwayProcess } from './slipway-process.js';

let machine: Machine;
let sender: Sender;

const start = (env: Record<string, string> = {}, ...words: string[]) =>
  machine.start({ PIVOTAL_WEBHOOK_SECRET: SECRET, ...env }, ...words);

async function stop(slipway: SlipwayProcess): Promise<void> {
  slipway.signal('SIGTERM');
  expect(await slipway.ends()).toBe(0);
}

/** What a person hears who starts on a store with which something is wrong: one sentence, and nothing is left running. */
async function refusal(slipway: SlipwayProcess): Promise<string> {
  expect(await slipway.ends()).toBe(1);
  expect(machine.servers()).toEqual([]);
  expect(slipway.err.trim().split('\n')).toHaveLength(1);
  return slipway.err;
}

/** What was signalled in the last minutes is signalled again at any start; the rest of the archive only by a rebuild. */
async function letAnHourPass(): Promise<void> {
  const postgres = await startPostgres({ dataDir: machine.dataDir, progress: () => {} });
  const client = new pg.Client({ connectionString: postgres.url });
  client.on('error', () => {});
  await client.connect();
  const { rowCount } = await client.query('update dispatch set settled_real_ms = settled_real_ms - 3600000');
  expect(rowCount).toBe(3);
  await client.end();
  await postgres.stop();
}

beforeAll(async () => {
  machine = await Machine.make();
  sender = new Sender(machine.edgeUrl);
  const slipway = await start().ready();
  for (const name of ['onb_a', 'onb_b', 'onb_a']) expect(await sender.send(name)).toBe(200);
  await sender.allApplied(machine.consoleUrl);
  await stop(slipway);
});
afterAll(() => machine.remove());

describe('a store', () => {
  it('is not started on at another clock speed', async () => {
    const said = await refusal(start({ SLIPWAY_CLOCK_SPEED: '86400' }));

    expect(said).toContain('runs at clock speed 1');
    expect(said).toContain('SLIPWAY_CLOCK_SPEED=1');
  });

  it('is not started on with another Temporal server, which knows none of its onboardings', async () => {
    const files = readdirSync(machine.dataDir).filter((name) => name.startsWith('temporal.db'));
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) rmSync(join(machine.dataDir, name));

    const said = await refusal(start());

    expect(said).toContain('belongs to another Temporal server');
    expect(said).toContain('--rebuild');
  });

  it('gets its workflows anew from the archive when asked to rebuild, and belongs to that server from then on', async () => {
    await letAnHourPass();
    const rebuilt = await start({}, '--rebuild').ready();

    expect(rebuilt.out).toContain('Inbox drained: 3 events signalled');
    await sender.allApplied(machine.consoleUrl);
    expect(await sender.send('onb_b')).toBe(200);
    await sender.allApplied(machine.consoleUrl);
    await stop(rebuilt);

    const next = await start().ready();
    await sender.allApplied(machine.consoleUrl);
    await stop(next);
  });
});
