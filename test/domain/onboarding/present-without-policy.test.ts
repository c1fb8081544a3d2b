import { describe, expect, it } from 'vitest';
import { receive, startOnboarding } from '../../../src/domain/onboarding/life.js';
import { presentOnboarding } from '../../../src/domain/onboarding/present.js';
import { REAL_CLOCK } from '../../../src/domain/time/clock.js';
import { DAY_MS } from '../../../src/domain/time/duration.js';
import { fact } from '../../support/onboarding-fixture.js';

const MONDAY = Date.UTC(2026, 10, 2, 9);
const KEY = { workspace: 'main', mode: 'live', id: 'onb_1' } as const;

describe('an onboarding whose policy has not been read yet', () => {
  it('is shown in the state that its own events say', () => {
    const facts = [
      fact('created', MONDAY, { phase: 'kickoff' }),
      fact('launched', MONDAY + DAY_MS, { phase: 'launch' }),
      fact('completed', MONDAY + 2 * DAY_MS, { phase: 'launch', state: 'completed' }),
    ];
    const states = facts.map((_, nth) => {
      const now = MONDAY + 3 * DAY_MS;
      const state = receive(startOnboarding(KEY, REAL_CLOCK, MONDAY), facts.slice(0, nth + 1), now);
      return presentOnboarding(state, now, null).state;
    });

    expect(states).toEqual(['running', 'launched', 'completed']);
  });
});
