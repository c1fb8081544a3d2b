import type { Page } from './read-model.js';

/** One line of the audit log: who changed what, and why. Append-only; no secret and no body of a message in it. */
export interface AuditEntry {
  /** Real epoch ms. */
  readonly at: number;
  /** `token:<name>`, `bootstrap`, `local`, `slipway` for its own decisions, with the person acted for where one is named: `token:desk for mia`. */
  readonly actor: string;
  /** `<resource>.<verb>`: `escalation.acknowledge`, `policy.publish`, `token.create`, `retention.run`, `decision.opened` … */
  readonly action: string;
  /** The id of what was changed. */
  readonly subject: string;
  /** What differs, small: `{"status":"open","level":2}`; null where there was nothing. */
  readonly before: AuditValue;
  readonly after: AuditValue;
  readonly reason: string | null;
}

export type AuditValue = Readonly<Record<string, string | number | boolean | null>> | null;

export interface AuditLog {
  /** Throws `StoreUnavailable`: what cannot be recorded must not be said to be done. */
  record(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  entries(filter: AuditFilter): Promise<Page<AuditEntry & { readonly seq: string }>>;
}

export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
  /** Real epoch ms. */
  readonly since?: number;
  readonly limit: number;
  readonly cursor?: string;
}
