import type { NotifyOrder } from '../contracts/activities.js';
import type { ChannelType } from '../domain/policy/policy.js';

/** A way to reach somebody. One channel is one entry under `channels` of the policy. */
export interface Channel {
  readonly name: string;
  readonly type: ChannelType;
  /**
   * Makes one call, and resolves once the other side has taken the message. Rejects with a `ChannelFailure`, or, where
   * `signal` stopped it before anything had left, with the signal's reason. A message on the wire is not torn back:
   * then the outcome is waited for, ten seconds at most. A repeat of the same key carries the same id, by which the
   * other side can drop it.
   */
  send(message: ChannelMessage, signal: AbortSignal): Promise<Delivery>;
  /** Ends idle connections. */
  close(): Promise<void>;
}

export interface Delivery {
  /** The id by which the message is known on the other side. */
  readonly providerId?: string;
}

/** What is to be said, to whom, and all that its text needs. */
export type ChannelMessage = Pick<
  NotifyOrder,
  'key' | 'kind' | 'level' | 'fallback' | 'recipient' | 'severity' | 'text' | 'escalation' | 'onboarding'
> & {
  /** The instant of the decision, virtual epoch ms; the same on every try. */
  readonly at: number;
};

/** The real limit of one call. */
export const CALL_TIMEOUT_MS = 10_000;

/** No text is longer than this many characters: a name or note that somebody filled a page with still goes out. */
export const LONGEST_TEXT = 4_000;

export function cutText(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`;
}
