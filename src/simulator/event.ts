export type Json = string | number | boolean | null | readonly Json[] | JsonRecord;
export interface JsonRecord {
  readonly [field: string]: Json;
}

/** The fifteen types of the sender's overview page, and two more that its other pages name. */
// biome-ignore format: a list
export const SEED_TYPES = [
  'customer.created', 'customer.updated', 'customer.archived', 'customer.health_score_dropped', 'customer.at_risk',
  'customer.churned', 'contact.created', 'onboarding.created', 'onboarding.phase_changed', 'onboarding.state_changed',
  'onboarding.at_risk', 'onboarding.back_on_track', 'onboarding.launched', 'onboarding.completed', 'task.completed',
] as const;
export type EventType = (typeof SEED_TYPES)[number] | 'onboarding.updated' | 'webhook.ping';

/** One event as the sender thinks of it, before it is written in one of its dialects. */
export interface SentEvent {
  readonly id: string;
  readonly type: EventType;
  /** When it happened, epoch ms of the story. */
  readonly at: number;
  readonly org: string;
  readonly livemode: boolean;
  readonly record: JsonRecord;
  /** Null where nothing was there before. */
  readonly previous: JsonRecord | null;
}

/**
 * The sender's pages disagree on the envelope; a receiver has to live with all four: `envelope` and `overview` name
 * time and workspace differently, `flat` puts the record directly under `data`, `bare` tells neither time nor workspace.
 */
export const DIALECTS = ['envelope', 'overview', 'flat', 'bare'] as const;
export type Dialect = (typeof DIALECTS)[number];

/**
 * The body that is signed and posted. `livemode: false` is written in every dialect: left out, the source's mode would
 * count, and a test would chase people.
 */
export function bodyOf(event: SentEvent, dialect: Dialect): string {
  return JSON.stringify({ id: event.id, type: event.type, ...envelope(event, dialect) });
}

function envelope(event: SentEvent, dialect: Dialect): object {
  const at = new Date(event.at).toISOString();
  const test = event.livemode ? {} : { livemode: false };
  const data = { object: event.record, ...(event.previous ? { previous_attributes: event.previous } : {}) };
  switch (dialect) {
    case 'envelope':
      return { created_at: at, org_id: event.org, livemode: event.livemode, api_version: 'v1', data };
    case 'overview':
      return { timestamp: at, org: event.org, ...test, data };
    case 'flat':
      return { created_at: at, ...test, data: event.record };
    case 'bare':
      return { ...test, data };
  }
}
