import type { EntityKey } from '../event/key.js';
import type { Clock } from '../time/clock.js';
import { FLAGS_OF } from './flags.js';
import { startCustomer } from './life.js';
import type { CustomerFlagName, CustomerStanding } from './standing.js';
import type { CustomerState } from './state.js';

const NAMES: readonly CustomerFlagName[] = Object.values(FLAGS_OF).flat();

/**
 * A customer of which only the last word it said to an onboarding is left, before its events are heard once more: what
 * was not set by then is off until something later sets it, whoever carried goes on carrying, and its next word is
 * newer than that one. `open` are the onboardings that can carry.
 */
export function resumeCustomer(
  key: EntityKey,
  clock: Clock,
  last: { readonly at: number; readonly standing: CustomerStanding } | undefined,
  open: ReadonlySet<string>,
): CustomerState {
  const fresh = startCustomer(key, clock, 0);
  if (!last) return fresh;
  const { at, standing } = last;
  const since = new Map(standing.flags.map((flag) => [flag.name, flag.since] as const));
  const denied = Object.fromEntries(NAMES.map((name) => [name, (since.get(name) ?? at + 1) - 1]));
  const carriers = Object.fromEntries(Object.entries(standing.carriers).filter(([, id]) => open.has(id)));
  return { ...fresh, version: standing.version, denied, carriers };
}
