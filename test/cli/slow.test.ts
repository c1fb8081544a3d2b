import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { slipway } from './console.js';

let hanging: Server;
let asked: Promise<void>;
beforeEach(async () => {
  asked = new Promise((resolve) => {
    hanging = createServer(() => resolve());
  });
  await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
  hanging.close();
});

/** Asks a console that takes the request and says nothing, waits two seconds and hangs up. */
async function askInVain(columns: number): Promise<{ exit: number; err: string }> {
  const ran = slipway(`http://127.0.0.1:${(hanging.address() as AddressInfo).port}`, ['onboardings'], { columns });
  await asked;
  vi.advanceTimersByTime(2_000);
  hanging.closeAllConnections();
  return ran;
}

it('a console that takes long is named at a terminal, while it is waited for', async () => {
  const { exit, err } = await askInVain(80);

  expect(exit).toBe(3);
  expect(err).toMatch(/^Waiting for the console at http:\/\/127\.0\.0\.1:\d+ \.\.\.\nNo console answers/);
});

it('programs are told nothing of waiting', async () => {
  expect((await askInVain(Infinity)).err).toMatch(/^No console answers/);
});
