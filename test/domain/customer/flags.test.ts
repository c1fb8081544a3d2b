import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CustomerFact } from '../../../src/domain/event/fact.js';
import { flagsOf } from '../../../src/domain/customer/flags.js';
import { compactCustomer, foldCustomer } from '../../../src/domain/customer/fold-customer.js';
import { deny, receiveCustomer, revived } from '../../../src/domain/customer/life.js';
import { DAY, drop, flags, MINUTE, newCustomer, T, told } from './a-customer.js';

describe('a customer flag', () => {
  it('is set by its event, or by a record or status that says so', () => {
    expect(flags(newCustomer(told('at_risk', T)))).toEqual(['at_risk 0']);
    expect(flags(newCustomer(told('record', T, { atRisk: true })))).toEqual(['at_risk 0']);
    expect(flags(newCustomer(told('record', T, { status: 'at_risk' })))).toEqual(['at_risk 0']);
    expect(flags(newCustomer(told('churned', T)))).toEqual(['churned 0']);
    expect(flags(newCustomer(told('record', T, { churned: true })))).toEqual(['churned 0']);
    expect(flags(newCustomer(told('archived', T)))).toEqual(['archived 0']);
    expect(flags(newCustomer(told('record', T, { status: 'archived' })))).toEqual(['archived 0']);
    expect(flags(newCustomer(drop(T, 72, 38)))).toEqual(['health_dropped 0']);
  });

  it('lasts from its first telling until a later record or status denies it', () => {
    const set = [
      told('at_risk', T),
      told('at_risk', T + DAY),
      told('record', T + 2 * DAY, { atRisk: true }),
      told('record', T + 3 * DAY, { name: 'x' }),
    ];
    expect(flags(newCustomer(...set))).toEqual(['at_risk 0']);
    expect(flags(newCustomer(...set, told('record', T + 4 * DAY, { atRisk: false })))).toEqual([]);
    expect(flags(newCustomer(...set, told('record', T + 4 * DAY, { status: 'active' })))).toEqual([]);
    expect(flags(newCustomer(told('archived', T), told('record', T + DAY, { atRisk: false, churned: false })))).toEqual(
      ['archived 0'],
    );
    expect(
      flags(newCustomer(told('churned', T, { status: 'churned' }), told('record', T + DAY, { status: 'onboarding' }))),
    ).toEqual([]);
  });

  it('is not denied by its own event’s snapshot, nor by a record of the same instant', () => {
    expect(
      flags(newCustomer(told('at_risk', T, { atRisk: false }), told('record', T, { atRisk: false, name: 'b' }))),
    ).toEqual(['at_risk 0']);
  });

  it('gives way to a status that says something worse', () => {
    expect(
      flags(newCustomer(told('record', T, { status: 'at_risk' }), told('record', T + DAY, { status: 'churned' }))),
    ).toEqual(['churned 1']);
  });
});

describe('a health drop', () => {
  it('is over when a later score is back within 10 points of the score before it', () => {
    const score = (healthScore: number) => told('record', T + DAY, { healthScore });
    expect(flags(newCustomer(drop(T, 72, 62), score(62)))).toEqual(['health_dropped 0']);
    expect(flags(newCustomer(drop(T, 72, 62), score(63)))).toEqual([]);
    expect(flags(newCustomer(drop(T, 90, 78), drop(T + 1, 78, 60), score(75)))).toEqual(['health_dropped 0']);
    expect(flags(newCustomer(drop(T, 90, 78), drop(T + 1, 78, 60), score(81)))).toEqual([]);
  });

  it('says from where to where', () => {
    const { facts } = newCustomer(drop(T, 72, 38));
    expect(flagsOf(foldCustomer(null, facts), {})[0]?.reason).toBe('health score dropped from 72 to 38');
  });
});

describe('a denied flag', () => {
  it('is off until a later event sets it, not when records go on repeating it', () => {
    const denied = deny(
      newCustomer(told('at_risk', T), drop(T, 72, 38), told('churned', T)),
      { rule: 'customer_at_risk', at: T + DAY },
      T,
    );
    expect(flags(denied)).toEqual(['churned 0']);
    const repeated = receiveCustomer(denied, [told('record', T + 2 * DAY, { atRisk: true })], T);
    expect(flags(repeated)).toEqual(['churned 0']);
    expect(flags(receiveCustomer(repeated, [told('at_risk', T + 3 * DAY)], T))).toEqual(['at_risk 3', 'churned 0']);
    expect(flags(receiveCustomer(repeated, [told('at_risk', T + DAY)], T))).toEqual(['churned 0']);
  });

  it('is set by a record that said no in between', () => {
    const denied = deny(newCustomer(told('record', T, { atRisk: true })), { rule: 'customer_at_risk', at: T + DAY }, T);
    const facts = [told('record', T + 2 * DAY, { atRisk: false }), told('record', T + 3 * DAY, { atRisk: true })];
    expect(flags(receiveCustomer(denied, facts, T))).toEqual(['at_risk 3']);
  });
});

describe('a churn or archive hold', () => {
  const lost = newCustomer(told('churned', T), told('archived', T + DAY), told('at_risk', T));

  it('ends when an onboarding goes on more than a minute later', () => {
    expect(flags(revived(lost, { id: 'onb_1', at: T + 2 * DAY }, T))).toEqual(['at_risk 0']);
    expect(flags(revived(lost, { id: 'onb_1', at: T + DAY + MINUTE }, T))).toEqual(['at_risk 0', 'archived 1']);
    expect(flags(revived(lost, { id: 'onb_1', at: T + MINUTE }, T))).toHaveLength(3);
  });

  it('does not come back with a record that repeats it, but with a new event', () => {
    const back = revived(lost, { id: 'onb_1', at: T + 2 * DAY }, T);
    expect(flags(receiveCustomer(back, [told('record', T + 3 * DAY, { churned: true })], T))).toEqual(['at_risk 0']);
    expect(flags(receiveCustomer(back, [told('churned', T + 3 * DAY)], T))).toEqual(['at_risk 0', 'churned 3']);
  });
});

const score = fc.constantFrom(null, 30, 40, 65, 70, 80);
const anyFact: fc.Arbitrary<CustomerFact> = fc
  .record({
    id: fc.nat(60).map((n) => `evt_${n}`),
    kind: fc.constantFrom('record', 'archived', 'health_dropped', 'at_risk', 'churned', 'contact'),
    at: fc.nat(12).map((n) => T + n * DAY),
    record: fc.record(
      {
        name: fc.constantFrom('Borealis', null),
        status: fc.constantFrom('active', 'at_risk', 'churned', 'archived', null),
        atRisk: fc.boolean(),
        churned: fc.boolean(),
        healthScore: score,
      },
      { requiredKeys: [] },
    ),
    previous: fc.record({ healthScore: score }, { requiredKeys: [] }),
  })
  .map((it) => ({ ...it, source: 'pivotal', type: `customer.${it.kind}`, heardAt: it.at }));
const someFacts = fc.uniqueArray(anyFact, { selector: (it) => it.id, maxLength: 25 });

describe('the flags of any facts', () => {
  it('are the same for every order and every repetition of them', () => {
    const shuffled = someFacts.chain((facts) =>
      fc.tuple(fc.constant(facts), fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2 })),
    );
    fc.assert(
      fc.property(shuffled, ([facts, twice]) => {
        const once = foldCustomer(null, facts);
        expect(foldCustomer(null, twice)).toEqual(once);
        const heard = twice.reduce((state, fact) => receiveCustomer(state, [fact], T), newCustomer());
        expect(flags(heard)).toEqual(flags(newCustomer(...facts)));
        expect(heard.counts).toEqual({ applied: facts.length, duplicates: facts.length });
      }),
      { numRuns: 2000 },
    );
  });

  it('are the same whatever was compacted before, whoever denied them, and survive JSON', () => {
    fc.assert(
      fc.property(someFacts, fc.nat(10), fc.nat(12), (facts, keep, denied) => {
        const whole = foldCustomer(null, facts);
        const { base, facts: young } = compactCustomer(null, facts, keep);
        const rest = foldCustomer(base, young);
        expect(rest).toEqual(whole);
        expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
        const at = { at_risk: T + denied * DAY, churned: T + denied * DAY };
        for (const flag of flagsOf(rest, at)) if (flag.name in at) expect(flag.since).toBeGreaterThan(T + denied * DAY);
      }),
      { numRuns: 2000 },
    );
  });
});
