import { afterEach, describe, expect, it, vi } from 'vitest';
import { createObservation } from '../../src/main/observer.js';
import { showFirstSeries } from '../../src/main/first-series.js';
import { createWatch, type WatchDeps } from '../../src/main/watch.js';

const NOW = Date.UTC(2026, 10, 23, 8);

describe('a scrape', () => {
  afterEach(() => void vi.useRealTimers());

  function watched(over: Partial<WatchDeps['store']> & Partial<Pick<WatchDeps, 'gateway' | 'vitals'>> = {}) {
    vi.useFakeTimers({ now: NOW });
    const observation = createObservation('silent', undefined);
    const asked = { vitals: 0, newest: 0 };
    const deps: WatchDeps = {
      store: {
        readiness: over.readiness ?? (async () => ({ ready: true })),
        inbox: over.inbox ?? { depth: async () => ({ pending: 7, oldestReceivedAt: NOW - 30_000 }) },
        newest: async () => {
          asked.newest++;
          return [{ source: 'pivotal', receivedAt: NOW - 3_600_000 }];
        },
      },
      gateway: over.gateway ?? { health: async () => ({ reachable: true }) },
      vitals: over.vitals ?? {
        stuckWorkflows: async () => {
          asked.vitals++;
          return 2;
        },
        pollingWorkers: async () => 1,
      },
      observer: observation.observer,
      now: Date.now,
    };
    observation.onScrape(createWatch(deps));
    return { observation, asked };
  }
  const valueOf = (text: string, series: string) =>
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')[1];

  it('tells what waits, how old it is and when each source was last heard, though nothing happens meanwhile', async () => {
    const { observation, asked } = watched();
    await observation.metricsText();
    vi.advanceTimersByTime(15_000);

    const text = await observation.metricsText();

    expect(valueOf(text, 'slipway_inbox_pending')).toBe('7');
    expect(valueOf(text, 'slipway_inbox_oldest_seconds')).toBe('45');
    expect(valueOf(text, 'slipway_feed_age_seconds{source="pivotal"}')).toBe('3615');
    expect(valueOf(text, 'slipway_store_reachable')).toBe('1');
    expect(valueOf(text, 'slipway_temporal_reachable')).toBe('1');
    expect(asked.newest).toBe(1);
  });

  it('asks Temporal what is stuck once a minute and no oftener', async () => {
    const { observation, asked } = watched();
    for (let n = 0; n < 8; n++) {
      await observation.metricsText();
      vi.advanceTimersByTime(15_000);
    }

    expect(valueOf(await observation.metricsText(), 'slipway_workflows_stuck')).toBe('2');
    expect(asked.vitals).toBe(3);
  });

  it('is answered within two seconds by a store and a Temporal server that hang, and says that they do', async () => {
    let asked = 0;
    const { observation } = watched({
      readiness: () => {
        asked++;
        return new Promise(() => {});
      },
      gateway: { health: () => new Promise(() => {}) },
      vitals: { stuckWorkflows: () => new Promise(() => {}), pollingWorkers: () => new Promise(() => {}) },
    });

    const scrapes = Promise.all([observation.metricsText(), observation.metricsText()]);
    await vi.advanceTimersByTimeAsync(2_000);
    const [text] = await scrapes;

    expect(valueOf(text, 'slipway_store_reachable')).toBe('0');
    expect(valueOf(text, 'slipway_temporal_reachable')).toBe('0');
    expect(asked).toBe(1);
  });

  it('shows counters before they count, so that the first failure is a rise', async () => {
    const { observation } = watched();
    observation.observer.count('slipway_sends_total', { channel: 'hook', result: 'sent' }, 3);
    showFirstSeries(observation.observer, { sources: ['pivotal'], channels: ['hook'] });

    const text = await observation.metricsText();

    expect(valueOf(text, 'slipway_events_rejected_total{source="pivotal",reason="no_matching_signature"}')).toBe('0');
    expect(valueOf(text, 'slipway_sends_total{channel="hook",result="AuthRejected"}')).toBe('0');
    expect(valueOf(text, 'slipway_sends_total{channel="hook",result="sent"}')).toBe('3');
  });

  it('has the metrics of others behind its own, and does without them where they do not come', async () => {
    const { observation } = watched();
    observation.append(async () => 'temporal_long_request 1\n');
    observation.append(() => Promise.reject(new Error('gone')));

    const text = await observation.metricsText();

    expect(text).toMatch(/slipway_inbox_pending 7\n[^]*\ntemporal_long_request 1\n$/);
  });
});
