import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffPolicies } from '../../src/policy-file/diff.js';
import { loadPolicy } from '../../src/policy-file/load.js';
import { FULL_POLICY, NOW } from './policies.js';

const texts = (before: string, after: string): string[] => diffPolicies(before, after).map(({ text }) => text);
const edited = (from: string, to: string): string => {
  expect(FULL_POLICY).toContain(from);
  return FULL_POLICY.replace(from, to);
};

describe('the difference between two policies', () => {
  it.each([
    [
      'a ladder',
      'stuck_in_phase:       { ladder: steep,',
      'stuck_in_phase:       { ladder: nudge,',
      'rules.stuck_in_phase.ladder: steep -> nudge',
    ],
    [
      'a threshold',
      'target_near:          { ladder: nudge, within: 7 days }',
      'target_near:          { ladder: nudge, within: 9 days }',
      'rules.target_near.within: 7 days -> 9 days',
    ],
    [
      'a phase by its name',
      'kickoff,     behind: 3 working days',
      'kickoff,     behind: 1 working day',
      'phases.kickoff.behind: 3 working days -> 1 working day',
    ],
    [
      'a level of a ladder',
      '{ after: 4 working hours, to: [owner, desk, hook] }',
      '{ after: 4 working hours, to: [owner] }',
      'ladders.steep[0].to: [owner, desk, hook] -> [owner]',
    ],
    ['a person by its id', 'manager: tom, ', '', 'people.mia.manager: removed tom'],
    [
      'a rule turned on',
      'no_activity:          off',
      'no_activity: { ladder: steep }',
      'rules.no_activity: off -> { after: 5 working days, any_hour: false, ladder: steep, severity: normal }',
    ],
    ['something turned off', 'catch_up: 1 hour\n', 'catch_up: 30 minutes\n', 'catch_up: 1 hour -> 30 minutes'],
    ['a date', 'closed: ["2026-12-24"]', 'closed: []', 'calendars.office.closed: [2026-12-24] -> []'],
  ])('names %s', (_what, from, to, text) => {
    expect(texts(FULL_POLICY, edited(from, to))).toEqual([text]);
  });

  it('tells a person that came and one that went, and changes none of the others', () => {
    const more = edited('people:\n', 'people:\n  - { id: new, name: New One }\n');

    expect(diffPolicies(FULL_POLICY, more)).toEqual([
      expect.objectContaining({ path: 'people.new', kind: 'added', before: null }),
    ]);
    expect(texts(more, FULL_POLICY)[0]).toMatch(/^people\.new: removed \{ .*id: new, name: New One/);
  });

  it('tells a new order of the phases', () => {
    const turned = edited('  - { name: go-live }\n', '').replace('phases:\n', 'phases:\n  - { name: go-live }\n');

    expect(texts(FULL_POLICY, turned)).toEqual([
      'phases: order kickoff, integration, go-live -> go-live, kickoff, integration',
    ]);
  });

  it.each([
    ['a comment', `# hello\n${FULL_POLICY}`],
    ['another spelling of a length', edited('settle: 3 minutes', 'settle: 3  minute')],
    [
      'a default that is written out',
      edited('{ type: log }', '{ "type": "log" }').replace('{ id: desk }', '{ id: desk, emails: [], time_off: [] }'),
    ],
  ])('finds none in %s', (_what, other) => {
    expect(texts(FULL_POLICY, other)).toEqual([]);
  });

  it('compares with the built-in policy where one is empty', () => {
    expect(texts('', 'rules: { no_activity: off }')).toEqual([
      'rules.no_activity: { after: 5 working days, any_hour: false, ladder: nudge, severity: normal } -> off',
    ]);
  });

  it('is empty exactly where the version is the same', () => {
    const lines = FULL_POLICY.split('\n');
    fc.assert(
      fc.property(fc.subarray([...lines.keys()], { maxLength: 6 }), (left) => {
        const other = lines.filter((_line, index) => !left.includes(index)).join('\n');
        const [one, two] = [loadPolicy(FULL_POLICY, NOW), loadPolicy(other, NOW)];
        if (!one.ok || !two.ok) return;
        expect(diffPolicies(FULL_POLICY, other).length === 0).toBe(one.hash === two.hash);
      }),
      { numRuns: 40 },
    );
  });
});
