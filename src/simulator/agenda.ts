import { setTimeout as delay } from 'node:timers/promises';
import { type VirtualClock, virtualNow } from './virtual-clock.js';
import { MINUTE_MS, offWeekend } from './workday.js';

/** Something that is to be done at an instant of the story. */
export interface Appointment {
  /** Story time, epoch ms. */
  readonly at: number;
  /** The onboarding whose life it belongs to, where it may be brought forward with it. */
  readonly life?: string;
  /** Nobody can bring it forward. */
  readonly fixed?: boolean;
  /** Is told the instant for which it stands, brought forward or not. */
  readonly run: (at: number) => Promise<void> | void;
}

/** Real. At a day a second a tick is seven minutes of the story. */
const TICK_MS = 5;

/** What is to come, in order; people who act bring parts of it forward while it is being played. */
export class Agenda {
  #entries: Appointment[] = [];

  add(...appointments: readonly Appointment[]): void {
    this.#entries.push(...appointments);
    this.#entries.sort((a, b) => a.at - b.at);
  }

  /** Whether anything of this life is still to come. */
  awaits(life: string): boolean {
    return this.#entries.some((entry) => entry.life === life);
  }

  /**
   * The next step of a life comes at `to`, what follows it as much earlier, on weekdays and in the same order. False
   * where nothing is left, where nobody can hurry it, or where it comes earlier anyway.
   */
  bringForward(life: string, to: number): boolean {
    const own = this.#entries.filter((entry) => entry.life === life);
    const barrier = own.findIndex((entry) => entry.fixed);
    const [first, ...rest] = barrier < 0 ? own : own.slice(0, barrier);
    if (!first || first.at <= to) return false;
    const shift = first.at - to;
    let last = to;
    const moved = new Map<Appointment, Appointment>([[first, { ...first, at: to }]]);
    for (const entry of rest) {
      last = Math.max(offWeekend(entry.at - shift), last + MINUTE_MS);
      moved.set(entry, { ...entry, at: last });
    }
    this.#entries = this.#entries.map((entry) => moved.get(entry) ?? entry).sort((a, b) => a.at - b.at);
    return true;
  }

  /**
   * Does everything when its time comes, until the story reaches `endAt` and all of it is done: a machine that was busy
   * catches up on what was due before the end.
   */
  async play(clock: VirtualClock, endAt: number, stopped: AbortSignal): Promise<void> {
    const running = new Set<Promise<void>>();
    while (!stopped.aborted) {
      const now = virtualNow(clock);
      const due = this.#takeDue(Math.min(now, endAt));
      if (now >= endAt && due.length === 0 && running.size === 0) break;
      for (const entry of due) {
        const run: Promise<void> = Promise.resolve(entry.run(entry.at)).finally(() => running.delete(run));
        running.add(run);
      }
      await delay(TICK_MS);
    }
    await Promise.all(running);
  }

  #takeDue(now: number): Appointment[] {
    const at = this.#entries.findIndex((entry) => entry.at > now);
    return this.#entries.splice(0, at < 0 ? this.#entries.length : at);
  }
}
