import path from 'node:path';
import pino from 'pino';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AgeName, CounterName, GaugeName, Observer, TimerName } from '../contracts/observer.js';
import type { LogLevel } from './settings.js';

export interface Observation {
  readonly observer: Observer;
  /** One scrape: what `onScrape` measures first, then all metrics, then the text of `append`. Never rejects. */
  metricsText(): Promise<string>;
  /** Measured anew at each scrape, so that a metric is as true while nothing happens as it is in a burst. */
  onScrape(measure: () => Promise<void>): void;
  /** More metrics in the same text format, of the Temporal SDK. */
  append(text: () => Promise<string>): void;
  readonly contentType: string;
}

type MetricName = CounterName | TimerName | GaugeName | AgeName;

/** What each metric is, in its own words; docs/metrics.md is made from this. */
export const HELP: Readonly<Record<MetricName, string>> = {
  slipway_events_received_total: 'Events stored, repeats included',
  slipway_events_verified_total: 'Deliveries whose signature was found good, by the label of the secret',
  slipway_events_rejected_total: 'Requests refused at the edge, by reason',
  slipway_events_duplicate_total: 'Repeats of an event that was stored before',
  slipway_events_quarantined_total: 'Signed bodies that make no sense',
  slipway_events_unstored_total: 'Events answered 503 because the store could not take them',
  slipway_events_late_total: 'Events of an onboarding that had closed',
  slipway_signals_total: 'Signals sent to workflows',
  slipway_signals_failed_total: 'Signals that Temporal did not take',
  slipway_escalations_total:
    'What became of escalations, by rule: opened, climbed, repeated, restarted, expired, resolved',
  slipway_sends_total: 'Messages by channel and result',
  slipway_gate_holds_total: 'Messages held back while a source catches up',
  slipway_actions_total: 'What people asked for, by verb',
  slipway_projections_total: 'Views written to the read model',
  slipway_retention_deleted_total: 'Rows that were kept long enough and deleted, by kind',
  slipway_webhook_attempts_total:
    'Calls of outgoing webhooks: delivered, retry, failed (the last try), aborted or disabled (by the receiver)',
  slipway_webhook_endpoints_disabled_total:
    'Endpoints to which nothing is sent any more, by their receiver or by 100 failures',
  slipway_acknowledge_seconds: 'From the body read to the answer written',
  slipway_signal_lag_seconds: 'From the receipt of an event to its signal',
  slipway_send_seconds: 'One call to one channel',
  slipway_send_lateness_seconds:
    'From the instant a message fell due to the first try of it, but for one the gate held',
  slipway_webhook_attempt_seconds: 'One call of an outgoing webhook',
  slipway_webhook_first_attempt_seconds: 'From the message to the first try of its delivery to one endpoint',
  slipway_inbox_pending: 'Events stored and not signalled yet, in the whole store',
  slipway_inbox_oldest_seconds: 'Age of the oldest of these; 0 where there is none',
  slipway_signal_budget: 'Signals a second the dispatcher allows itself now',
  slipway_clock_skew_seconds: "This server's clock less the sender's timestamp, of the last verified delivery",
  slipway_feed_age_seconds: 'Since the last event this server took in from a source; the least of all servers counts',
  slipway_store_reachable: '1 where the store answers, can be written and is migrated, else 0',
  slipway_temporal_reachable: '1 where the Temporal server answers, else 0',
  slipway_workflows_stuck: 'Open workflows whose tasks fail again and again, as Temporal lists them',
  slipway_workers_polling: 'Workers that have asked the Temporal server for work in the last minutes',
  slipway_worker_running: '1 while the worker of this process runs, else 0',
  slipway_heap_limit_bytes: 'What the heap may grow to (--max-old-space-size and what goes with it)',
  slipway_build_info: 'Always 1; the labels say what runs',
};

const CALLS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10, 30];
/** What waits for an outage to end waits for minutes or hours. */
const WAITS = [0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 14_400];

const BUCKETS: Readonly<Record<TimerName, readonly number[]>> = {
  slipway_acknowledge_seconds: CALLS,
  slipway_send_seconds: CALLS,
  slipway_signal_lag_seconds: [...CALLS.slice(0, 4), ...WAITS],
  slipway_send_lateness_seconds: WAITS,
  slipway_webhook_attempt_seconds: CALLS,
  slipway_webhook_first_attempt_seconds: [...CALLS.slice(0, 4), ...WAITS],
};

const UNLABELLED = [
  'slipway_acknowledge_seconds',
  'slipway_signal_lag_seconds',
  'slipway_send_lateness_seconds',
  'slipway_webhook_attempt_seconds',
  'slipway_webhook_first_attempt_seconds',
] as const satisfies readonly TimerName[];

/** What the disk did not take is kept up to here and tried again with the next line. */
const MOST_UNWRITTEN_BYTES = 1_000_000;

/** Logs to a file beside the data (the terminal stays for people), metrics to a registry of our own. */
export function createObservation(level: LogLevel, logFile: string | undefined): Observation {
  const dest = logFile ? path.resolve(logFile) : 1;
  const destination = pino.destination({ dest, mkdir: true, sync: true, mode: 0o600, maxLength: MOST_UNWRITTEN_BYTES });
  // A full disk costs log lines; it must not end a process that can still answer its senders. Nothing is flushed at the
  // end either: each line was written when it was logged, and the library's flush tries a full disk for ever.
  destination.on('error', () => {});
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const measures: (() => Promise<void>)[] = [];
  const appendices: (() => Promise<string>)[] = [];
  return {
    observer: { ...createMetrics(registry), log: (at, message, fields) => logger[at](fields ?? {}, message) },
    async metricsText() {
      await Promise.allSettled(measures.map((measure) => measure()));
      const texts = await Promise.allSettled([registry.metrics(), ...appendices.map((text) => text())]);
      return texts.map((text) => (text.status === 'fulfilled' ? text.value : '')).join('');
    },
    onScrape: (measure) => void measures.push(measure),
    append: (text) => void appendices.push(text),
    contentType: registry.contentType,
  };
}

type Labels = Readonly<Record<string, string>>;

function createMetrics(registry: Registry): Omit<Observer, 'log'> {
  const counters = new Map<string, Counter>();
  const timers = new Map<string, Histogram>();
  const gauges = new Map<string, Gauge>();
  const ages = new Map<string, Age>();
  // Without labels they show zeros from the start: to Prometheus the first observation of a new series is no rise.
  for (const name of UNLABELLED)
    timers.set(name, new Histogram({ name, help: HELP[name], buckets: [...BUCKETS[name]], registers: [registry] }));
  const made = <M>(known: Map<string, M>, name: string, make: () => M): M => {
    const found = known.get(name) ?? make();
    known.set(name, found);
    return found;
  };
  const settings = (name: MetricName, labels: Labels = {}) => ({
    name,
    help: HELP[name],
    labelNames: Object.keys(labels),
    registers: [registry],
  });
  return {
    count: (name, labels, by = 1) =>
      made(counters, name, () => new Counter(settings(name, labels))).inc(labels ?? {}, by),
    time: (name, seconds, labels) =>
      made(timers, name, () => new Histogram({ ...settings(name, labels), buckets: [...BUCKETS[name]] })).observe(
        labels ?? {},
        seconds,
      ),
    gauge: (name, value, labels) =>
      made(gauges, name, () => new Gauge(settings(name, labels))).set(labels ?? {}, value),
    age: (name, since, labels = {}) => made(ages, name, () => new Age(settings(name, labels))).tell(since, labels),
  };
}

/** A gauge that is asked for the time at each scrape: it grows also while nobody tells it anything. */
class Age {
  readonly #since = new Map<string, { readonly labels: Labels; readonly since: number | null }>();
  readonly gauge: Gauge;

  constructor(settings: { name: string; help: string; labelNames: string[]; registers: Registry[] }) {
    const told = this.#since;
    this.gauge = new Gauge({
      ...settings,
      collect() {
        const now = Date.now();
        for (const { labels, since } of told.values()) {
          this.set(labels, since === null ? 0 : Math.max(0, now - since) / 1000);
        }
      },
    });
  }

  tell(since: number | null, labels: Labels): void {
    this.#since.set(Object.values(labels).join('\0'), { labels, since });
  }
}
