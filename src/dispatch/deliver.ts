import type { Gateway } from '../contracts/gateway.js';
import type { PendingRow } from '../contracts/inbox.js';
import type { ReadModel } from '../contracts/read-model.js';
import type { Fact } from '../domain/event/fact.js';
import type { EntityKey } from '../domain/event/key.js';
import { isReopen } from '../domain/onboarding/reopen.js';
import type { Policy } from '../domain/policy/policy.js';
import type { LateEvents } from './late-events.js';

export interface DeliverDeps {
  readonly gateway: Pick<Gateway, 'signalEvents' | 'signalRunning' | 'signalCustomer' | 'reopen'>;
  readonly readModel: Pick<ReadModel, 'final'>;
  readonly late: Pick<LateEvents, 'of' | 'wereHeard'>;
  /** In force now: phases may have been renamed since an onboarding closed. */
  readonly policy: () => Policy;
}

/** What became of one signal's events. `late`: their workflow has ended and they do not bring it back. */
export type Delivered = 'signalled' | 'reopened' | 'late';

/**
 * Brings the events of one workflow to it, in one signal. Where the workflow has ended, they reopen it or are late
 * (design section 3, "Reopen"); a customer that has ended is never reopened. Throws what the gateway throws.
 */
export async function deliver(rows: readonly PendingRow[], deps: DeliverDeps): Promise<Delivered> {
  const [first] = rows;
  if (!first) return 'signalled';
  const { key } = first.route;
  if (first.route.to === 'customer') {
    const facts = rows.flatMap(({ route }) => (route.to === 'customer' ? [route.fact] : []));
    return (await deps.gateway.signalCustomer(key, facts)) === 'closed' ? 'late' : 'signalled';
  }
  const facts = rows.flatMap(({ route }) => (route.to === 'onboarding' ? [route.fact] : []));
  return (await isHeard(key, facts, deps)) ? 'signalled' : reopenOrLate(key, facts, deps);
}

/**
 * Of one that has closed, the store is asked and not Temporal alone: after its retention that server has forgotten that
 * there ever was one, and would start an empty onboarding in its place.
 */
async function isHeard(key: EntityKey, facts: readonly Fact[], deps: DeliverDeps): Promise<boolean> {
  const hasClosed = (await deps.readModel.final(key)) !== undefined;
  const answer = hasClosed
    ? await deps.gateway.signalRunning(key, facts)
    : await deps.gateway.signalEvents(key, facts, titleOf(facts));
  return answer === 'signalled';
}

/** Read again: it may have closed since it was asked for. What came too early to reopen it comes in with what does. */
async function reopenOrLate(key: EntityKey, facts: readonly Fact[], deps: DeliverDeps): Promise<Delivered> {
  const final = await deps.readModel.final(key);
  if (!final || !isReopen(final, facts, deps.policy())) return 'late';
  const earlier = await deps.late.of(final);
  await deps.gateway.reopen(final, [...earlier.map(({ fact }) => fact), ...facts]);
  await deps.late.wereHeard(earlier);
  return 'reopened';
}

/** The onboarding's latest name, for the list of workflows; a start without one is titled by its id. */
function titleOf(facts: readonly Fact[]): string | undefined {
  return facts.findLast((fact) => typeof fact.record.name === 'string')?.record.name ?? undefined;
}
