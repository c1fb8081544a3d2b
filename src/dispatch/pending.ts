import { workflowId } from '../contracts/ids.js';
import type { PendingRow } from '../contracts/inbox.js';
import { factBytes } from './fact-size.js';

/** Up to 50 events or 128 kB of one workflow in one signal. */
const MOST_EVENTS = 50;
const MOST_BYTES = 128 * 1024;

/** The waiting rows of one workflow, in the order they came. Never empty while it is kept, but for one under way. */
export interface Lane {
  readonly workflowId: string;
  readonly rows: PendingRow[];
  state: 'ready' | 'under_way' | 'backing_off';
  failures: number;
}

/**
 * What this server has accepted or claimed and not yet settled: workflow → waiting rows, bounded in rows. A lane is
 * taken by one signal at a time, the one that has waited longest first, so that no busy workflow starves another.
 */
export class Pending {
  readonly #capacity: number;
  readonly #lanes = new Map<string, Lane>();
  /** A set keeps the order of insertion: the first is the one that has waited longest. */
  readonly #ready = new Set<Lane>();
  readonly #held = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** `full` where there is no room: the row stays in the inbox. `held` where it is here already. */
  add(row: PendingRow): 'added' | 'held' | 'full' {
    if (this.#held.has(row.seq)) return 'held';
    if (this.#held.size >= this.#capacity) return 'full';
    this.#held.add(row.seq);
    const lane = this.#lane(row);
    lane.rows.push(row);
    if (lane.state === 'ready') this.#ready.add(lane);
    return 'added';
  }

  #lane(row: PendingRow): Lane {
    const id = workflowId(row.type, row.route.key);
    let lane = this.#lanes.get(id);
    if (!lane) {
      lane = { workflowId: id, rows: [], state: 'ready', failures: 0 };
      this.#lanes.set(id, lane);
    }
    return lane;
  }

  /** Takes the rows of one signal out of the lane that has waited longest; the lane is under way until `done`. */
  take(): { lane: Lane; rows: PendingRow[] } | undefined {
    const [lane] = this.#ready;
    if (!lane) return undefined;
    this.#ready.delete(lane);
    lane.state = 'under_way';
    return { lane, rows: lane.rows.splice(0, batchLength(lane.rows)) };
  }

  /** The signal went out: the lane waits for its next turn, or is dropped where nothing waits in it. */
  succeeded(lane: Lane): void {
    lane.failures = 0;
    if (lane.rows.length === 0) this.#lanes.delete(lane.workflowId);
    else this.resume(lane);
  }

  /** The signal did not go out: its rows go back to where they were, and nothing of the lane is sent until `resume`. */
  failed(lane: Lane, rows: readonly PendingRow[]): void {
    lane.rows.unshift(...rows);
    lane.failures++;
    lane.state = 'backing_off';
  }

  resume(lane: Lane): void {
    lane.state = 'ready';
    this.#ready.add(lane);
  }

  /** Waits here, is under way, or was signalled and is not settled yet. */
  holds(seq: string): boolean {
    return this.#held.has(seq);
  }

  /** Is held here and not put off: a workflow that could not be signalled is left alone for a while. */
  isOnItsWay({ seq, type, route }: PendingRow): boolean {
    return this.#held.has(seq) && this.#lanes.get(workflowId(type, route.key))?.state !== 'backing_off';
  }

  /** The rows are settled in the inbox and no longer held here. */
  forget(seqs: readonly string[]): void {
    for (const seq of seqs) this.#held.delete(seq);
  }

  /** Workflows whose events may be signalled now. */
  get ready(): number {
    return this.#ready.size;
  }

  get room(): number {
    return this.#capacity - this.#held.size;
  }

  get isHalfEmpty(): boolean {
    return this.#held.size <= this.#capacity / 2;
  }

  /** Rows that wait in a lane, of whatever state. */
  waiting(): string[] {
    return [...this.#lanes.values()].flatMap((lane) => lane.rows.map((row) => row.seq));
  }
}

/** At least one row, however large. */
function batchLength(rows: readonly PendingRow[]): number {
  let bytes = 0;
  for (const [index, row] of rows.slice(0, MOST_EVENTS).entries()) {
    bytes += factBytes(row.route.fact);
    if (bytes > MOST_BYTES && index > 0) return index;
  }
  return Math.min(rows.length, MOST_EVENTS);
}
