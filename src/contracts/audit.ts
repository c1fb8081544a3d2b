import type { Page } from './page.js';

/** One line of the audit log: who changed what, and why. Append-only; no secret and no body of a message in it. */
export interface AuditEntry {
  /** Real epoch ms. */
  readonly at: number;
  /**
   * `token:<name>`, `bootstrap` or `local`, with the person acted for where one is named: `token:desk for mia`. Of a
   * `decision.…` that person alone, as `person:mia`, since the workflow knows no more; `slipway` for its own decisions.
   */
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

/**
 * Keeps a change that was asked for under way until it is done and in the audit log. One that a server ended in the
 * middle of is entered as of unknown outcome, so that no change is without its line.
 */
export interface ChangeLedger {
  /** Takes a change on, or tells what became of the same request before. Throws `StoreUnavailable`. */
  begin(asked: AskedChange): Promise<Begun>;
  /** Its line of the audit log and, under a key, the answer for later repeats: in one commit. Throws `StoreUnavailable`. */
  conclude(ticket: string, entry: AuditEntry, answer: unknown): Promise<void>;
  /**
   * It is over and was not done, so that the same request may be made again; with the entry where nobody knows whether it
   * was. Throws `StoreUnavailable`: it is then entered as of unknown outcome later.
   */
  release(ticket: string, entry?: AuditEntry): Promise<void>;
}

export interface AskedChange {
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  /** Absent where the sender gave none: then every request is one of its own. */
  readonly repeat?: {
    /** Same caller, `Idempotency-Key`, method and URL: the same text. */
    readonly request: string;
    /** What a repeat must be alike in. */
    readonly body: string;
  };
}

export type Begun =
  | { readonly state: 'begun'; readonly ticket: string }
  /** Done within the last 24 hours. `answer` is null where it was not kept. */
  | { readonly state: 'done'; readonly answer: unknown }
  | { readonly state: 'under_way' }
  | { readonly state: 'another_body' };

export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
  /** Real epoch ms. */
  readonly since?: number;
  readonly limit: number;
  readonly cursor?: string;
}
