import { describe, expect, it } from 'vitest';
import { RULE_NAMES } from '../../src/contracts/api-escalations.js';
import { RULES } from '../../src/domain/rules/index.js';
import { isFrozen } from './parts/frozen.js';

/** Which stops freeze what each hold is: the domain's own words, which the checker does not read. */
const STOPPED_BY = { any_hold: ['waiting', 'blocked', 'paused', 'customer'], pause: ['paused', 'customer'] } as const;

describe("the checker's table of holds", () => {
  it('says of every rule and every hold what the rules themselves say', () => {
    for (const rule of RULES) {
      const stopped: readonly string[] =
        rule.stops === 'none' ? [] : rule.stops === 'customer' ? ['customer'] : STOPPED_BY[rule.stops];
      for (const hold of STOPPED_BY.any_hold)
        expect([rule.name, hold, isFrozen(rule.name, hold)]).toEqual([rule.name, hold, stopped.includes(hold)]);
      expect(isFrozen(rule.name, null)).toBe(false);
    }
    expect(RULES).toHaveLength(RULE_NAMES.length);
  });
});
