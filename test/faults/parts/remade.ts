import type { Onboarding } from '../../../src/contracts/api.js';
import type { OnboardingRebuildView } from '../../../src/contracts/api-rebuild.js';
import { Dice } from '../../../src/simulator/dice.js';
import type { Finding } from './finding.js';

/** An onboarding as its workflow has it beside what archive and decision log make of it. */
export type Remade = Pick<
  OnboardingRebuildView,
  'onboarding_id' | 'present_digest' | 'differences' | 'differences_in_all' | 'missing'
>;

/** Shows what making an onboarding anew would change, and changes nothing. */
export type ShowRemade = (onboarding: Onboarding) => Promise<Remade>;

/** So many, drawn from the seed. */
export async function remadeOf(
  onboardings: readonly Onboarding[],
  show: ShowRemade,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<readonly Remade[]> {
  const ordered = onboardings.toSorted((a, b) => a.workflow_id.localeCompare(b.workflow_id));
  const remade: Remade[] = [];
  for (const one of new Dice(seed, 'remade').shuffled(ordered).slice(0, count)) remade.push(await show(one));
  return remade;
}

/** I8: what a workflow has come to, by whatever faults, is what archive and decision log alone make of it. */
export function sameRemade(remade: readonly Remade[]): Finding {
  const asked = remade.filter(({ present_digest }) => present_digest !== null);
  const violations = remade.flatMap(({ onboarding_id, differences, differences_in_all, missing }) => [
    ...(missing > 0 ? [`the archive lacks ${missing} events that the log of ${onboarding_id} names`] : []),
    ...differences.slice(0, 1).map(({ field, present, rebuilt }) => {
      const more = differences_in_all > 1 ? `, and ${differences_in_all - 1} more` : '';
      return `${field} of ${onboarding_id} is ${present}, by archive and log it is ${rebuilt}${more}`;
    }),
  ]);
  return { id: 'I8', what: 'states that archive and log tell otherwise', n: asked.length, violations };
}
