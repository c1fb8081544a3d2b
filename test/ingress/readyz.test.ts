import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Edge } from './edge.js';

it('looks once a second however often it is asked, and nobody waits for a look of his own', async () => {
  let looks = 0;
  const checks = { store: 'ok', migrations: 'ok', temporal: 'ok' };
  const edge = await Edge.open({
    ready: async () => {
      const nth = ++looks;
      await pause(100);
      return { ready: nth !== 2, checks };
    },
  });
  const ask = async () => (await fetch(`${edge.url}/readyz`)).status;

  const flood = await Promise.all(Array.from({ length: 200 }, ask));
  const after = [await ask(), await ask()];

  expect([new Set(flood), after, looks]).toEqual([new Set([200]), [200, 200], 1]);
  await expect.poll(ask, { interval: 20, timeout: 3_000 }).toBe(503);
  expect(looks).toBe(2);
  // One that is not ready is looked at again sooner: whoever waits for it waits for that.
  const from = performance.now();
  await expect.poll(ask, { interval: 20, timeout: 3_000 }).toBe(200);
  expect([looks, performance.now() - from < 900]).toEqual([3, true]);
});
