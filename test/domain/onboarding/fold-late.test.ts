import { describe, expect, it } from 'vitest';
import { applyLate, compact, fold, isLate } from '../../../src/domain/onboarding/fold.js';
import type { History } from '../../../src/domain/onboarding/history.js';
import { DAY, MONDAY, task, told } from './some-facts.js';

const T = MONDAY;
const BASE = fold(null, [
  told('at_risk', T, { phase: 'uat', state: 'active', target: '2026-12-08' }),
  told('moved', T + 10 * DAY, { phase: 'launch' }),
]);
const late = (history: History, ...facts: Parameters<typeof applyLate>[1][]) => facts.reduce(applyLate, history);

describe('compacting', () => {
  const facts = [
    told('created', T),
    told('moved', T + 1, { phase: 'a' }),
    told('moved', T + 1, { phase: 'b' }),
    task('t', T + 2),
  ];

  it('folds the oldest and never splits an instant', () => {
    expect(compact(null, facts, 3).facts).toHaveLength(3);
    expect(compact(null, facts, 2).facts.map((it) => it.kind)).toEqual(['task']);
    expect(compact(null, facts, 2).base?.upTo).toBe(T + 1);
  });

  it('leaves alone what is few', () => {
    expect(compact(null, facts, 10)).toMatchObject({ base: null, facts: { length: 4 } });
  });
});

describe('a late fact', () => {
  it('is one that happened at or before the end of the base', () => {
    expect(isLate(BASE, told('task', BASE.upTo))).toBe(true);
    expect(isLate(BASE, told('task', BASE.upTo + 1))).toBe(false);
  });

  it('brings a launch, a creation, a task and who it is', () => {
    const known = late(
      BASE,
      told('launched', T + DAY),
      told('created', T - DAY, { name: 'Borealis', customerId: 'cus_1' }),
      task('a', T + DAY),
    );
    expect(known).toMatchObject({
      launchedAt: T + DAY,
      createdAt: T - DAY,
      firstSeenAt: T - DAY,
      name: 'Borealis',
      customerId: 'cus_1',
      tasksDone: 1,
    });
    expect(late(known, told('launched', T + 2 * DAY)).launchedAt).toBe(T + DAY);
    expect(known.activityAt).toBe(BASE.activityAt);
  });

  it('changes no phase, state or owner, and nothing that is known', () => {
    const known = late(BASE, told('moved', T + DAY, { phase: 'kickoff', state: 'paused', owner: 'mia@v.example' }));
    expect(known).toEqual(BASE);
  });

  it('brings an earlier first promise', () => {
    expect(late(BASE, told('record', T - DAY, { target: '2026-12-01' })).targets).toEqual([
      { date: '2026-12-01', at: T - DAY },
      { date: '2026-12-08', at: T },
    ]);
    expect(late(BASE, told('record', T - DAY, { target: '2026-12-08' })).targets).toEqual([
      { date: '2026-12-08', at: T - DAY },
    ]);
    expect(late(BASE, told('record', T + DAY, { target: '2026-12-24' })).targets).toEqual(BASE.targets);
  });

  it('ends a risk that nothing raised after it', () => {
    expect(late(BASE, told('back_on_track', T + DAY)).risks).toEqual([{ from: T, to: T + DAY, events: [T] }]);
    expect(late(BASE, told('back_on_track', T)).risks[0]?.to).toBeNull();
  });

  it('completes only where nothing followed', () => {
    expect(late(BASE, told('completed', T + DAY)).completedAt).toBeNull();
    expect(late(BASE, told('completed', BASE.upTo)).completedAt).toBe(BASE.upTo);
  });
});
