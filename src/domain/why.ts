import type { Reason, Wake } from './decision.js';
import { act } from './escalation/act.js';
import { concludeSend } from './escalation/conclude.js';
import type { Fact } from './event/fact.js';
import type { EntityKey } from './event/key.js';
import { adoptPolicy, hearCustomer, receive, startOnboarding } from './onboarding/life.js';
import type { LogEntry, LogInput } from './onboarding/log.js';
import { beginAnew } from './onboarding/begin-anew.js';
import { reopen } from './onboarding/reopen.js';
import type { OnboardingState } from './onboarding/state.js';
import type { Policy } from './policy/policy.js';
import { reconcile } from './reconcile.js';
import type { Clock } from './time/clock.js';

/** What `why` folds: the archive and the decision log of one onboarding. */
export interface Record {
  readonly key: EntityKey;
  readonly clock: Clock;
  readonly startedAt: number;
  readonly facts: ReadonlyMap<string, Fact>;
  /** By seq. */
  readonly log: readonly LogEntry[];
  /** The policy of that hash, cut to these names; undefined where it is no longer kept. */
  readonly policy: (hash: string, names: readonly string[]) => Policy | undefined;
}

export interface Explanation {
  readonly at: number;
  readonly state: OnboardingState;
  readonly reasons: readonly Reason[];
  readonly wake: Wake | null;
}

/**
 * Why a rule fired, or did not, at an instant: the state is rebuilt from archive and log by the very functions that the
 * workflow ran, and `reconcile` is asked again. Null where no policy was known by then.
 */
export function explain(record: Record, at: number): Explanation | null {
  const state = rebuild(record, at);
  if (!state.policy) return null;
  const decision = reconcile(state, state.policy, at);
  return { at, state: decision.state, reasons: decision.why(), wake: decision.wake };
}

/**
 * The state at an instant. Decisions are repeated where the log shows that one was made: an outcome follows its inputs,
 * and a `woke` entry marks an instant that the clock alone brought. `seen` is shown every state on the way, so that what
 * a state has let go of can be told too.
 */
export function rebuild(
  record: Record,
  at: number,
  seen: (state: OnboardingState) => void = () => {},
): OnboardingState {
  let state = startOnboarding(record.key, record.clock, record.startedAt);
  let undecided: number | null = null;
  for (const entry of record.log) {
    if (entry.at > at) break;
    if (isInput(entry)) {
      state = take(record, state, entry.what, entry.at);
      undecided = entry.at;
    } else if (undecided !== null) {
      state = decide(state, entry.at);
      undecided = null;
    }
    seen(state);
  }
  return { ...state, log: [] };
}

const INPUTS: ReadonlySet<string> = new Set<LogInput['kind']>([
  'applied',
  'policy',
  'action',
  'customer',
  'concluded',
  'reopened',
  'rebuilt',
  'woke',
]);

function isInput(entry: LogEntry): entry is LogEntry & { what: LogInput } {
  return INPUTS.has(entry.what.kind);
}

function decide(state: OnboardingState, at: number): OnboardingState {
  return state.policy ? reconcile(state, state.policy, at).state : state;
}

function take(record: Record, state: OnboardingState, input: LogInput, at: number): OnboardingState {
  switch (input.kind) {
    case 'applied':
      return receive(state, factsOf(record, input.events), at);
    case 'policy': {
      const policy = record.policy(input.hash, input.names);
      return policy ? adoptPolicy(state, policy, input.names, at) : state;
    }
    case 'action':
      return act(state, input.action, at);
    case 'customer':
      return hearCustomer(state, input.standing, at);
    case 'concluded':
      return concludeSend(state, input.send, input.result, at);
    case 'reopened':
      return reopen(state, factsOf(record, input.events), record.clock, at);
    case 'rebuilt':
      return beginAnew(state, input, at);
    case 'woke':
      return state;
  }
}

function factsOf(record: Record, ids: readonly string[]): readonly Fact[] {
  return ids.flatMap((id) => record.facts.get(id) ?? []);
}
