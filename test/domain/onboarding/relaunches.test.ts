import { describe, expect, it } from 'vitest';
import { fold } from '../../../src/domain/onboarding/fold.js';
import { DAY, HOUR, MONDAY, told } from './some-facts.js';

const T = MONDAY;

describe('launches after the first', () => {
  const lap = [
    told('moved', T, { phase: 'launch' }),
    told('launched', T, {}, { id: 'l1' }),
    told('moved', T + DAY, { phase: 'uat' }),
    told('moved', T + 2 * DAY, { phase: 'launch' }),
    told('launched', T + 2 * DAY, { launchedAt: T + 2 * DAY - HOUR }, { id: 'l2' }),
  ];

  it('are kept where a move lies before them, by the date of the record and by the event', () => {
    expect(fold(null, lap)).toMatchObject({ launchedAt: T, relaunches: [T + 2 * DAY - HOUR] });
    expect(fold(null, lap.slice(0, 4)).relaunches).toBeUndefined();
    expect(fold(null, [lap[0], lap[1], told('launched', T + DAY)] as typeof lap).relaunches).toBeUndefined();
  });

  it('are no repeats of the launch of a later lap', () => {
    const next = [
      told('completed', T + 3 * DAY, { state: 'completed' }),
      told('state', T + 4 * DAY, { state: 'active' }, { previous: { state: 'completed' } }),
      told('launched', T + 5 * DAY, {}, { id: 'l3' }),
    ];
    const again = told('record', T + 6 * DAY, { launchedAt: T + 5 * DAY });

    expect(fold(null, [...lap, ...next, again])).toMatchObject({
      launchedAt: T + 5 * DAY,
      relaunches: [T + 2 * DAY - HOUR],
    });
  });

  it('are ten at the most, the latest', () => {
    const facts = Array.from({ length: 12 }, (_, n) => [
      told('moved', T + 2 * n * DAY, { phase: n % 2 ? 'uat' : 'launch' }),
      told('launched', T + (2 * n + 1) * DAY, {}, { id: `l${n}` }),
    ]).flat();

    expect(fold(null, facts).relaunches).toEqual(Array.from({ length: 10 }, (_, n) => T + (2 * (n + 2) + 1) * DAY));
  });
});
