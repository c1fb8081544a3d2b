import { workflowId } from '../contracts/ids.js';
import type { EventReads, EventRow, PolicyStore, ReadModel } from '../contracts/read-model.js';
import type { Fact } from '../domain/event/fact.js';
import type { EntityKey } from '../domain/event/key.js';
import type { LogEntry } from '../domain/onboarding/log.js';
import { cutPolicy } from '../domain/policy/cut.js';
import type { Policy } from '../domain/policy/policy.js';
import type { Clock } from '../domain/time/clock.js';
import type { Record } from '../domain/why.js';

export interface RecordDeps {
  readonly events: Pick<EventReads, 'eventsOf'>;
  readonly readModel: Pick<ReadModel, 'log'>;
  readonly policies: Pick<PolicyStore, 'byHash'>;
  readonly clock: Clock;
}

/** More than an onboarding of years has; the fold wants them all. */
const MOST_EVENTS = 20_000;

/** The archive's rows of an onboarding, oldest first. */
export function readEvents({ events }: Pick<RecordDeps, 'events'>, key: EntityKey): Promise<readonly EventRow[]> {
  return events.eventsOf(workflowId('onboarding', key), MOST_EVENTS);
}

/** What archive and decision log hold of one onboarding, ready to be folded. `log` by seq. */
export async function recordOf(
  deps: Pick<RecordDeps, 'policies' | 'clock'>,
  key: EntityKey,
  rows: readonly EventRow[],
  log: readonly LogEntry[],
): Promise<Record> {
  return {
    key,
    clock: deps.clock,
    startedAt: log[0]?.at ?? rows[0]?.receivedVirtual ?? 0,
    facts: factsOf(rows),
    log,
    policy: await policiesOf(deps, log),
  };
}

export function factsOf(rows: readonly EventRow[]): ReadonlyMap<string, Fact> {
  const facts = new Map<string, Fact>();
  for (const { route } of rows)
    if (route?.to === 'onboarding' && !facts.has(route.fact.id)) facts.set(route.fact.id, route.fact);
  return facts;
}

async function policiesOf({ policies }: Pick<RecordDeps, 'policies'>, log: readonly LogEntry[]) {
  const known = new Map<string, Policy>();
  for (const { what } of log) {
    if (what.kind !== 'policy' || known.has(what.hash)) continue;
    const stored = await policies.byHash(what.hash);
    if (stored) known.set(what.hash, stored.policy);
  }
  return (hash: string, names: readonly string[]): Policy | undefined => {
    const whole = known.get(hash);
    return whole && cutPolicy(whole, names);
  };
}
