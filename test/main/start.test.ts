import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from '../../src/main/settings.js';
import { startSlipway } from '../../src/main/start.js';

let dataDir: string;
let taken: Server;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'slipway-main-'));
  taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
});
afterAll(() => {
  taken.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function start(stopping: AbortSignal): Promise<unknown> {
  const env = { SLIPWAY_DATA_DIR: dataDir, SLIPWAY_PORT: String((taken.address() as AddressInfo).port) };
  return startSlipway({ settings: readSettings(env), env, progress: () => {}, stopping });
}

describe('a start that cannot be', () => {
  it('says why', async () => {
    await expect(start(new AbortController().signal)).rejects.toThrow(/^Port \d+ is taken/);
  });

  it('is no error where it was told to stop meanwhile: nobody wants it any more', async () => {
    const stopping = AbortSignal.abort(new Error('told to stop'));

    await expect(start(stopping)).rejects.toBe(stopping.reason);
  });
});
