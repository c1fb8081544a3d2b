import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../../src/contracts/inbox.js';
import { SILENT } from '../../src/contracts/observer.js';
import { openStore, type Store } from '../../src/store/store.js';
import { TestPostgres } from '../support/postgres.js';
import { hasSmallDisks, SmallDisk } from '../support/small-disk.js';
import { burst } from './burst.js';

/** What a cluster takes to begin with, and room for some ten thousand events. */
const DISK_MB = 160;

describe.skipIf(!hasSmallDisks())('a disk that is full under PostgreSQL', { timeout: 120_000 }, () => {
  let directory: string;
  let disk: SmallDisk | undefined;
  let postgres: TestPostgres | undefined;
  let store: Store | undefined;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'slipway-full-'));
    disk = SmallDisk.mount(directory, DISK_MB);
  });
  afterEach(async () => {
    await store?.close();
    await postgres?.down();
    disk?.unmount();
    rmSync(directory, { recursive: true });
  });

  it('loses no acknowledged event, refuses the others, and goes on once there is room (C9)', async () => {
    postgres = await TestPostgres.start('embedded', directory);
    const url = await postgres.database();
    store = openStore({ url, observer: SILENT, serverId: 'a' });
    const sent = burst(store);
    await expect.poll(() => sent.acknowledged.length).toBeGreaterThan(200);

    disk?.fill();
    await expect.poll(() => sent.failures.length, { timeout: 60_000 }).toBeGreaterThan(100);
    await pause(500);
    const before = sent.acknowledged.length;
    disk?.free();
    // Without room for its log PostgreSQL may have ended, and whoever looks after it starts it again.
    await postgres.up();
    await expect.poll(() => sent.acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(before + 100);
    await sent.stop();

    expect(sent.failures.filter((error) => !(error instanceof StoreUnavailable))).toEqual([]);
    const rows = await postgres.query(url, 'select event_id from inbox join dispatch using (seq)');
    const kept = new Set(rows.map(({ event_id }) => event_id));
    expect(sent.acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  });
});
