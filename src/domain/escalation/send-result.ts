/** What became of one call, as the core takes it: the activity's answer, or a call that was stopped before it left. */
export type SendResult =
  | { readonly outcome: 'sent'; readonly providerId?: string }
  /** The gate holds it: nothing was sent, ask again at `until` (virtual). */
  | { readonly outcome: 'later'; readonly until: number; readonly reason: string }
  | { readonly outcome: 'failed'; readonly failure: string; readonly message: string; readonly retryAfterMs?: number }
  | { readonly outcome: 'cancelled' };
