import type { Explanation } from '../api/deps.js';
import { workflowId } from '../contracts/ids.js';
import type { EventReads, PolicyStore, ReadModel } from '../contracts/read-model.js';
import type { Fact } from '../domain/event/fact.js';
import type { EntityKey } from '../domain/event/key.js';
import { cutPolicy } from '../domain/policy/cut.js';
import type { Policy } from '../domain/policy/policy.js';
import type { Clock } from '../domain/time/clock.js';
import { explain } from '../domain/why.js';

export interface WhyDeps {
  readonly events: Pick<EventReads, 'eventsOf'>;
  readonly readModel: Pick<ReadModel, 'log'>;
  readonly policies: Pick<PolicyStore, 'byHash'>;
  readonly clock: Clock;
}

/** More than an onboarding of years has; the fold wants them all. */
const MOST_EVENTS = 20_000;

/** Why rules fired or did not at an instant, folded from archive and decision log; undefined where nothing is known. */
export function createWhy(deps: WhyDeps): (key: EntityKey, at: number) => Promise<Explanation | undefined> {
  return async (key, at) => {
    const [log, rows] = await Promise.all([
      deps.readModel.log(key),
      deps.events.eventsOf(workflowId('onboarding', key), MOST_EVENTS),
    ]);
    const [first] = log;
    if (!first) return undefined;
    const facts = new Map<string, Fact>();
    for (const { route } of rows)
      if (route?.to === 'onboarding' && !facts.has(route.fact.id)) facts.set(route.fact.id, route.fact);
    const policies = new Map<string, Policy>();
    for (const { what } of log) {
      if (what.kind !== 'policy' || policies.has(what.hash)) continue;
      const stored = await deps.policies.byHash(what.hash);
      if (stored) policies.set(what.hash, stored.policy);
    }
    const policy = (hash: string, names: readonly string[]) => {
      const whole = policies.get(hash);
      return whole && cutPolicy(whole, names);
    };
    const found = explain({ key, clock: deps.clock, startedAt: first.at, facts, log, policy }, at);
    return found ? { at, why: found.reasons, wake: found.wake } : undefined;
  };
}
