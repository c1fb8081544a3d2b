import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { keepCurrent } from '../../src/main/keep-current.js';

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** Looks that each take so long, as where Temporal or the store does not answer. */
function looksOf(takesMs: number) {
  const looks = { begun: 0, ended: 0 };
  const look = async () => {
    looks.begun++;
    await new Promise((resolve) => setTimeout(resolve, takesMs));
    looks.ended++;
  };
  return { looks, look };
}

describe('what others changed', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is looked for every three seconds', async () => {
    const { looks, look } = looksOf(10);
    const stop = keepCurrent(SILENT, look);
    await pass(31_000);

    expect(looks.begun).toBe(10);
    await stop();
  });

  it('is looked for once at a time: after ten minutes of slow looks, a stop waits for the current one alone', async () => {
    const { looks, look } = looksOf(10_000);
    const stop = keepCurrent(SILENT, look);
    await pass(600_000 + 3_500);
    expect(looks.begun).toBeLessThanOrEqual(51);
    expect(looks.begun - looks.ended).toBe(1);

    const stopped = stop();
    const { begun } = looks;
    await pass(10_000);
    await stopped;

    expect(looks).toEqual({ begun, ended: begun });
    await pass(600_000);
    expect(looks.begun).toBe(begun);
  });

  it('is told once where it cannot be taken up, and again after it could', async () => {
    const told: string[] = [];
    const outcomes = [false, false, true, false];
    const stop = keepCurrent({ ...SILENT, log: (_level, message) => void told.push(message) }, async () => {
      if (outcomes.shift() === false) throw new Error('away');
    });
    await pass(30_000);
    await stop();

    expect(told).toEqual(['what changed could not be taken up', 'what changed could not be taken up']);
  });

  it('holds up a stop for five seconds and no longer where the look for it hangs', async () => {
    const stop = keepCurrent(SILENT, () => new Promise(() => {}));
    await pass(3_000);
    const from = Date.now();

    const stopped = stop().then(() => Date.now() - from);
    await pass(600_000);

    expect(await stopped).toBe(5_000);
  });
});
