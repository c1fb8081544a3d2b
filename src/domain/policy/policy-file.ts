import type { RetrySchedule } from '../delivery/schedule.js';
import type { Policy } from './policy.js';
import type { RetentionSettings } from './retention.js';

/** Everything one `slipway.yaml` says: what workflows decide by, and what only the edges of the process need. */
export interface PolicyFile {
  readonly policy: Policy;
  readonly channels: Readonly<Record<string, ChannelSettings>>;
  readonly sources: readonly SourceSettings[];
  readonly retention: RetentionSettings;
  readonly webhooks: { readonly retry: RetrySchedule };
  /** Ids of people whom lines of the log alone tell, because the file gives no other channel that reaches them. */
  readonly logOnly: readonly string[];
}

/** Secrets are named here by the environment variable that holds them, never carried. */
export type ChannelSettings =
  | { readonly type: 'log' }
  | { readonly type: 'webhook'; readonly url: string; readonly secretEnv: string }
  | { readonly type: 'email'; readonly smtpUrlEnv: string; readonly from: string };

/** One endpoint that a sender posts to: `POST /webhooks/<name>`. */
export interface SourceSettings {
  readonly name: string;
  readonly mode: Mode;
  /** The partition of workflow ids; never the sender's own org id (design section 5, "Key"). */
  readonly workspace: string;
  readonly secretEnv: string;
  readonly toleranceMs: number;
}

export type Mode = 'live' | 'test';
