import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { whileFrozen } from '../../src/embedded/freeze.js';
import { markOf, type ProcessMark } from '../../src/embedded/process-mark.js';
import { eventually } from '../support/temporal.js';

const LOADER = join(import.meta.dirname, '../support/typescript-loader.mjs');
const FREEZING = join(import.meta.dirname, 'freezing.ts');

let server: ChildProcess;
let mark: ProcessMark;
let beats = 0;

/** A server that says something every few milliseconds, so that one sees whether it goes on. */
beforeEach(async () => {
  server = spawn(process.execPath, ['-e', 'setInterval(() => process.stdout.write("."), 5)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  server.stdout?.on('data', () => beats++);
  await once(server.stdout as NodeJS.ReadableStream, 'data');
  mark = markOf(server.pid ?? 0) as ProcessMark;
});
afterEach(() => void server.kill('SIGKILL'));

const stands = () => readFileSync(`/proc/${mark.pid}/stat`, 'utf8').split(') ')[1]?.startsWith('T') ?? false;

async function goesOn(): Promise<void> {
  const before = beats;
  await eventually(() => beats > before + 3 || undefined, 5_000);
}

describe('a process that is held', () => {
  it('stands still for as long as the work takes, and then goes on', async () => {
    const { result, ms } = await whileFrozen([mark], async () => {
      expect(stands()).toBe(true);
      await new Promise((wake) => setTimeout(wake, 50));
      return 'copied';
    });

    expect(result).toBe('copied');
    expect(ms).toBeGreaterThanOrEqual(50);
    await goesOn();
  });

  it('goes on when the work fails', async () => {
    const failing = whileFrozen([mark], () => Promise.reject(new Error('disk full')));

    await expect(failing).rejects.toThrow('disk full');
    await goesOn();
  });

  it('goes on when the work takes too long, which is then called off', async () => {
    const endless = whileFrozen([mark], () => new Promise((wake) => setTimeout(wake, 1_500)), 300);
    await goesOn();

    await expect(endless).rejects.toThrow('could not be copied within 0.3 s');
  });

  it('goes on when whoever holds it is killed', async () => {
    const holder = spawn(process.execPath, ['--import', LOADER, FREEZING, `${mark.pid}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    await once(holder.stdout as NodeJS.ReadableStream, 'data');
    expect(stands()).toBe(true);

    process.kill(-(holder.pid ?? 0), 'SIGKILL');

    await goesOn();
  });
});
