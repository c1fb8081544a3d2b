import { isCancellation, log, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities, Projection } from '../contracts/activities.js';

type Project = Pick<Activities, 'project'>;

/** In the workflow task itself: a write of milliseconds costs one event of history instead of six. */
const quick = proxyLocalActivities<Project>({ startToCloseTimeout: '3 s', retry: { maximumAttempts: 1 } });
/** Where the store does not answer: the server keeps trying, and the task is not held up. */
const patient = proxyActivities<Project>({
  startToCloseTimeout: '20 s',
  retry: { initialInterval: '2 s', maximumInterval: '2 min' },
  summary: 'Write the view for lists and reports',
});

export type Snapshot = Omit<Projection, 'revision'>;

/** Writes the view to the store: one write at a time, and what was asked for meanwhile goes with the next. */
export class Projector {
  #wanted = false;
  #writing = false;
  #waiting = false;
  #revision = 0;

  constructor(
    private readonly take: () => Snapshot,
    private readonly written: (snapshot: Snapshot) => void,
  ) {}

  /** No write holds up the end of a run: one that the server keeps trying is made again by the next run. */
  get isIdle(): boolean {
    return !this.#writing || this.#waiting;
  }

  get isWanted(): boolean {
    return this.#wanted;
  }

  want(): void {
    this.#wanted = true;
  }

  flush(): void {
    if (this.#wanted && !this.#writing) void this.#write().catch(giveUp);
  }

  /** The last write, awaited until it is done. */
  async finish(snapshot: Snapshot): Promise<void> {
    this.#wanted = false;
    await patient.project.executeWithOptions({ summary: 'Write the final state' }, [
      { ...snapshot, revision: this.#nextRevision() },
    ]);
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      while (this.#wanted) {
        this.#wanted = false;
        const snapshot = this.take();
        await this.#attempt({ ...snapshot, revision: this.#nextRevision() });
        this.written(snapshot);
      }
    } finally {
      this.#writing = false;
    }
  }

  async #attempt(projection: Projection): Promise<void> {
    try {
      await quick.project(projection);
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.#waiting = true;
      try {
        await patient.project(projection);
      } finally {
        this.#waiting = false;
      }
    }
  }

  /** Rises over all runs of an onboarding, a reopened one too, without being kept in the state. */
  #nextRevision(): number {
    this.#revision = Math.max(this.#revision + 1, Date.now());
    return this.#revision;
  }
}

/** The view stays as it was until the next change asks again; the workflow goes on. */
function giveUp(error: unknown): void {
  if (!isCancellation(error)) log.warn('The view could not be written', { error: String(error) });
}
