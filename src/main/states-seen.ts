import { isMapped } from '../domain/policy/states.js';
import type { Policy } from '../domain/policy/policy.js';
import type { Meta } from '../store/meta.js';

const KEY = 'states_seen';
/** A workspace has a handful of states; a sender that invents one an event must not fill the store. */
const MOST = 100;

/** The states that records spoke of, so that `status` can name those the policy does not map. */
export class StatesSeen {
  readonly #states: Set<string>;

  private constructor(
    private readonly meta: Meta,
    states: readonly string[],
  ) {
    this.#states = new Set(states);
  }

  static async load(meta: Meta): Promise<StatesSeen> {
    return new StatesSeen(meta, ((await meta.get(KEY)) ?? []) as string[]);
  }

  /** Called for every event: does nothing but for a state that is new. */
  note(state: string | null | undefined): void {
    if (!state || this.#states.has(state) || this.#states.size >= MOST) return;
    this.#states.add(state);
    // Noted again with the next event of that state, should the store be away now.
    this.meta.set(KEY, [...this.#states]).catch(() => this.#states.delete(state));
  }

  unmapped(policy: Policy): readonly string[] {
    return [...this.#states].filter((state) => !isMapped(policy, state)).sort();
  }
}
