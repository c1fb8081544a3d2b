/** Logs, metrics and traces as the rooms below `main` see them; pino, prom-client and OpenTelemetry live in `main`. */
export interface Observer {
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: LogFields): void;
  /** Adds to a counter. Label values are a closed set, never an id. */
  count(metric: CounterName, labels?: Readonly<Record<string, string>>, by?: number): void;
  /** Records one observation, seconds. */
  time(metric: TimerName, seconds: number, labels?: Readonly<Record<string, string>>): void;
  gauge(metric: GaugeName, value: number, labels?: Readonly<Record<string, string>>): void;
  /** Shows the seconds since an instant (real epoch ms), growing until another one is told; `null` shows 0. */
  age(metric: AgeName, since: number | null, labels?: Readonly<Record<string, string>>): void;
  /** Keeps a finished span. Absent where traces are off, so that `observer.trace?.({…})` then costs nothing. */
  readonly trace?: (span: Span) => void;
}

/** Business ids and counts; never a body, a secret, an e-mail address or a name. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * One piece of work on an event or a send, told when it is over. What carries the same correlation is one trace, in
 * whatever process it was done: nothing is handed from one to the other.
 */
export interface Span {
  readonly name: 'receive' | 'store' | 'signal' | 'notify';
  /** Delivery ids (`svix-id`). The last one's trace it belongs to; it is linked to those of the others. Not empty. */
  readonly correlations: readonly string[];
  /** Real epoch ms. */
  readonly from: number;
  readonly to: number;
  /** The first of its trace: the receipt of a delivery that was not here before. All others hang below it. */
  readonly isRoot?: boolean;
  readonly failed?: boolean;
  /** The same rule as for a log line. */
  readonly fields?: LogFields;
}

export type CounterName =
  | 'slipway_events_received_total'
  | 'slipway_events_verified_total'
  | 'slipway_events_rejected_total'
  | 'slipway_events_duplicate_total'
  | 'slipway_events_quarantined_total'
  | 'slipway_events_unstored_total'
  | 'slipway_events_late_total'
  | 'slipway_signals_total'
  | 'slipway_signals_failed_total'
  | 'slipway_escalations_total'
  | 'slipway_sends_total'
  | 'slipway_gate_holds_total'
  | 'slipway_actions_total'
  | 'slipway_projections_total'
  | 'slipway_retention_deleted_total'
  | 'slipway_webhook_attempts_total'
  | 'slipway_webhook_endpoints_disabled_total';

export type TimerName =
  | 'slipway_acknowledge_seconds'
  | 'slipway_signal_lag_seconds'
  | 'slipway_send_seconds'
  | 'slipway_send_lateness_seconds'
  | 'slipway_webhook_attempt_seconds'
  | 'slipway_webhook_first_attempt_seconds';

export type GaugeName =
  | 'slipway_inbox_pending'
  | 'slipway_signal_budget'
  | 'slipway_clock_skew_seconds'
  | 'slipway_store_reachable'
  | 'slipway_temporal_reachable'
  | 'slipway_workflows_stuck'
  | 'slipway_workers_polling'
  | 'slipway_worker_running'
  | 'slipway_heap_limit_bytes'
  | 'slipway_build_info';

export type AgeName = 'slipway_inbox_oldest_seconds' | 'slipway_feed_age_seconds';

export const SILENT: Observer = { log() {}, count() {}, time() {}, gauge() {}, age() {} };
