import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../../src/policy-file/load.js';
import type { PolicyError } from '../../src/policy-file/problem.js';
import { FULL_POLICY, NOW } from './policies.js';

function errorsOf(text: string): readonly PolicyError[] {
  const loaded = loadPolicy(text, NOW);
  return loaded.ok ? [] : loaded.errors;
}

/** `line:column path: message` of each error. */
function told(text: string): string[] {
  return errorsOf(text).map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
}

describe('a mistake in the policy file is told at its line, with the reason and what to write instead', () => {
  it.each([
    ['phasess: []', '1:1 phasess:', 'Did you mean "phases"?'],
    ['people:\n  - { id: mia, mangr: tom }', '2:16 people[0].mangr:', 'Did you mean "manager"?'],
    ['people:\n  - { id: mia, manager: tim }\n  - { id: tom }', '2:16 people[0].manager:', 'Did you mean "tom"?'],
    ['people:\n  - { id: mia }\n  - { id: mia }', '3:7 people[1].id:', 'belongs to "mia" already'],
    [
      'people:\n  - { id: mia, emails: [A@x.example] }\n  - { id: tom, emails: [a@x.example] }',
      '3:25 people[1].emails[0]:',
      'belongs to "mia"',
    ],
    ['people:\n  - { id: a, manager: b }\n  - { id: b, manager: a }', '2:14 people[0].manager:', 'a → b → a'],
    ['people: [{ id: a, manager: a }]', '1:19 people[0].manager:', 'themselves'],
    ['people: [{ id: a, calendar: offce }]', '1:19 people[0].calendar:', 'Did you mean "office"?'],
    [
      'people: [{ id: a, channels: [mail] }]',
      '1:30 people[0].channels[0]:',
      'There is no channel "mail". There is log.',
    ],
    ['people: [{ id: 17 }]', '1:12 people[0].id:', 'in quotes ("17")'],
    ['people: [{ id: a, emails: [mia] }]', '1:28 people[0].emails[0]:', 'is not an e-mail address'],
    ['people: [{ id: owner }]', '1:12 people[0].id:', 'both a person and a role'],
    [
      'people: [{ id: a, time_off: [{ from: 2026-12-05, to: 2026-12-01 }] }]',
      '1:50 people[0].time_off[0].to:',
      'lies before from',
    ],
    [
      'people: [{ id: a, time_off: [{ from: 2026-02-30, to: 2026-03-01 }] }]',
      '1:32 people[0].time_off[0].from:',
      'not a date',
    ],
    [
      'people: [{ id: a, time_off: [{ from: 2026-12-01, to: 2026-12-02, delegate: bo }] }]',
      '1:66 people[0].time_off[0].delegate:',
      'no person "bo"',
    ],
    [
      'channels: { mail: { type: email, smtp_url_env: SMTP_URL, from: a@x.example } }\npeople: [{ id: a, channels: [mail] }]',
      '2:30 people[0].channels[0]:',
      'no e-mail address',
    ],
    ['roles: { sponsor: tom }', '1:10 roles.sponsor:', 'There is no person "tom"'],
    ['roles: { owner: tom }\npeople: [{ id: tom }]', '1:10 roles.owner:', 'records carry themselves'],
    ['workspace: { time_zone: Europe/Berln }', '1:14 workspace.time_zone:', 'Did you mean "Europe/Berlin"?'],
    ['workspace: { calendar: offices }', '1:14 workspace.calendar:', 'Did you mean "office"?'],
    ['calendars: { a: {}, b: {} }', '1:1 workspace.calendar:', 'which one the rules count in: a or b'],
    ['calendars: { a: { hours: {} } }', '1:19 calendars.a.hours:', 'never open'],
    ['calendars: { a: { hours: { mon: "9-17" } } }', '1:28 calendars.a.hours.mon:', 'like "09:00-17:00"'],
    ['calendars: { a: { hours: { mon: "09:00-25:00" } } }', '1:28 calendars.a.hours.mon:', 'up to 24:00'],
    ['calendars: { a: { hours: { moon: "09:00-17:00" } } }', '1:28 calendars.a.hours.moon:', 'names no days'],
    [
      'calendars: { a: { hours: { mon-fri: "09:00-17:00", fri: "09:00-15:00" } } }',
      '1:52 calendars.a.hours.fri:',
      'given by "mon-fri" already',
    ],
    ['calendars: { a: { holidays: { country: XX } } }', '1:31 calendars.a.holidays.country:', 'two-letter code'],
    ['calendars: { a: { holidays: { country: DE, region: QQ } } }', '1:44 calendars.a.holidays.region:', 'BE (Berlin)'],
    [
      'calendars: { a: { holidays: { country: SG, region: QQ } } }',
      '1:44 calendars.a.holidays.region:',
      'leave "QQ" out',
    ],
    ['calendars: { a: { closed: [2026-13-01] } }', '1:28 calendars.a.closed[0]:', 'not a date'],
    ['phases:\n  - { name: uat }\n  - { name: uat }', '3:7 phases[1].name:', 'listed twice'],
    ['phases:\n  - { stuck: 3 days }', '2:5 phases[0].name:', 'is missing'],
    ['phases: [{ name: uat, behind: 5 days, stuck: 3 days }]', '1:23 phases[0].behind:', 'longer than stuck'],
    ['settle: 3 business days', '1:1 settle:', 'says "working"'],
    ['settle: 1 working day', '1:1 settle:', 'at night too'],
    ['cool_down: 1', '1:1 cool_down:', '("1 days")'],
    ['cool_down: "1"', '1:1 cool_down:', 'The unit is missing'],
    ['cool_down: 2 weeks', '1:1 cool_down:', 'count in days'],
    ['cool_down: 1.5 working days', '1:1 cool_down:', 'use working hours for parts'],
    ['cool_down: 99999999 days', '1:1 cool_down:', 'longer than ten years'],
    ['cool_down:', '1:1 cool_down:', 'is empty'],
    ['acknowledge: { expires_after: 0 days }', '1:16 acknowledge.expires_after:', 'above zero'],
    ['still_true_after: never', '1:1 still_true_after:', 'Or write "off"'],
    ['states: { on_hold: pausd }', '1:11 states.on_hold:', 'Did you mean "paused"?'],
    ['rules: { at_risk: { ladder: urgnt } }', '1:21 rules.at_risk.ladder:', 'Did you mean "urgent"?'],
    ['rules: { at_risk: { after: soon } }', '1:21 rules.at_risk.after:', 'not a length of time'],
    ['rules: { at_risk: false }', '1:10 rules.at_risk:', 'must be "off"'],
    [
      'rules: { waiting_too_long: { after: { waitin: 3 days } } }',
      '1:39 rules.waiting_too_long.after.waitin:',
      'Did you mean "waiting"?',
    ],
    ['rules: { target_moved: { times: 0 } }', '1:26 rules.target_moved.times:', 'at least 1'],
    ['ladders:\n  nudge: []', '2:3 ladders.nudge:', 'has no level'],
    [
      'ladders:\n  nudge:\n    - { after: 0 minutes, to: [ownr] }',
      '3:32 ladders.nudge[0].to[0]:',
      'Did you mean "owner"?',
    ],
    ['ladders:\n  nudge:\n    - { to: [owner] }', '3:7 ladders.nudge[0].after:', 'is missing'],
    [
      'ladders:\n  nudge:\n    - { after: 0 minutes, to: [owner], repeat: { every: 0 days, times: 1 } }',
      '3:50 ladders.nudge[0].repeat.every:',
      'above zero',
    ],
    ['ladders: { "my ladder": [] }', '1:12 ladders.my ladder:', 'must be a name'],
    ['channels: { s: { type: slack, token_env: T } }', '1:18 channels.s.type:', 'slack is not supported yet'],
    ['channels: { s: { type: webhok } }', '1:18 channels.s.type:', 'Did you mean "webhook"?'],
    [
      'channels: { s: { type: webhook, url: "https://x.example" } }',
      '1:13 channels.s.secret_env:',
      'secrets are never written here',
    ],
    ['channels: { s: { type: webhook, url: "x.example", secret_env: S } }', '1:33 channels.s.url:', 'in full'],
    ['channels: { s: { type: webhook, url: "ftp://x.example", secret_env: S } }', '1:33 channels.s.url:', 'over https'],
    [
      'channels: { s: { type: webhook, url: "https://a:b@x.example", secret_env: S } }',
      '1:33 channels.s.url:',
      'leave them out',
    ],
    ['channels: { s: { type: email, smtp_url_env: SMTP_URL, from: me } }', '1:55 channels.s.from:', 'not a sender'],
    ['channels: { owner: { type: log } }', '1:13 channels.owner:', 'both a channel and a role'],
    ['sources: { Main: { secret_env: S } }', '1:12 sources.Main:', 'small letters'],
    ['sources: { main: {} }', '1:12 sources.main.secret_env:', 'is missing'],
    ['sources: {}', '1:1 sources:', 'nothing could arrive'],
    ['sources: { main: { secret_env: S, mode: prod } }', '1:35 sources.main.mode:', 'Write live or test'],
    ['fallback: { to: [nobody] }', '1:18 fallback.to[0]:', 'is nobody'],
    ['fallback: { channels: [hook] }', '1:24 fallback.channels[0]:', 'There is no channel "hook"'],
    ['- a', '1:1 :', 'The file must be settings'],
    ['a: 1\na: 2', '2:1 :', 'written twice'],
    ['a:\n\t- b', '2:1 :', 'A tab'],
    ['people: [', '1:10 :', 'not valid YAML'],
    ['a: 1\n---\nb: 2', '2:1 :', 'second document'],
  ])('%s', (text, place, reason) => {
    const lines = told(text);
    const found = lines.find((line) => line.startsWith(place));
    expect(found, lines.join('\n')).toContain(reason);
  });

  it('names only what is wrong: nothing follows from a mistake that was told already', () => {
    const text = `
people: [{ id: mia, manager: tom }, { id: tom, calendar: night, emails: nope }]
calendars: { night: { hours: 5 } }
channels: { hook: { type: webhook } }
ladders: { steep: [{ after: soon, to: [hook, mia, nobody] }] }
rules: { at_risk: { ladder: steep } }
workspace: { calendar: night }
`;
    expect(errorsOf(text).map((error) => error.path)).toEqual([
      'people[1].emails',
      'calendars.night.hours',
      'channels.hook.url',
      'channels.hook.secret_env',
      'ladders.steep[0].after',
      'ladders.steep[0].to[2]',
    ]);
  });

  it('tells a circle of managers once, and not to those below it', () => {
    const text = 'people: [{ id: d, manager: b }, { id: a, manager: b }, { id: b, manager: c }, { id: c, manager: a }]';
    expect(told(text)).toEqual([
      expect.stringContaining('people[1].manager: These people form a circle (a → b → c → a)'),
    ]);
  });

  it('keeps the numbers of list items after broken ones', () => {
    const text = 'people:\n  - { id: 1 }\n  - { id: 2 }\n  - { id: mia, manager: nobody }';
    expect(told(text).at(-1)).toMatch(/^4:16 people\[2\].manager: /);
  });

  it('lets two people stand in for each other at different times, but not on the same day', () => {
    const people = (from: string) => `
people:
  - { id: a, time_off: [{ from: 2026-12-01, to: 2026-12-05, delegate: b }] }
  - { id: b, time_off: [{ from: ${from}, to: 2026-12-09, delegate: c }] }
  - { id: c, time_off: [{ from: 2026-12-01, to: 2026-12-31, delegate: a }] }`;
    expect(told(people('2026-12-06'))).toEqual([]);
    expect(told(people('2026-12-05'))).toEqual([
      expect.stringMatching(/^3:61 people\[0\].time_off\[0\].delegate: .*a → b → c → a/),
    ]);
  });

  it('refuses days off that overlap', () => {
    const text =
      'people: [{ id: a, time_off: [{ from: 2026-12-01, to: 2026-12-05 }, { from: 2026-12-05, to: 2026-12-06 }] }]';
    expect(told(text)).toEqual([expect.stringContaining('people[0].time_off[1]: These days overlap')]);
  });

  it('never repeats a secret that was pasted in place of its name', () => {
    const text =
      'sources: { pivotal: { secret_env: "whsec_c2VjcmV0" } }\nchannels: { m: { type: email, from: a@x.example, smtp_url_env: "smtp://me:pw@mail.example" } }';
    const lines = told(text);
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toMatch(/c2VjcmV0|pw@/);
  });

  it('is never an exception, whatever the text', () => {
    // Looking holidays up takes most of the time and none of the risk.
    const files = [
      FULL_POLICY.replace(/holidays: \{[^}]*\}, |, holidays: \{[^}]*\}/g, ''),
      readFileSync(new URL('../../config/slipway.yaml', import.meta.url), 'utf8'),
    ];
    const cut = fc.record({
      file: fc.constantFrom(...files),
      at: fc.nat(5_000),
      length: fc.nat(30),
      put: fc.string({ maxLength: 8 }),
    });
    const mangled = cut.map(({ file, at, length, put }) => {
      const begin = at % file.length;
      return file.slice(0, begin) + put + file.slice(begin + length);
    });
    const yaml = fc.oneof(
      { weight: 4, arbitrary: mangled },
      { weight: 1, arbitrary: fc.string() },
      { weight: 1, arbitrary: fc.json() },
    );
    fc.assert(
      fc.property(yaml, (text) => {
        const lines = text.split('\n').length;
        for (const error of errorsOf(text)) {
          expect(error.line).toBeGreaterThan(0);
          expect(error.line).toBeLessThanOrEqual(lines);
          expect(error.message).toMatch(/[.!?]$/);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('is never an exception for any value under the real keys', () => {
    const keys = [
      'workspace',
      'calendars',
      'phases',
      'people',
      'roles',
      'sources',
      'channels',
      'ladders',
      'rules',
      'fallback',
      'states',
      'settle',
    ];
    const inner = [
      'id',
      'after',
      'to',
      'every',
      'times',
      'hours',
      'time_off',
      'from',
      'type',
      'ladder',
      'repeat',
      'manager',
      '__proto__',
      'nudge',
    ];
    const { node } = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('3 days', 'owner', '2026-12-01', 'off', 3, null, true),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...inner), tie('node'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), node), (file) => {
        expect(() => errorsOf(JSON.stringify(file))).not.toThrow();
      }),
      { numRuns: 1_000 },
    );
  });
});
