/** Logs and metrics as the rooms below `main` see them; pino and prom-client live in `main`. */
export interface Observer {
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: LogFields): void;
  /** Adds to a counter. Label values are a closed set, never an id. */
  count(metric: CounterName, labels?: Readonly<Record<string, string>>, by?: number): void;
  /** Records one observation, seconds. */
  time(metric: TimerName, seconds: number, labels?: Readonly<Record<string, string>>): void;
  gauge(metric: GaugeName, value: number, labels?: Readonly<Record<string, string>>): void;
}

/** Business ids and counts; never a body, a secret, an e-mail address or a name. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export type CounterName =
  | 'slipway_events_received_total'
  | 'slipway_events_rejected_total'
  | 'slipway_events_duplicate_total'
  | 'slipway_events_quarantined_total'
  | 'slipway_events_late_total'
  | 'slipway_signals_total'
  | 'slipway_signals_failed_total'
  | 'slipway_sends_total'
  | 'slipway_gate_holds_total'
  | 'slipway_actions_total'
  | 'slipway_projections_total';

export type TimerName = 'slipway_acknowledge_seconds' | 'slipway_apply_lag_seconds' | 'slipway_send_seconds';

export type GaugeName = 'slipway_inbox_pending' | 'slipway_inbox_oldest_seconds' | 'slipway_signal_budget';

export const SILENT: Observer = { log() {}, count() {}, time() {}, gauge() {} };
