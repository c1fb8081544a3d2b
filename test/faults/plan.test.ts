import { describe, expect, it } from 'vitest';
import { FAULT_NAMES, planCycle, sayStrike } from './plan.js';
import { strikingIn, VARIANTS } from './variants.js';

describe('a schedule of faults', () => {
  it('is the same for the same seed and cycle, and another one for any other', () => {
    const plan = planCycle(7, 3, 12);

    expect(planCycle(7, 3, 12)).toEqual(plan);
    expect(planCycle(7, 4, 12)).not.toEqual(plan);
    expect(planCycle(8, 3, 12)).not.toEqual(plan);
  });

  it('reaches every fault within an hour of cycles', () => {
    const drawn = new Set(
      Array.from({ length: 40 }, (_, cycle) => planCycle(1, cycle, 10))
        .flat()
        .map((one) => one.fault),
    );

    expect(FAULT_NAMES.filter((name) => !drawn.has(name))).toEqual([]);
  });

  it('lets a process die while something else is broken, now and then', () => {
    const both = planCycle(1, 0, 200).filter((one) => one.within);

    expect(both.length).toBeGreaterThan(5);
    for (const { lastsMs, within } of both) expect(within?.afterMs).toBeLessThanOrEqual(lastsMs);
    expect(both.map(sayStrike)).toContainEqual(expect.stringMatching(/^temporal_\w+ \d+\.\ds \+ \w+_killed/));
  });

  it('can be narrowed to the faults that somebody looks into', () => {
    expect(new Set(planCycle(1, 0, 20, ['store_stops']).map((one) => one.fault))).toEqual(new Set(['store_stops']));
  });

  it('fills the disk only where the store has one of its own', () => {
    const filling = VARIANTS.filter((variant) => strikingIn(variant, FAULT_NAMES).includes('store_full'));

    expect(filling.map(({ name }) => name)).toEqual(['small disk']);
    expect(strikingIn(VARIANTS[0]!, FAULT_NAMES)).toHaveLength(FAULT_NAMES.length - 1);
  });
});
