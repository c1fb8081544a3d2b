/** How long what was received and sent is kept. Virtual ms; see `src/store/retention.ts` for what each counts from. */
export interface RetentionSettings {
  /** Beyond the close of the onboarding; from the receipt where an event concerns none. */
  readonly eventsMs: number;
  readonly rejectionsMs: number;
  /** Beyond the close of the onboarding. */
  readonly sendsMs: number;
  readonly auditMs: number;
  /** Of outgoing messages, from when they were made. */
  readonly messagesMs: number;
  /** Instead of `eventsMs`, by source. */
  readonly sources: Readonly<Record<string, number>>;
}
