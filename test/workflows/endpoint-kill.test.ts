import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fastClock } from '../support/onboarding-fixture.js';
import { eventually, sharedTemporal, type TestServer } from '../support/temporal.js';
import { endpointStand, openSite, type Site } from './endpoint-stand.js';

const LOADER = join(import.meta.dirname, '../support/typescript-loader.mjs');
const SCRIPT = join(import.meta.dirname, 'killed-deliveries.ts');

describe('a worker that is killed in mid-delivery', () => {
  let server: TestServer;
  let site: Site;
  let child: ChildProcess | undefined;
  const directory = mkdtempSync(join(tmpdir(), 'slipway-deliveries-'));
  beforeAll(async () => {
    server = await sharedTemporal();
    site = await openSite(server.address, 'none');
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    await site.close();
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is missed by its heartbeat, and the look is taken up by another one', { timeout: 120_000 }, async () => {
    const it_ = endpointStand(site, fastClock(1 / 24));
    const notes = join(directory, 'tries');
    const tries = () => (existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : []);
    const start = () => {
      const args = ['--import', LOADER, SCRIPT, site.address, site.namespace, notes];
      return spawn(process.execPath, args, { stdio: 'ignore' });
    };
    await it_.wake();

    child = start();
    await eventually(() => tries().length === 1 || undefined, 60_000);
    child.kill('SIGKILL');
    child = start();
    // Three minutes without the heartbeat.
    await eventually(() => tries().length === 2 || undefined, 60_000);
    await it_.settled(1);

    expect(tries()).toEqual(['1', '2']);
    expect(await it_.count('activityTaskScheduledEventAttributes')).toBe(1);
    await it_.close();
  });
});
