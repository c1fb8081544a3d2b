import { describe, expect, it } from 'vitest';
import { SignalBudget } from '../../src/dispatch/budget.js';

const WORKFLOWS = 300;

/** Events that come in so many a second for a second, up to `until`. */
function events(budget: SignalBudget, perSecond: number, until: number): void {
  for (let n = perSecond; n > 0; n--) budget.arrived(until - (n * 1_000) / perSecond);
}

describe('the budget of signals', () => {
  it('is what a server on two cores takes, while events come', () => {
    const budget = new SignalBudget();
    events(budget, 400, 10_000);

    expect(budget.perSecond(10_000, WORKFLOWS)).toBe(60);
  });

  it('has no limit once they have stopped', () => {
    const budget = new SignalBudget();
    events(budget, 400, 10_000);

    expect(budget.perSecond(10_150, WORKFLOWS)).toBe(60);
    expect(budget.perSecond(10_250, WORKFLOWS)).toBe(Number.POSITIVE_INFINITY);
    expect(budget.wait(10_250, WORKFLOWS)).toBe(0);
  });

  it('leaves the cores to the edge in a flood', () => {
    const budget = new SignalBudget();
    events(budget, 3_000, 10_000);

    expect(budget.perSecond(10_000, WORKFLOWS)).toBe(5);
  });

  it('grows with the line, so that no workflow waits much longer than five seconds', () => {
    const budget = new SignalBudget();
    events(budget, 400, 10_000);

    expect(budget.perSecond(10_000, 5_000)).toBe(1_000);
  });

  it('is one signal a second while events are refused, also through the silence of a slow commit', () => {
    const budget = new SignalBudget();
    events(budget, 3_000, 10_000);
    budget.shed(10_000);

    for (const silence of [0, 300, 900]) expect(budget.perSecond(10_000 + silence, WORKFLOWS)).toBe(1);
    expect(budget.perSecond(11_001, WORKFLOWS)).toBe(Number.POSITIVE_INFINITY);
  });
});
