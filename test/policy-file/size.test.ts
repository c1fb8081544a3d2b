import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cutPolicy } from '../../src/domain/policy/cut.js';
import { MOST_BYTES } from '../../src/policy-file/check-size.js';
import { loadNewPolicy, loadPolicy } from '../../src/policy-file/load.js';
import { FULL_POLICY, NOW } from './policies.js';

const DEFAULT = readFileSync(new URL('../../config/slipway.yaml', import.meta.url), 'utf8');
const COUNTRIES = ['DE', 'US', 'GB', 'JP', 'BR', 'CH', 'ES', 'FR'];

const calendars = COUNTRIES.map(
  (country) =>
    `  ${country.toLowerCase()}: { time_zone: UTC, hours: { mon-fri: "09:00-17:00" }, holidays: { country: ${country} } }`,
).join('\n');
const person = (n: number, more = '') =>
  `  - { id: p${n}, name: Person number ${n}, emails: [person.${n}@vendor.example], pivotal_ids: [usr_${n}], calendar: ${COUNTRIES[n % 8]?.toLowerCase()}${n > 4 ? `, manager: p${Math.floor(n / 5)}` : ''}${more} }`;
/** A world-wide vendor: eight countries, four levels of managers, all of them with their holidays. */
const worldWide = (more: (n: number) => string = () => '') =>
  `workspace: { calendar: de }\ncalendars:\n${calendars}\npeople:\n${Array.from({ length: 400 }, (_, n) => person(n, more(n))).join('\n')}\n`;
const dayOf = (n: number): string => new Date(Date.UTC(2025, 0, 6 + n)).toISOString().slice(0, 10);
/** Two years of days off, as an export of somebody's personnel system writes them. */
const EXPORTED = Array.from({ length: 100 }, (_, n) => `{ from: ${dayOf(7 * n)}, to: ${dayOf(7 * n + 1)} }`);
const TOO_LARGE = worldWide((n) => (n < 40 ? `, time_off: [${EXPORTED.join(', ')}]` : ''));

describe('what one onboarding has to carry of a policy', () => {
  it('is 3 kB of the one that ships', () => {
    const loaded = loadPolicy(DEFAULT, NOW);
    if (!loaded.ok) throw new Error('it is valid');

    expect(Buffer.byteLength(JSON.stringify(cutPolicy(loaded.file.policy, [])))).toBeLessThan(3_500);
    expect(loadNewPolicy(DEFAULT, NOW).ok).toBe(true);
  });

  it('fits for a vendor of eight countries and four hundred people, since it is cut', () => {
    expect(loadNewPolicy(FULL_POLICY, NOW).ok).toBe(true);
    expect(loadNewPolicy(worldWide(), NOW)).toMatchObject({ ok: true });
  });

  it('is refused beyond 32 kB, with what is large and where it stands', () => {
    const loaded = loadNewPolicy(TOO_LARGE, NOW);

    expect(loaded.ok).toBe(false);
    expect(loaded).toEqual({
      ok: false,
      errors: [
        {
          path: 'people',
          line: TOO_LARGE.split('\n').indexOf('people:') + 1,
          column: expect.any(Number),
          message: expect.stringMatching(
            /^One onboarding could have to carry \d\d kB of this policy, and 32 kB are the most\. The largest parts are people \(\d\d kB\) and calendars \(\d+ kB\): take out/,
          ),
        },
      ],
    });
    expect(MOST_BYTES).toBe(32_000);
  });

  it('is asked of new policies alone: one that is in force can still be read', () => {
    expect(loadPolicy(TOO_LARGE, NOW).ok).toBe(true);
  });

  it('counts whoever manages or stands in for those whom a record may name, before people who say more themselves', () => {
    const singles = Array.from({ length: 6 }, (_, n) => `  - { id: s${n}, name: ${'y'.repeat(120)} }`);
    const chain = Array.from(
      { length: 300 },
      (_, n) => `  - { id: p${n}, name: ${'x'.repeat(80)}${n < 299 ? `, manager: p${n + 1}` : ''} }`,
    );

    expect(loadNewPolicy(`people:\n${singles.join('\n')}\n`, NOW).ok).toBe(true);
    expect(loadNewPolicy(`people:\n${[...singles, ...chain].join('\n')}\n`, NOW).ok).toBe(false);
  });
});
