import { describe, expect, it } from 'vitest';
import { link, tell } from '../../src/domain/customer/life.js';
import type { CustomerState } from '../../src/domain/customer/state.js';
import { customerDetails } from '../../src/workflows/customer-details.js';
import { MINUTE, newCustomer, T, told } from '../domain/customer/a-customer.js';

const shown = (state: CustomerState) => customerDetails(tell(state, T).state).split('\n');

describe("a customer's page in the Temporal UI", () => {
  it('says which flag holds, since when, who carries it, and what is open', () => {
    const flagged = newCustomer(told('at_risk', T + MINUTE, { name: 'Ac|me' }));
    const linked = link(link(flagged, { id: 'onb_2', createdAt: T + MINUTE }, T), { id: 'onb_1', createdAt: T }, T);

    const lines = shown(linked);

    expect(lines[0]).toBe('### Ac\\|me');
    expect(lines).toContainEqual(expect.stringMatching(/^\| at_risk \| 2026-11-02 09:01 UTC \| .+ \| onb_1 \|$/));
    expect(lines).toContain('| onb_1 | 2026-11-02 09:00 UTC |');
    expect(lines).toContain('| onb_2 | 2026-11-02 09:01 UTC |');
    expect(lines.at(-1)).toBe('1 events applied, 0 repeats.');
  });

  it('says that a flag waits where nothing is open, and when there is none', () => {
    expect(shown(newCustomer(told('churned', T)))).toEqual(
      expect.arrayContaining([expect.stringMatching(/\| none is open: waits for one \|$/), 'No onboarding is open.']),
    );
    expect(shown(newCustomer(told('record', T)))).toContain('No flag is set.');
  });

  it('writes no address out', () => {
    expect(shown(newCustomer(told('record', T, { name: 'zoe@vendor.example' }))).join()).not.toContain('@');
  });
});
