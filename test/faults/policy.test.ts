import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { faultPolicy, LADDER } from './policy.js';

describe('the policy under faults', () => {
  it('has no ladder but those that the checker knows the end of', () => {
    const { ladders } = parse(faultPolicy('http://127.0.0.1/hook')) as { ladders: Record<string, readonly object[]> };

    for (const levels of Object.values(ladders)) {
      expect(levels).toHaveLength(LADDER.levels);
      expect(levels.map((level) => ('repeat' in level ? level.repeat : undefined))).toEqual([
        undefined,
        undefined,
        { every: '3 hours', times: LADDER.repeats },
      ]);
    }
  });
});
