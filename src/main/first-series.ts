import type { FailureWord } from '../contracts/activities.js';
import type { RejectionReason } from '../contracts/inbox.js';
import type { Observer } from '../contracts/observer.js';
import { RULE_NAMES } from '../domain/policy/policy.js';

const REASONS = keysOf<RejectionReason>({
  missing_header: 0,
  bad_timestamp: 0,
  stale_timestamp: 0,
  future_timestamp: 0,
  no_matching_signature: 0,
  too_large: 0,
  method_not_allowed: 0,
  unknown_source: 0,
  unreadable_body: 0,
});

const RESULTS = keysOf<FailureWord | 'sent'>({
  sent: 0,
  RateLimited: 0,
  UpstreamUnavailable: 0,
  OutcomeUnknown: 0,
  AuthRejected: 0,
  InvalidConfig: 0,
  InvalidRecipient: 0,
  PayloadRejected: 0,
  TargetForbidden: 0,
  StoreUnavailable: 0,
});

/**
 * Shows counters at 0 before anything is counted. Prometheus sees no rise in a series that begins at 1, so that without
 * this the first rejection, and the first send that fails, would never raise an alert. Changes nothing that was counted.
 */
export function showFirstSeries(
  observer: Observer,
  { sources, channels }: { readonly sources: readonly string[]; readonly channels: readonly string[] },
): void {
  for (const source of sources) {
    for (const reason of REASONS) observer.count('slipway_events_rejected_total', { source, reason }, 0);
    for (const reason of ['not_json', 'unknown_shape']) {
      observer.count('slipway_events_quarantined_total', { source, reason }, 0);
    }
    observer.count('slipway_events_received_total', { source }, 0);
    observer.count('slipway_events_duplicate_total', { source }, 0);
    observer.count('slipway_events_unstored_total', { source }, 0);
  }
  for (const channel of channels) {
    for (const result of RESULTS) observer.count('slipway_sends_total', { channel, result }, 0);
  }
  for (const rule of RULE_NAMES) {
    for (const what of ['opened', 'climbed', 'resolved'])
      observer.count('slipway_escalations_total', { rule, what }, 0);
  }
  for (const result of ['delivered', 'retry', 'failed', 'aborted', 'disabled'])
    observer.count('slipway_webhook_attempts_total', { result }, 0);
  observer.count('slipway_webhook_endpoints_disabled_total', {}, 0);
  observer.count('slipway_signals_failed_total', {}, 0);
  observer.count('slipway_gate_holds_total', {}, 0);
}

/** A list that the compiler keeps whole: a new member of the type is missed here. */
function keysOf<T extends string>(all: Readonly<Record<T, 0>>): readonly T[] {
  return Object.keys(all) as T[];
}
