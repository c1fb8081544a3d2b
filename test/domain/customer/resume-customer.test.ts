import { describe, expect, it } from 'vitest';
import { deny, link, receiveCustomer } from '../../../src/domain/customer/life.js';
import { resumeCustomer } from '../../../src/domain/customer/resume-customer.js';
import type { CustomerState } from '../../../src/domain/customer/state.js';
import { DAY, flags, newCustomer, T, telling, told } from './a-customer.js';

const linked = (state: CustomerState) =>
  link(link(state, { id: 'onb_2', createdAt: T + 1 }, T), { id: 'onb_1', createdAt: T }, T);

/** Lived until now, with the last word that an onboarding has in its log. */
function lived(): { state: CustomerState; last: NonNullable<Parameters<typeof resumeCustomer>[2]> } {
  const atRisk = telling(linked(newCustomer(told('at_risk', T), told('churned', T + DAY)))).state;
  const denied = deny(atRisk, { rule: 'customer_at_risk', at: T + 2 * DAY }, T);
  const { state, to } = telling(denied);
  const standing = to['onb_1'];
  if (!standing) throw new Error('nothing was said');
  return { state, last: { at: T + 2 * DAY, standing } };
}

/** Its events are heard once more, in any order, and its onboardings link again. */
const resumed = (open: readonly string[]) => {
  const { state, last } = lived();
  const fresh = resumeCustomer(state.key, state.clock, last, new Set(open));
  return receiveCustomer(fresh, [told('churned', T + DAY), told('at_risk', T)], T + 3 * DAY);
};

describe('a customer that begins with its last word', () => {
  it('has the flags it had: one that a person denied stays off, one that was set is set since then', () => {
    expect(flags(resumed(['onb_1', 'onb_2']))).toEqual(flags(lived().state));
    expect(flags(resumed(['onb_1']))).toEqual(['churned 1']);
  });

  it('goes on with the carrier there was, whoever links first, in words that are newer', () => {
    const { last } = lived();
    const { to } = telling(link(resumed(['onb_1', 'onb_2']), { id: 'onb_2', createdAt: T + 1 }, T));

    expect(to['onb_2']?.carriers).toEqual(last.standing.carriers);
    expect(to['onb_2']?.version).toBeGreaterThan(last.standing.version);
  });

  it('hears news as ever, and begins empty where it never said anything', () => {
    expect(flags(receiveCustomer(resumed(['onb_1']), [told('at_risk', T + 3 * DAY)], T))).toEqual([
      'at_risk 3',
      'churned 1',
    ]);
    const { state } = lived();
    const empty = resumeCustomer(state.key, state.clock, undefined, new Set());
    expect(flags(receiveCustomer(empty, [told('at_risk', T)], T))).toEqual(['at_risk 0']);
  });
});
