import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EndpointKey } from '../../src/contracts/webhooks.js';
import { GatewayError } from '../../src/contracts/gateway.js';
import { StoreUnavailable } from '../../src/contracts/inbox.js';
import { SILENT } from '../../src/contracts/observer.js';
import { createEndpointWaker, type EndpointWaker } from '../../src/dispatch/endpoint-waker.js';

const NOW = Date.UTC(2026, 10, 2, 12);
const ep = (n: number): EndpointKey => ({ application: 'app_1', id: `ep_${n}` });
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

interface Bench {
  readonly waker: EndpointWaker;
  readonly signals: { readonly id: string; readonly at: number; readonly title: string }[];
  readonly tries: () => number;
  readonly mostAtOnce: () => number;
  readonly logged: string[];
  latencyMs: number;
  isDown: boolean;
  wanted: (before: number) => readonly EndpointKey[];
}

/** A waker over a gateway that takes its time, and fails while Temporal is said to be away. */
function bench(): Bench {
  let [tries, out, mostAtOnce] = [0, 0, 0];
  const here: Bench = {
    waker: createEndpointWaker({
      gateway: {
        async wake({ id }, title) {
          tries++;
          mostAtOnce = Math.max(mostAtOnce, ++out);
          await new Promise((resolve) => setTimeout(resolve, here.latencyMs));
          out--;
          if (here.isDown) throw new GatewayError('Temporal could not be reached.');
          here.signals.push({ id, at: Date.now() - NOW, title });
        },
      },
      wakes: { wanted: async (before) => here.wanted(before) },
      observer: { ...SILENT, log: (_level, message) => here.logged.push(message) },
      now: Date.now,
      lot: () => 0.5,
    }),
    signals: [],
    tries: () => tries,
    mostAtOnce: () => mostAtOnce,
    logged: [],
    latencyMs: 10,
    isDown: false,
    wanted: () => [],
  };
  open.push(here);
  return here;
}

const open: Bench[] = [];
beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(async () => {
  for (const here of open.splice(0)) await Promise.all([here.waker.stop(), pass(1_000)]);
  vi.useRealTimers();
});

describe('waking an endpoint', () => {
  it('happens at once, and names it without its address', async () => {
    const here = bench();
    here.waker.start();
    here.waker.wake([ep(1), ep(2)]);
    await pass(10);

    expect(here.signals).toEqual([
      { id: 'ep_1', at: 10, title: 'Endpoint ep_1 of app_1' },
      { id: 'ep_2', at: 10, title: 'Endpoint ep_2 of app_1' },
    ]);
  });

  it('is two signals for a thousand wakes within 50 ms: one at the beginning and one at the end', async () => {
    const here = bench();
    here.waker.start();
    for (let n = 0; n < 1_000; n++) {
      here.waker.wake([ep(1)]);
      if (n % 25 === 24) await pass(1);
    }
    await pass(1_000);

    expect(here.signals.map(({ at }) => at)).toEqual([10, 60]);
  });

  it('is one signal where nothing came after it', async () => {
    const here = bench();
    here.waker.start();
    here.waker.wake([ep(1)]);
    await pass(5_000);

    expect(here.signals).toHaveLength(1);
  });

  it('follows a signal that was on its way when the next wake came', async () => {
    const here = bench();
    here.latencyMs = 500;
    here.waker.start();
    here.waker.wake([ep(1)]);
    await pass(499);
    here.waker.wake([ep(1)]);
    await pass(600);

    // The shortest timer is a millisecond.
    expect(here.signals.map(({ at }) => at)).toEqual([500, 1_001]);
  });

  it('is never more than 16 signals at once, nor two of one endpoint', async () => {
    const here = bench();
    here.waker.start();
    for (let n = 0; n < 5; n++) here.waker.wake(many(100, ep));
    await pass(1_000);

    expect(here.mostAtOnce()).toBe(16);
    expect(new Set(here.signals.map(({ id }) => id)).size).toBe(100);
  });

  it('waits for the start', async () => {
    const here = bench();
    here.waker.wake([ep(1)]);
    await pass(1_000);
    expect(here.tries()).toBe(0);

    here.waker.start();
    await pass(10);
    expect(here.signals).toHaveLength(1);
  });

  it('ends with the stop, which waits for what is under way', async () => {
    const here = bench();
    here.waker.start();
    here.waker.wake(many(20, ep));
    const stopped = here.waker.stop().then(() => here.signals.length);
    here.waker.wake(many(40, ep));
    await pass(10_000);

    expect(await stopped).toBe(16);
    expect(here.signals).toHaveLength(16);
  });

  it('follows every wake, whatever comes when and fails how long', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ endpoint: fc.nat(3), afterMs: fc.nat(120), isDown: fc.boolean() }), { maxLength: 30 }),
        fc.nat(200),
        async (steps, latencyMs) => {
          const here = bench();
          here.latencyMs = latencyMs;
          here.waker.start();
          const last = new Map<string, number>();
          for (const { endpoint, afterMs, isDown } of steps) {
            await pass(afterMs);
            here.isDown = isDown;
            here.waker.wake([ep(endpoint)]);
            last.set(`ep_${endpoint}`, Date.now() - NOW);
          }
          here.isDown = false;
          await pass(30_000);

          for (const [id, at] of last) {
            const signals = here.signals.filter((one) => one.id === id);
            const begun = signals.map((one) => one.at - latencyMs);
            expect(begun.at(-1)).toBeGreaterThanOrEqual(at);
            begun.forEach((one, n) => n > 0 && expect(one - (begun[n - 1] ?? 0)).toBeGreaterThanOrEqual(50));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('while Temporal is away', () => {
  it('an endpoint that is asked for again and again is kept once, tried ever less often, and woken when it is back', async () => {
    const here = bench();
    here.isDown = true;
    here.waker.start();
    for (let n = 0; n < 1_000; n++) {
      here.waker.wake([ep(1)]);
      await pass(60);
    }
    expect(here.tries()).toBeLessThan(20);

    here.isDown = false;
    await pass(10_000);
    expect(here.signals.length).toBeLessThanOrEqual(2);
    expect(here.signals.length).toBeGreaterThan(0);
  });

  it('one endpoint at a time asks whether it is back, an operator is told twice, and then all are woken', async () => {
    const here = bench();
    here.isDown = true;
    here.latencyMs = 1_000;
    here.waker.start();
    here.waker.wake(many(200, ep));
    await pass(1_000);
    const before = here.tries();
    await pass(20_000);
    expect(here.tries() - before).toBeLessThanOrEqual(21);

    here.isDown = false;
    await pass(60_000);
    expect(new Set(here.signals.map(({ id }) => id)).size).toBe(200);
    expect(here.logged).toEqual([
      'Temporal does not answer; messages are kept, and endpoints woken when it does',
      'Temporal answers again; endpoints are woken',
    ]);
  });

  it('an endpoint that alone cannot be woken is told once', async () => {
    const here = bench();
    here.isDown = true;
    here.waker.start();
    here.waker.wake([ep(1)]);
    await pass(30_000);

    expect(here.logged).toEqual(['an endpoint cannot be woken']);
  });
});

describe('the sweep', () => {
  it('wakes whoever has waited for over two seconds', async () => {
    const here = bench();
    here.wanted = (before) => (before === NOW - 2_000 ? [ep(1)] : []);
    here.waker.start();
    await here.waker.sweep();
    await pass(10);

    expect(here.signals.map(({ id }) => id)).toEqual(['ep_1']);
  });

  it('wakes an endpoint that no worker hears ever less often, and at once when it waits anew', async () => {
    const here = bench();
    here.waker.start();
    const sweepFor = async (seconds: number) => {
      for (let n = 0; n < seconds; n += 5) {
        await here.waker.sweep();
        await pass(5_000);
      }
    };
    here.wanted = () => [ep(1)];
    await sweepFor(86_400);
    expect(here.signals.length).toBeLessThan(170);

    here.wanted = () => [];
    await sweepFor(5);
    here.wanted = () => [ep(1)];
    const before = here.signals.length;
    await here.waker.sweep();
    await pass(10);
    expect(here.signals.length).toBe(before + 1);
  });

  it('survives a store that does not answer', async () => {
    const here = bench();
    here.wanted = () => {
      throw new StoreUnavailable('The store does not answer.');
    };
    here.waker.start();
    await here.waker.sweep();

    expect(here.logged).toEqual(['endpoints that wait for a wake could not be looked for']);
  });
});
