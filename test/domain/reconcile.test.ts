import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { situate } from '../../src/domain/onboarding/situation.js';
import type { OnboardingState } from '../../src/domain/onboarding/state.js';
import { cutPolicy } from '../../src/domain/policy/cut.js';
import { reconcile } from '../../src/domain/reconcile.js';
import { RULES } from '../../src/domain/rules/index.js';
import { isStopped } from '../../src/domain/time/stops.js';
import { rebuild } from '../../src/domain/why.js';
import { OFFICE } from '../support/office-policy.js';
import { happenings, RandomLife } from '../support/random-life.js';
import { policyOf } from '../support/story.js';

const POLICY = policyOf(OFFICE);
const RUNS = { numRuns: Number(process.env.PROPERTY_RUNS ?? 1_000) };

/** What a decision rests on; the rest is bookkeeping of the shell. */
function core({ log: _l, nextLogSeq: _n, shown: _s, linkedTo: _t, revivedAt: _r, ...rest }: OnboardingState) {
  return rest;
}

describe('reconcile', () => {
  it('sends nothing of an acknowledged, snoozed or resolved escalation, whatever comes in between', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const life = new RandomLife(POLICY).live(list);

        for (const { send, escalation } of life.sent) {
          if (send.kind === 'notified') expect(escalation.status).toBe('open');
          else expect(escalation.status).toBe(send.kind);
        }
      }),
      RUNS,
    );
  });

  it('sends nothing of a rule whose clock stands still, and never while a call of the same key is out or done', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const life = new RandomLife(POLICY).live(list);

        const done = new Set<string>();
        for (const { send, escalation, at, state } of life.sent) {
          const stops = RULES.find((rule) => rule.name === escalation.rule)?.stops ?? 'none';
          if (send.kind === 'notified') expect(isStopped(situate(state, POLICY, at).stops[stops], at)).toBe(false);
          expect(done.has(`${send.key}#${send.tries}`)).toBe(false);
          done.add(`${send.key}#${send.tries}#${at}`);
        }
        for (const { sends } of life.state.escalations)
          expect(new Set(sends.map((one) => one.key)).size).toBe(sends.length);
      }),
      RUNS,
    );
  });

  it('leaves no due instant behind: nothing changes before the wake it names, and the wake lies ahead', () => {
    fc.assert(
      fc.property(happenings, fc.double({ min: 0, max: 0.999, noNaN: true }), (list, part) => {
        new RandomLife(POLICY, (life, { wake }) => {
          if (wake) expect(wake.at).toBeGreaterThan(life.now);
          const between = wake ? life.now + Math.floor((wake.at - life.now) * part) : life.now + 1_000_000;
          const early = reconcile(life.state, POLICY, between);
          expect(early.effects.filter((effect) => effect.do === 'send')).toEqual([]);
          expect(core(early.state)).toEqual(core(life.state));
        }).live(list);
      }),
      RUNS,
    );
  });

  it('dates nothing before the decision before it: a workflow that is never late sends nothing that was due long ago', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        let before = 0;
        const known = new Set<string>();
        new RandomLife(POLICY, ({ now, state }) => {
          const fresh = state.escalations.flatMap((one) => one.sends.filter(({ key }) => !known.has(key)));
          for (const send of fresh) {
            known.add(send.key);
            expect([send.key, send.dueAt], `${before} ${now}`).toEqual([
              send.key,
              Math.max(send.dueAt, Math.min(before + 1, now)),
            ]);
          }
          before = now;
        }).live(list);
      }),
      RUNS,
    );
  });

  it('decides nothing the second time at one instant', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        new RandomLife(POLICY, (life, { wake }) => {
          const again = reconcile(life.state, POLICY, life.now);
          expect(again.state).toBe(life.state);
          expect(again.effects.filter((effect) => effect.do !== 'cancel' && effect.do !== 'close')).toEqual([]);
          expect(again.wake).toEqual(wake);
        }).live(list);
      }),
      RUNS,
    );
  });

  it('is not changed by continuing as new after any happening: state → JSON → state', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const plain = new RandomLife(POLICY).live(list);
        const carried = new RandomLife(
          POLICY,
          undefined,
          (state) => JSON.parse(JSON.stringify(state)) as OnboardingState,
        ).live(list);

        expect(carried.state).toEqual(plain.state);
        expect(carried.sent.map(({ at, send }) => [at, send.key])).toEqual(
          plain.sent.map(({ at, send }) => [at, send.key]),
        );
        expect(JSON.parse(JSON.stringify(plain.state))).toEqual(plain.state);
      }),
      RUNS,
    );
  });

  it('can be told again from archive and decision log, at every recorded instant', () => {
    fc.assert(
      fc.property(happenings, (list) => {
        const states: { at: number; state: OnboardingState; seq: number }[] = [];
        const life = new RandomLife(POLICY, ({ now, state, log }) =>
          states.push({ at: now, state, seq: log.length }),
        ).live(list);
        const facts = new Map(life.facts.map((fact) => [fact.id, fact] as const));
        const record = {
          key: life.state.key,
          clock: life.state.clock,
          startedAt: life.state.startedAt,
          facts,
          log: life.log,
          policy: () => POLICY,
        };

        const last = new Map(states.map((one) => [one.at, one.state] as const));
        for (const [at, state] of last) {
          const { counts: _c, ...told } = core(rebuild(record, at));
          const { counts: _d, ...lived } = core(state);
          expect(told).toEqual(lived);
        }
      }),
      { ...RUNS, numRuns: Math.min(RUNS.numRuns, 1_000) },
    );
  });

  it('decides the same by a cut of the policy as by the whole', () => {
    const crowd = Array.from(
      { length: 60 },
      (_, n) =>
        `  - { id: p${n}, name: Person ${n}, emails: [p${n}@vendor.example], calendar: office, channels: [hook] }`,
    ).join('\n');
    const big = policyOf(OFFICE.replace('people:\n', `people:\n${crowd}\n`));
    fc.assert(
      fc.property(happenings, (list) => {
        const names = ['mia@vendor.example', 'ana@vendor.example', 'nobody', 'mia', 'tom', 'ana'];
        const whole = new RandomLife(big).live(list);
        const cut = new RandomLife(cutPolicy(big, names)).live(list);

        expect(cut.sent.map(({ at, send }) => [at, send.key])).toEqual(
          whole.sent.map(({ at, send }) => [at, send.key]),
        );
      }),
      { numRuns: Math.min(300, RUNS.numRuns) },
    );
  });
});
