import { describe, expect, it } from 'vitest';
import { deny, link, receiveCustomer, toldNothing, unlink, wasTold } from '../../../src/domain/customer/life.js';
import { carrierOf, chase, DAY, newCustomer, T, telling, told } from './a-customer.js';

const AT_RISK = told('at_risk', T, { name: 'Borealis' });
const open = (state: ReturnType<typeof newCustomer>, ...ids: readonly (readonly [string, number])[]) =>
  ids.reduce((all, [id, createdAt]) => link(all, { id, createdAt }, T), state);

describe('what onboardings are told', () => {
  it('is nothing while no flag is set', () => {
    const quiet = open(newCustomer(told('record', T, { name: 'Borealis', atRisk: false })), ['onb_1', T]);
    expect(telling(quiet)).toMatchObject({ to: {}, state: { version: 0 } });
  });

  it('is each change once, with a version that rises, and the end of the last flag', () => {
    const first = telling(open(newCustomer(AT_RISK), ['onb_1', T], ['onb_2', T + 1]));
    expect(Object.keys(first.to)).toEqual(['onb_1', 'onb_2']);
    expect(first.to['onb_1']).toEqual({
      customer: first.state.key.id,
      version: 1,
      name: 'Borealis',
      flags: [{ name: 'at_risk', since: T, reason: 'flagged at risk' }],
      carriers: { at_risk: 'onb_1' },
      others: ['onb_2'],
      handedOver: [],
    });
    expect(telling(first.state).to).toEqual({});
    const over = telling(receiveCustomer(first.state, [told('record', T + DAY, { atRisk: false })], T));
    expect(over.to['onb_2']).toMatchObject({ version: 2, flags: [], carriers: {} });
    expect(telling(over.state).to).toEqual({});
  });

  it('is told anew to one that was gone and is back between two tellings, since it forgot', () => {
    const { state } = telling(open(newCustomer(AT_RISK), ['onb_1', T], ['onb_2', T + 1]));
    const gone = unlink(state, { id: 'onb_2', carried: [] }, T + 2);
    expect([wasTold(state, 'onb_2'), wasTold(gone, 'onb_2'), wasTold(telling(gone).state, 'onb_2')]).toEqual([
      false,
      true,
      false,
    ]);

    expect(Object.keys(telling(open(toldNothing(gone, 'onb_2'), ['onb_2', T + 1])).to)).toContain('onb_2');
  });

  it('is told to an onboarding that links later, and news of the others to the carrier alone', () => {
    const before = telling(open(newCustomer(AT_RISK), ['onb_1', T], ['onb_2', T + 1])).state;
    const { to } = telling(open(before, ['onb_3', T + 2]));
    expect(Object.keys(to)).toEqual(['onb_1', 'onb_3']);
    expect(to['onb_1']?.others).toEqual(['onb_2', 'onb_3']);
  });

  it('is not changed by a link said twice', () => {
    const before = telling(open(newCustomer(AT_RISK), ['onb_1', T])).state;
    expect(telling(open(before, ['onb_1', T])).to).toEqual({});
  });
});

describe('the carrier of a flag', () => {
  it('is the onboarding with the smallest (created, id), and stays it', () => {
    const two = telling(open(newCustomer(AT_RISK), ['onb_b', T + 1], ['onb_a', T + 1])).state;
    expect(carrierOf(two, 'at_risk')).toBe('onb_a');
    expect(carrierOf(open(two, ['onb_old', T - DAY]), 'at_risk')).toBe('onb_a');
  });

  it('is one for all flags that the same rule chases', () => {
    const carried = telling(open(newCustomer(AT_RISK), ['onb_b', T])).state;
    const older = open(carried, ['onb_a', T - DAY]);
    const dropped = receiveCustomer(older, [told('health_dropped', T + 1), told('churned', T + 1)], T);
    expect(telling(dropped).state.carriers).toEqual({ at_risk: 'onb_b', health_dropped: 'onb_b', churned: 'onb_a' });
  });

  it('is chosen anew when the flag is set anew', () => {
    const carried = open(telling(open(newCustomer(AT_RISK), ['onb_b', T])).state, ['onb_a', T - DAY]);
    const denied = telling(deny(carried, { rule: 'customer_at_risk', at: T + DAY }, T)).state;
    const again = receiveCustomer(denied, [told('at_risk', T + 2 * DAY)], T);
    expect(carrierOf(again, 'at_risk')).toBe('onb_a');
  });
});

describe('a carrier that closes', () => {
  const carried = telling(open(newCustomer(AT_RISK), ['onb_1', T], ['onb_2', T + 1], ['onb_3', T + 2])).state;

  it('hands its escalation to the next, whole and once', () => {
    const left = unlink(carried, { id: 'onb_1', carried: [chase('esc_1'), chase('esc_2', 'stuck_in_phase')] }, T);
    const { state, to } = telling(left);
    expect(to['onb_2']).toMatchObject({
      carriers: { at_risk: 'onb_2' },
      others: ['onb_3'],
      handedOver: [{ to: 'onb_2', escalation: chase('esc_1') }],
    });
    expect(to['onb_2']?.handedOver).toHaveLength(1);
    expect(to['onb_3']?.handedOver).toEqual([]);
    expect(telling(state).to).toEqual({});
  });

  it('hands on what was on its way to another that closed meanwhile', () => {
    const left = unlink(carried, { id: 'onb_1', carried: [chase('esc_1')] }, T);
    const both = unlink(left, { id: 'onb_2', carried: [] }, T);
    expect(telling(both).to['onb_3']?.handedOver).toEqual([{ to: 'onb_3', escalation: chase('esc_1') }]);
  });

  it('hands on nothing of a flag that has ended, and nothing where nobody is left', () => {
    const over = receiveCustomer(carried, [told('record', T + DAY, { atRisk: false })], T);
    expect(telling(unlink(over, { id: 'onb_1', carried: [chase('esc_1')] }, T)).to['onb_2']?.handedOver).toEqual([]);
    const alone = ['onb_3', 'onb_2', 'onb_1'].reduce(
      (all, id) => unlink(all, { id, carried: [chase('esc_1')] }, T),
      carried,
    );
    expect(alone).toMatchObject({ open: [], carriers: {}, handedOver: [], emptySince: T });
  });
});

describe('a flag that is set while no onboarding is open', () => {
  it('waits two weeks for the first one', () => {
    expect(carrierOf(open(newCustomer(AT_RISK), ['onb_1', T + 14 * DAY]), 'at_risk')).toBe('onb_1');
    const late = telling(open(newCustomer(AT_RISK), ['onb_1', T + 14 * DAY + 1]));
    expect(late.to).toEqual({});
    expect(carrierOf(receiveCustomer(late.state, [told('at_risk', T + 15 * DAY)], T), 'at_risk')).toBe('onb_1');
  });

  it('counts from the day its last carrier closed', () => {
    const left = unlink(
      telling(open(newCustomer(AT_RISK), ['onb_1', T])).state,
      { id: 'onb_1', carried: [] },
      T + 20 * DAY,
    );
    expect(carrierOf(open(left, ['onb_2', T + 30 * DAY]), 'at_risk')).toBe('onb_2');
    expect(carrierOf(open(left, ['onb_2', T + 40 * DAY]), 'at_risk')).toBeUndefined();
  });

  it('is taken up by an onboarding that was open then, whenever its link comes', () => {
    expect(carrierOf(open(newCustomer(AT_RISK), ['onb_1', T - 90 * DAY]), 'at_risk')).toBe('onb_1');
  });
});

describe('the state of a customer', () => {
  it('stays small and survives JSON through years of nightly syncs', () => {
    let state = newCustomer(AT_RISK);
    for (let n = 1; n < 1500; n++)
      state = receiveCustomer(
        state,
        [told('record', T + n * DAY, { name: 'Borealis', healthScore: n % 90 })],
        T + n * DAY,
      );
    state = telling(open(state, ['onb_1', T])).state;
    expect(state.counts.applied).toBe(1500);
    expect(state.facts.length).toBeLessThanOrEqual(100);
    expect(JSON.stringify(state).length).toBeLessThan(32_000);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    expect(carrierOf(state, 'at_risk')).toBe('onb_1');
  });
});
