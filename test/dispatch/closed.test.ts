import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/domain/event/fact.js';
import { receive, startOnboarding } from '../../src/domain/onboarding/life.js';
import type { OnboardingState } from '../../src/domain/onboarding/state.js';
import type { Policy } from '../../src/domain/policy/policy.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { DAY_MS, HOUR_MS } from '../../src/domain/time/duration.js';
import { fact, testPolicy } from '../support/onboarding-fixture.js';
import { bench, customerRow, NOW, pass, row } from './bench.js';

const COMPLETED_AT = NOW - 40 * DAY_MS;

/** An onboarding as it was stored when it closed: moved to launch, then completed. */
function completed(id: string): OnboardingState {
  const key = { workspace: 'main', mode: 'live', id } as const;
  const facts: Fact[] = [
    fact('created', COMPLETED_AT - 30 * DAY_MS, { phase: 'kickoff', state: 'active' }),
    fact('moved', COMPLETED_AT - 10 * DAY_MS, { phase: 'launch', state: 'active' }, { previous: { phase: 'kickoff' } }),
    fact('completed', COMPLETED_AT, { phase: 'launch', state: 'completed' }),
  ];
  const started = startOnboarding(key, REAL_CLOCK, COMPLETED_AT - 30 * DAY_MS);
  return { ...receive(started, facts, COMPLETED_AT), policy: testPolicy(), endedAt: NOW - 10 * DAY_MS };
}

describe('an event for an onboarding that has closed (B4)', () => {
  it('is late where it brings nothing back: no run is started, it is settled and counted', async () => {
    const here = bench();
    here.dispatcher.start();
    here.gateway.closed.add('onboarding/main/onb_1');
    here.finals.set('onb_1', completed('onb_1'));
    const task = here.accept(
      row('onb_1', { kind: 'task', type: 'task.completed', record: {}, at: COMPLETED_AT + HOUR_MS }),
    );
    await pass(100);

    expect(here.inbox.outcome(task)).toBe('late');
    expect(here.gateway.reopened).toEqual([]);
    expect(here.counted).toContain('slipway_events_late_total 1');
  });

  it('is late without a look at the archive: a sender may send months of them again', async () => {
    const here = bench({ events: { eventsOf: () => expect.fail('nothing brings it back') } });
    here.dispatcher.start();
    here.gateway.closed.add('onboarding/main/onb_1');
    here.finals.set('onb_1', completed('onb_1'));
    const task = here.accept(row('onb_1', { kind: 'task', type: 'task.completed', record: {}, at: NOW - HOUR_MS }));
    await pass(100);

    expect(here.inbox.outcome(task)).toBe('late');
  });

  it('reopens it from its stored state where it was sent back', async () => {
    const here = bench();
    here.dispatcher.start();
    here.gateway.closed.add('onboarding/main/onb_1');
    const final = completed('onb_1');
    here.finals.set('onb_1', final);
    const sentBack = { phase: 'integration', state: 'active' };
    const moved = here.accept(row('onb_1', { record: sentBack, previous: { phase: 'launch' }, at: NOW - HOUR_MS }));
    await pass(100);

    expect(here.gateway.reopened).toMatchObject([{ final, facts: [{ id: moved.route.fact.id }] }]);
    expect(here.inbox.outcome(moved)).toBe('signalled');
  });

  it('hears what overtook the event that reopens it, and calls it late no more', async () => {
    const here = bench();
    here.dispatcher.start();
    here.gateway.closed.add('onboarding/main/onb_1');
    here.finals.set('onb_1', completed('onb_1'));
    const risk = here.accept(row('onb_1', { kind: 'at_risk', type: 'onboarding.at_risk', record: {}, at: NOW }));
    await pass(100);
    expect(here.inbox.outcome(risk)).toBe('late');

    const sentBack = { phase: 'integration', state: 'active' };
    const moved = here.accept(row('onb_1', { record: sentBack, previous: { phase: 'launch' }, at: NOW - HOUR_MS }));
    await pass(100);
    here.gateway.closed.clear();
    here.finals.clear();
    await pass(10_000);

    const ids = [risk, moved].map(({ route }) => route.fact.id);
    expect(here.gateway.reopened.map(({ facts }) => facts.map(({ id }) => id))).toEqual([ids]);
    expect([risk, moved].map((one) => here.inbox.outcome(one))).toEqual(['signalled', 'signalled']);
  });

  it('is judged by the policy in force: a phase that was renamed since it closed is where it was', async () => {
    const renamed = testPolicy();
    const phases = renamed.phases.map((phase) => (phase.name === 'integration' ? { ...phase, name: 'wiring' } : phase));
    const sentBack = { record: { phase: 'wiring', state: 'active' }, previous: { phase: 'launch' }, at: NOW - HOUR_MS };
    const judged = async (policy: Policy): Promise<number> => {
      const here = bench({ policy: () => policy });
      here.dispatcher.start();
      here.gateway.closed.add('onboarding/main/onb_1');
      here.finals.set('onb_1', completed('onb_1'));
      here.accept(row('onb_1', sentBack));
      await pass(100);
      return here.gateway.reopened.length;
    };

    expect(await judged(renamed)).toBe(0);
    expect(await judged({ ...renamed, phases })).toBe(1);
  });

  it('leaves alone what was late before it closed, and what the life before it did not hear', async () => {
    const here = bench();
    here.dispatcher.start();
    here.gateway.closed.add('onboarding/main/onb_1');
    const final = { ...completed('onb_1'), endedAt: NOW + HOUR_MS };
    here.finals.set('onb_1', final);
    const before = here.accept(row('onb_1', { kind: 'at_risk', type: 'onboarding.at_risk', record: {}, at: NOW }));
    await pass(100);
    await pass(2 * HOUR_MS);
    const sentBack = { phase: 'integration', state: 'active' };
    const moved = here.accept(row('onb_1', { record: sentBack, previous: { phase: 'launch' }, at: NOW + HOUR_MS }));
    await pass(100);

    expect(here.gateway.reopened.map(({ facts }) => facts.map(({ id }) => id))).toEqual([[moved.route.fact.id]]);
    expect(here.inbox.outcome(before)).toBe('late');
  });

  it('starts no other one where Temporal has forgotten it, and still reopens it where it was sent back', async () => {
    const here = bench();
    here.dispatcher.start();
    here.gateway.forgotten.add('onboarding/main/onb_1');
    const final = completed('onb_1');
    here.finals.set('onb_1', final);
    const late = here.accept(
      row('onb_1', { kind: 'task', type: 'task.completed', record: {}, at: COMPLETED_AT + HOUR_MS }),
    );
    await pass(100);
    expect(here.inbox.outcome(late)).toBe('late');
    const sentBack = { phase: 'integration', state: 'active' };
    const moved = here.accept(row('onb_1', { record: sentBack, previous: { phase: 'launch' }, at: NOW - HOUR_MS }));
    await pass(100);

    expect(here.gateway.started).toEqual([]);
    expect(here.inbox.outcome(moved)).toBe('signalled');
    expect(here.gateway.reopened.map(({ facts }) => facts)).toEqual([[late.route.fact, moved.route.fact]]);
  });

  it('is late where no final state was stored', async () => {
    const here = bench();
    here.dispatcher.start();
    here.gateway.closed.add('onboarding/main/onb_1');
    const one = here.accept(row('onb_1'));
    await pass(100);
    expect(here.inbox.outcome(one)).toBe('late');
  });

  it('is tried again where the stored state cannot be read', async () => {
    let isDown = true;
    const here = bench({
      readModel: {
        final: async () => {
          if (isDown) throw new Error('down');
          return undefined;
        },
      },
    });
    here.dispatcher.start();
    here.gateway.closed.add('onboarding/main/onb_1');
    const one = here.accept(row('onb_1'));
    await pass(100);
    expect(here.inbox.outcome(one)).toBeNull();
    isDown = false;
    await pass(1_000);
    expect(here.inbox.outcome(one)).toBe('late');
  });

  it('of a customer is late', async () => {
    const here = bench();
    here.dispatcher.start();
    here.gateway.closed.add('customer/main/cus_1');
    const one = here.accept(customerRow('cus_1'));
    await pass(100);
    expect(here.inbox.outcome(one)).toBe('late');
    expect(here.gateway.reopened).toEqual([]);
  });
});
