import type { JsonRecord, SentEvent } from './event.js';
import type { Step } from './step.js';

/**
 * The sender's own books: the record of every customer, contact, onboarding and task. An event shows the whole record
 * as it then is, and of each field that changed the value before, so that previous values chain whatever order the
 * story takes.
 */
export class Books {
  readonly #records = new Map<string, JsonRecord>();

  constructor(
    readonly org: string,
    readonly livemode: boolean,
  ) {}

  record(subject: string): JsonRecord | undefined {
    return this.#records.get(subject);
  }

  /** Enters what the step changes, as of `at`, and returns the event that tells of it. */
  enter(step: Step, at: number): SentEvent {
    const before = this.#records.get(step.subject);
    const stamps = Object.fromEntries((step.stamps ?? []).map((field) => [field, new Date(at).toISOString()]));
    const change = { ...step.change, ...stamps };
    const record = { ...before, ...change };
    this.#records.set(step.subject, record);
    return {
      id: step.id,
      type: step.type,
      at,
      org: this.org,
      livemode: this.livemode,
      record,
      previous: before === undefined ? null : previousOf(before, change),
    };
  }
}

/** Of a field that was not there the value before is null. Nothing changed: no previous values either. */
function previousOf(before: JsonRecord, change: JsonRecord): JsonRecord | null {
  const changed = Object.keys(change).filter((field) => before[field] !== change[field]);
  return changed.length === 0 ? null : Object.fromEntries(changed.map((field) => [field, before[field] ?? null]));
}
