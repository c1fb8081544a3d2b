import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestPostgres } from '../support/postgres.js';
import { SECRET, Sender } from './sender.js';
import { freePorts, Machine } from './slipway-process.js';

/** Takes no byte; Linux has it. */
const FULL_DISK = '/dev/full';

let postgres: TestPostgres;
let machine: Machine;

beforeAll(async () => {
  postgres = await TestPostgres.start('oldest');
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  machine = await Machine.make();
});
afterEach(() => machine.remove());

const start = (url: string) => machine.start({ PIVOTAL_WEBHOOK_SECRET: SECRET, DATABASE_URL: url });

describe('with DATABASE_URL', () => {
  it('the store is there and no PostgreSQL of our own runs, even when the log cannot be written', async () => {
    mkdirSync(machine.dataDir);
    if (existsSync(FULL_DISK)) symlinkSync(FULL_DISK, join(machine.dataDir, 'slipway.log'));
    const slipway = await start(await postgres.empty()).ready();
    const sender = new Sender(machine.edgeUrl);

    expect(await sender.send('onb_elsewhere')).toBe(200);
    await sender.allApplied(machine.consoleUrl);

    expect(machine.servers()).toHaveLength(1);
    const status = await fetch(`${machine.consoleUrl}/api/v1/status`);
    expect(await status.json()).toMatchObject({ store: { reachable: true, kind: 'external' } });
    slipway.signal('SIGINT');
    expect(await slipway.ends()).toBe(0);
    expect(slipway.err).toBe('');
    expect(machine.servers()).toEqual([]);
  });

  it('a server that does not answer, and a database that is not there, are told without the password', async () => {
    const [port] = await freePorts(1);
    const missing = new URL(await postgres.empty());
    const { password } = missing;
    missing.pathname = '/not_there';

    for (const [url, reason] of [
      [`postgres://slipway:${password}@127.0.0.1:${port}/slipway`, 'ECONNREFUSED'],
      [missing.href, 'not_there'],
    ] as const) {
      const slipway = start(url);

      expect(await slipway.ends()).toBe(1);
      expect(slipway.err.trim().split('\n')).toHaveLength(1);
      expect(slipway.err).toContain('DATABASE_URL');
      expect(slipway.err).toContain(reason);
      expect(slipway.said).not.toContain(password);
      expect(machine.servers()).toEqual([]);
    }
  });
});
