import { describe, expect, it } from 'vitest';
import { untilStopped } from '../../src/main/stop-signal.js';

describe('a process that is asked to stop', () => {
  it('stops, whether it was asked while it came up or afterwards', async () => {
    const during = new AbortController();
    during.abort();
    await untilStopped(during.signal);
    const later = new AbortController();
    let hasStopped = false;
    const stopped = untilStopped(later.signal).then(() => (hasStopped = true));
    expect(hasStopped).toBe(false);
    later.abort();
    await stopped;
    expect(hasStopped).toBe(true);
  });
});
