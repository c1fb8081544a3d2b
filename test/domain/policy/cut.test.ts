import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutPolicy } from '../../../src/domain/policy/cut.js';
import { findPerson } from '../../../src/domain/policy/person.js';
import type { Person, Policy, TimeOff } from '../../../src/domain/policy/policy.js';
import { loadPolicy } from '../../../src/policy-file/load.js';

const NOW = Date.parse('2026-11-24T12:00:00Z');

/** A vendor with 200 people in five offices, four layers of managers, holidays and days off. */
function vendor(): Policy {
  const offices = [
    ['berlin', 'Europe/Berlin', 'DE'],
    ['new_york', 'America/New_York', 'US'],
    ['tokyo', 'Asia/Tokyo', 'JP'],
    ['sydney', 'Australia/Sydney', 'AU'],
    ['sao_paulo', 'America/Sao_Paulo', 'BR'],
  ];
  const calendars = offices.map(([name, zone, country]) => {
    return `  ${name}: { time_zone: ${zone}, hours: { mon-fri: "09:00-12:00, 13:00-18:00" }, holidays: { country: ${country} } }`;
  });
  const people = Array.from({ length: 200 }, (_, i) => {
    const manager = i === 0 ? '' : `manager: p${Math.floor((i - 1) / 5)}, `;
    const away = i % 3 === 0 ? `, time_off: [{ from: 2026-12-01, to: 2026-12-11, delegate: p${(i + 7) % 200} }]` : '';
    return `  - { id: p${i}, name: Person Number ${i}, emails: [person.${i}@vendor.example], pivotal_ids: [usr_${i}], ${manager}calendar: ${offices[i % 5]?.[0]}${away} }`;
  });
  const text = ['workspace: { calendar: berlin }', 'calendars:', ...calendars, 'people:', ...people].join('\n');
  const loaded = loadPolicy(`${text}\nroles: { exec_sponsor: p0 }\nfallback: { to: [p1], channels: [log] }`, NOW);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  return loaded.file.policy;
}

const VENDOR = vendor();

function managers(policy: Policy, person: Person | undefined): string[] {
  const chain: string[] = [];
  for (
    let next = person?.manager;
    next !== undefined && !chain.includes(next);
    next = findPerson(policy, next)?.manager
  )
    chain.push(next);
  return chain;
}

const CROWD = 12;
const id = fc.nat(CROWD - 1).map((n) => `p${n}`);
const people: fc.Arbitrary<Person[]> = fc
  .array(
    fc.record({
      manager: fc.option(id, { nil: undefined }),
      delegates: fc.array(id, { maxLength: 2 }),
      calendar: fc.constantFrom('a', 'b', 'c'),
    }),
    {
      minLength: CROWD,
      maxLength: CROWD,
    },
  )
  .map((drafts) =>
    drafts.map(({ manager, delegates, calendar }, n) => ({
      id: `p${n}`,
      name: `P ${n}`,
      emails: [`p${n}@vendor.example`],
      pivotalIds: [`usr_${n}`],
      ...(manager === undefined ? {} : { manager }),
      calendar,
      channels: ['log'],
      timeOff: delegates.map((delegate, i): TimeOff => ({ from: i, to: i + 1, delegate })),
    })),
  );
const word = fc.oneof(
  id,
  fc.nat(CROWD).map((n) => `P${n}@Vendor.example`),
  fc.nat(CROWD).map((n) => `usr_${n}`),
  fc.constant('stranger'),
);
const names = fc.array(word, { maxLength: 4 });
const office = VENDOR.calendars.berlin;
if (!office) throw new Error('no calendar');
const policy: fc.Arbitrary<Policy> = fc
  .tuple(people, fc.array(id, { maxLength: 2 }), id)
  .map(([crowd, to, sponsor]) => ({
    ...VENDOR,
    people: crowd,
    workspace: { timeZone: 'UTC', calendar: 'a' },
    calendars: { a: office, b: office, c: office, d: office },
    ladders: { nudge: [{ after: { amount: 0, unit: 'minutes' }, to: ['owner', ...to] }] },
    roles: { exec_sponsor: sponsor },
  }));

/** Whom the policy itself names. */
function named({ roles, ladders, fallback }: Policy): string[] {
  const levels = Object.values(ladders).flat();
  return [...Object.values(roles), ...levels.flatMap((level) => level.to), ...fallback.to];
}

describe('a cut policy', () => {
  it('finds everyone who is asked for, each with the same managers, delegates and calendar', () => {
    fc.assert(
      fc.property(policy, names, (whole, asked) => {
        const cut = cutPolicy(whole, asked);
        const own = named(whole);
        for (const name of [...asked, ...own]) {
          const person = findPerson(whole, name);
          expect(findPerson(cut, name)).toEqual(person);
          expect(managers(cut, person)).toEqual(managers(whole, person));
          for (const { delegate } of person?.timeOff ?? []) expect(findPerson(cut, delegate ?? '')).toBeDefined();
          if (person) expect(cut.calendars[person.calendar]).toBe(whole.calendars[person.calendar]);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('cut again for the same names stays the same, and so does one for the names in another order', () => {
    fc.assert(
      fc.property(policy, names, (whole, asked) => {
        const cut = cutPolicy(whole, asked);
        expect(cutPolicy(cut, asked)).toEqual(cut);
        expect(JSON.stringify(cutPolicy(whole, asked.toReversed()))).toBe(JSON.stringify(cut));
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves out whom nobody can name, and calendars that nobody in it uses', () => {
    fc.assert(
      fc.property(policy, names, (whole, asked) => {
        const cut = cutPolicy(whole, asked);
        const used = new Set([whole.workspace.calendar, ...cut.people.map((person) => person.calendar)]);
        expect(new Set(Object.keys(cut.calendars))).toEqual(used);
        const own = named(whole);
        const meant = [...asked, ...own].map((name) => findPerson(whole, name)?.id);
        const related = cut.people.flatMap(({ manager, timeOff }) => [
          manager,
          ...timeOff.map((away) => away.delegate),
        ]);
        for (const { id } of cut.people) expect([...meant, ...related]).toContain(id);
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps all that is no person or calendar, and the version', () => {
    const cut = cutPolicy(VENDOR, []);
    expect({ ...cut, people: [], calendars: {} }).toEqual({ ...VENDOR, people: [], calendars: {} });
    expect(cut.people.map((person) => person.id)).toContain('p0');
  });

  it('takes at most 16 kB out of a vendor with 200 people', () => {
    expect(JSON.stringify(VENDOR).length).toBeGreaterThan(30_000);
    for (let i = 0; i < 200; i += 1) {
      const cut = cutPolicy(VENDOR, [`person.${i}@vendor.example`, `usr_${(i * 37) % 200}`]);
      expect(JSON.stringify(cut).length, `p${i}`).toBeLessThan(16 * 1024);
    }
  });
});

describe('finding a person', () => {
  it('prefers an id to an address to a Pivotal id, and reads addresses in any case', () => {
    const base = { name: 'x', calendar: 'a', channels: [], timeOff: [] };
    const whole: Policy = {
      ...VENDOR,
      people: [
        { ...base, id: 'first', emails: ['a@x.example'], pivotalIds: ['second', 'usr_1'] },
        { ...base, id: 'second', emails: [], pivotalIds: ['a@x.example'] },
      ],
    };
    expect(findPerson(whole, 'second')?.id).toBe('second');
    expect(findPerson(whole, 'A@X.example')?.id).toBe('first');
    expect(findPerson(whole, 'usr_1')?.id).toBe('first');
    expect(findPerson(whole, 'SECOND')).toBeUndefined();
  });
});
