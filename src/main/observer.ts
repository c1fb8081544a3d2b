import path from 'node:path';
import pino from 'pino';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CounterName, GaugeName, Observer, TimerName } from '../contracts/observer.js';
import type { LogLevel } from './settings.js';

export interface Observation {
  readonly observer: Observer;
  metricsText(): Promise<string>;
  readonly contentType: string;
}

const HELP: Readonly<Record<CounterName | TimerName | GaugeName, string>> = {
  slipway_events_received_total: 'Events stored, repeats included',
  slipway_events_rejected_total: 'Requests refused at the edge, by reason',
  slipway_events_duplicate_total: 'Repeats of an event that was stored before',
  slipway_events_quarantined_total: 'Signed bodies that make no sense',
  slipway_events_late_total: 'Events of an onboarding that had closed',
  slipway_signals_total: 'Signals sent to workflows',
  slipway_signals_failed_total: 'Signals that Temporal did not take',
  slipway_sends_total: 'Messages by channel and result',
  slipway_gate_holds_total: 'Messages held back while a source catches up',
  slipway_actions_total: 'What people asked for, by verb',
  slipway_projections_total: 'Views written to the read model',
  slipway_acknowledge_seconds: 'From the body read to the answer written',
  slipway_apply_lag_seconds: 'From the receipt of an event to its signal',
  slipway_send_seconds: 'One call to one channel',
  slipway_inbox_pending: 'Events stored and not signalled yet',
  slipway_inbox_oldest_seconds: 'Age of the oldest of these',
  slipway_signal_budget: 'Signals a second the dispatcher allows itself now',
};

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10, 30];

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
  const metrics = createMetrics(registry);
  return {
    observer: { ...metrics, log: (at, message, fields) => logger[at](fields ?? {}, message) },
    metricsText: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function createMetrics(registry: Registry): Omit<Observer, 'log'> {
  const counters = new Map<string, Counter>();
  const timers = new Map<string, Histogram>();
  const gauges = new Map<string, Gauge>();
  const made = <M>(known: Map<string, M>, name: string, make: () => M): M => {
    const found = known.get(name) ?? make();
    known.set(name, found);
    return found;
  };
  const settings = (name: CounterName | TimerName | GaugeName, labels?: Readonly<Record<string, string>>) => ({
    name,
    help: HELP[name],
    labelNames: Object.keys(labels ?? {}),
    registers: [registry],
  });
  return {
    count: (name, labels, by = 1) =>
      made(counters, name, () => new Counter(settings(name, labels))).inc(labels ?? {}, by),
    time: (name, seconds, labels) =>
      made(timers, name, () => new Histogram({ ...settings(name, labels), buckets: SECONDS })).observe(
        labels ?? {},
        seconds,
      ),
    gauge: (name, value, labels) =>
      made(gauges, name, () => new Gauge(settings(name, labels))).set(labels ?? {}, value),
  };
}
