import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareStates, fingerprint } from '../../src/domain/compare-states.js';
import { act } from '../../src/domain/escalation/act.js';
import type { OnboardingState } from '../../src/domain/onboarding/state.js';
import { reconcile } from '../../src/domain/reconcile.js';
import { begunAnew, remake } from '../../src/domain/remake.js';
import { rebuild, type Record } from '../../src/domain/why.js';
import { OFFICE } from '../support/office-policy.js';
import { policyOf } from '../support/story.js';
import { happenings, RandomLife } from '../support/random-life.js';

const POLICY = policyOf(OFFICE);
const RUNS = { numRuns: 400 };
const NOTHING = { facts: [], told: [] };

function recordOf(life: RandomLife): Record {
  return {
    key: life.state.key,
    clock: life.state.clock,
    startedAt: life.state.startedAt,
    facts: new Map(life.facts.map((fact) => [fact.id, fact] as const)),
    log: life.log,
    policy: () => POLICY,
  };
}

const carried = (state: OnboardingState) => ({
  nextEscalation: state.nextEscalation,
  duplicates: state.counts.duplicates,
});

const calls = (state: OnboardingState) =>
  state.escalations.flatMap((one) => one.sends).filter(({ status }) => status === 'calling');

describe('a state remade from archive and log', () => {
  it('differs in nothing from the one that was lived', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const life = new RandomLife(POLICY).live(list);
        const remade = remake(recordOf(life), NOTHING, life.now);

        expect(compareStates(life.state, remade)).toEqual([]);
        expect(fingerprint(remade)).toBe(fingerprint(life.state));
        expect(remade.nextLogSeq).toBe(life.state.nextLogSeq);
      }),
      RUNS,
    );
  });

  it('begins anew where the one before stopped: the same next wake, and nothing sent that was sent', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const life = new RandomLife(POLICY).live(list);
        fc.pre(life.state.policy !== null && calls(life.state).length === 0);
        const begun = begunAnew(remake(recordOf(life), NOTHING, life.now), carried(life.state), 'Rebuilt.', life.now);

        const before = reconcile(life.state, POLICY, life.now);
        const after = reconcile(begun, POLICY, life.now);
        const sends = ({ effects }: typeof before) => effects.filter((effect) => effect.do === 'send');
        expect(after.wake).toEqual(before.wake);
        expect(sends(after)).toEqual(sends(before));
      }),
      RUNS,
    );
  });

  it('makes a call that was out again under its key, and not before it must have ended', () => {
    let met = 0;
    fc.assert(
      fc.property(happenings, (list) => {
        const life = new RandomLife(POLICY).live(list);
        const out = calls(life.state).map(({ key }) => key);
        fc.pre(out.length > 0);
        met++;
        const begun = begunAnew(remake(recordOf(life), NOTHING, life.now), carried(life.state), 'Rebuilt.', life.now);

        expect(calls(begun)).toEqual([]);
        const again = begun.escalations.flatMap((one) => one.sends).filter(({ key }) => out.includes(key));
        for (const send of again.filter(({ status }) => status === 'waiting'))
          expect(send.notBefore).toBeGreaterThanOrEqual(life.now + 20_000);
        expect(again.map(({ key }) => key).sort()).toEqual([...out].sort());
      }),
      RUNS,
    );
    expect(met).toBeGreaterThan(20);
  });

  it('can itself be told again from a log that says that it began anew', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const life = new RandomLife(POLICY).live(list);
        const begun = begunAnew(remake(recordOf(life), NOTHING, life.now), carried(life.state), 'Rebuilt.', life.now);
        const log = [...life.log, ...begun.log];

        const { log: _l, nextLogSeq: _n, shown: _s, ...told } = rebuild({ ...recordOf(life), log }, life.now);
        const { log: _m, nextLogSeq: _o, shown: _t, ...stands } = begun;
        expect(told).toEqual(stands);
      }),
      RUNS,
    );
  });

  it('takes in what came and is not logged: an event, and what a person was told is done', () => {
    const life = new RandomLife(POLICY).live([
      {
        do: 'event',
        kind: 'at_risk',
        phase: 'kickoff',
        state: 'active',
        owner: 'mia@vendor.example',
        target: '',
        late: 0,
      },
      { do: 'wait', minutes: 60 },
    ]);
    const [escalation] = life.state.escalations;
    if (!escalation) throw new Error('nothing is open');
    const action = { verb: 'acknowledge', escalationId: escalation.id, by: { id: 'tom', name: 'Tom' } } as const;
    const late = { ...life.facts[0], id: 'evt_unheard' } as (typeof life.facts)[number];

    const remade = remake(recordOf(life), { facts: [late], told: [{ at: life.now, action }] }, life.now);

    const acted = act(life.state, action, life.now);
    expect(remade.escalations[0]).toEqual(acted.escalations[0]);
    expect(remade.counts.applied).toBe(life.state.counts.applied + 1);
    expect(remade.log.map(({ seq, what }) => [seq, what.kind])).toEqual([
      [life.state.nextLogSeq, 'action'],
      [life.state.nextLogSeq + 1, 'applied'],
    ]);
  });
});

describe('a difference', () => {
  it('names the field, and shows instants as dates', () => {
    const life = new RandomLife(POLICY).live([
      {
        do: 'event',
        kind: 'at_risk',
        phase: 'kickoff',
        state: 'active',
        owner: 'mia@vendor.example',
        target: '',
        late: 0,
      },
    ]);
    const [first] = life.state.escalations;
    if (!first) throw new Error('nothing is open');
    const tampered: OnboardingState = {
      ...life.state,
      escalations: [{ ...first, level: first.level + 1, openedAt: first.openedAt + 60_000 }],
    };

    expect(compareStates(tampered, life.state)).toEqual([
      {
        field: `escalations[${first.id}].openedAt`,
        present: new Date(first.openedAt + 60_000).toISOString(),
        rebuilt: new Date(first.openedAt).toISOString(),
      },
      { field: `escalations[${first.id}].level`, present: String(first.level + 1), rebuilt: String(first.level) },
    ]);
    expect(fingerprint(tampered)).not.toBe(fingerprint(life.state));
  });
});
