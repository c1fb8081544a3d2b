import { defineSearchAttributeKey } from '@temporalio/common';

/**
 * Every search attribute there is: the worker upserts from this table, start registers it. They are stored in clear, so
 * they carry business ids and closed words, never a name or an address. A namespace on SQL has columns for 10 Keyword
 * and 3 of each other type, all workspaces together.
 */
export const SEARCH_ATTRIBUTES = {
  workspace: defineSearchAttributeKey('OnbWorkspace', 'KEYWORD'),
  mode: defineSearchAttributeKey('OnbMode', 'KEYWORD'),
  customer: defineSearchAttributeKey('OnbCustomer', 'KEYWORD'),
  phase: defineSearchAttributeKey('OnbPhase', 'KEYWORD'),
  state: defineSearchAttributeKey('OnbState', 'KEYWORD'),
  health: defineSearchAttributeKey('OnbHealth', 'KEYWORD'),
  /** none | open | acknowledged | snoozed: the least settled of the unresolved escalations. */
  escalation: defineSearchAttributeKey('OnbEscalation', 'KEYWORD'),
  /** The rule of that escalation. */
  rule: defineSearchAttributeKey('OnbRule', 'KEYWORD'),
  /** Its level; 0 where none is unresolved. */
  level: defineSearchAttributeKey('OnbLevel', 'INT'),
  /** Midnight UTC of the civil date in force. */
  targetAt: defineSearchAttributeKey('OnbTargetAt', 'DATETIME'),
  /** Virtual, as of the last upsert of any other one: it alone is not worth an event of history. */
  nextWakeAt: defineSearchAttributeKey('OnbNextWakeAt', 'DATETIME'),
} as const;

/** Keyword columns hold 255 characters on SQL. */
export function keyword(text: string): string {
  return text.length > 255 ? text.slice(0, 255) : text;
}
