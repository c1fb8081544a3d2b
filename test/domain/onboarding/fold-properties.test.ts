import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyLate, compact, fold, isLate, orderFacts } from '../../../src/domain/onboarding/fold.js';
import { anyFact, shuffledFacts, someFacts } from './some-facts.js';

describe('the fold of any facts', () => {
  it('is the same for every order and every repetition of them', () => {
    fc.assert(
      fc.property(shuffledFacts, ([facts, shuffled]) => {
        expect(fold(null, shuffled)).toEqual(fold(null, facts));
        expect(orderFacts(shuffled)).toEqual(orderFacts(facts));
      }),
      { numRuns: 3000 },
    );
  });

  it('is the same whatever was compacted before', () => {
    fc.assert(
      fc.property(someFacts, fc.nat(12), fc.nat(12), (facts, keep, keepLater) => {
        const first = compact(null, facts, keep);
        const second = compact(first.base, first.facts, keepLater);
        expect(fold(first.base, first.facts)).toEqual(fold(null, facts));
        expect(fold(second.base, second.facts)).toEqual(fold(null, facts));
      }),
      { numRuns: 3000 },
    );
  });

  it('is the same whether late facts are applied when they come or lie among the others', () => {
    fc.assert(
      fc.property(someFacts, anyFact, (facts, late) => {
        const { base, facts: young } = compact(
          null,
          facts.filter((it) => it.id !== late.id),
          5,
        );
        fc.pre(base !== null && isLate(base, late));
        if (!base) return;
        expect(fold(base, [...young, late])).toEqual(fold(applyLate(base, late), young));
      }),
      { numRuns: 1000 },
    );
  });

  it('survives JSON', () => {
    fc.assert(
      fc.property(someFacts, (facts) => {
        const history = fold(null, facts);
        expect(JSON.parse(JSON.stringify(history))).toEqual(history);
        expect(JSON.stringify(history)).not.toContain('undefined');
      }),
      { numRuns: 1000 },
    );
  });

  it('changes neither the base nor the facts', () => {
    fc.assert(
      fc.property(someFacts, (facts) => {
        const { base, facts: young } = compact(null, facts, 8);
        const before = JSON.stringify([base, young]);
        fold(base, young);
        if (base && young[0]) applyLate(base, young[0]);
        expect(JSON.stringify([base, young])).toBe(before);
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps its lists in order of time, without the same value twice in a row', () => {
    fc.assert(
      fc.property(someFacts, (facts) => {
        const { phases, states, targets, risks } = fold(null, facts);
        for (const list of [phases, states, risks])
          for (const [i, it] of list.entries()) expect(it.from).toBeGreaterThanOrEqual(list[i - 1]?.from ?? 0);
        for (const [i, it] of targets.entries()) if (i) expect(it.date).not.toBe(targets[i - 1]?.date);
        for (const span of risks.slice(0, -1)) expect(span.to).not.toBeNull();
      }),
      { numRuns: 1000 },
    );
  });

  it('stays small and true at its ends, however often everything changes', () => {
    const facts = Array.from({ length: 3000 }, (_, n) => ({
      id: `evt_${n}`,
      source: 'pivotal',
      type: 'onboarding.phase_changed',
      kind: n % 3 ? ('moved' as const) : ('at_risk' as const),
      at: n * 3_600_000,
      heardAt: n * 3_600_000,
      record: { phase: `phase ${n % 7}`, state: n % 2 ? 'active' : 'at_risk', target: `2026-12-${10 + (n % 19)}` },
      previous: {},
    }));
    const history = fold(null, facts);
    expect(JSON.stringify(history).length).toBeLessThan(24_000);
    expect(history.targets[0]?.date).toBe('2026-12-10');
    expect(history.phases.at(-1)?.phase).toBe(`phase ${2999 % 7}`);
    expect(fold(...(Object.values(compact(null, facts, 50)) as [typeof history, typeof facts]))).toEqual(history);
  });
});
