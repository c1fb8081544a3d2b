import { describe, expect, it } from 'vitest';
import { parseEvent, isQuarantined } from '../../src/domain/event/envelope.js';
import type { Fact } from '../../src/domain/event/fact.js';
import { routeEvent } from '../../src/domain/event/route.js';
import { adoptPolicy, receive, startOnboarding } from '../../src/domain/onboarding/life.js';
import { presentOnboarding } from '../../src/domain/onboarding/present.js';
import { needsPolicy } from '../../src/domain/policy/names.js';
import { reconcile } from '../../src/domain/reconcile.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { DAY_MS } from '../../src/domain/time/duration.js';
import { Dice } from '../../src/simulator/dice.js';
import { Books } from '../../src/simulator/books.js';
import { bodyOf } from '../../src/simulator/event.js';
import { createScenario } from '../../src/simulator/scenario.js';
import { MONDAY_9, testPolicy } from '../support/onboarding-fixture.js';
import { sameEnds } from './parts/invariants.js';
import { permutations, repeatedAndShuffled } from './parts/orders.js';
import { told } from './parts/size.js';

/** B1 of the fault list. */
const SEED = Number(process.env['FAULTS_SEED'] ?? 20_261_123);
const SHUFFLES = 1_000;

describe('the order in which events come (B1)', () => {
  const startAt = MONDAY_9 - 100 * DAY_MS;
  const endAt = MONDAY_9;
  const policy = testPolicy();

  /** One life's facts, each with its own time, heard at the end. */
  function lives(): readonly (readonly Fact[])[] {
    const { steps, lives: all, org } = createScenario({ seed: SEED, startAt, days: 90, onboardings: 14, tag: '' });
    const books = new Books(org, true);
    const hearing = {
      source: 'pivotal',
      workspace: 'main',
      sourceMode: 'live',
      heardAt: endAt,
      fallbackAt: endAt,
    } as const;
    const facts = steps.flatMap((step) => {
      const event = parseEvent(JSON.parse(bodyOf(books.enter(step, step.at), 'envelope')));
      const route = isQuarantined(event) ? undefined : routeEvent(event, hearing);
      return route?.to === 'onboarding' ? [{ id: route.key.id, fact: route.fact }] : [];
    });
    return all.map(({ id }) => facts.filter((one) => one.id === id).map((one) => one.fact));
  }

  /** What is known and decided at the end; how often a repeat came is no part of it. */
  function end(facts: readonly Fact[]): object {
    const key = { workspace: 'main', mode: 'live', id: 'onb_1' } as const;
    let state = startOnboarding(key, REAL_CLOCK, startAt);
    for (const one of facts) state = receive(state, [one], endAt);
    for (let names = needsPolicy(state); names; names = needsPolicy(state))
      state = adoptPolicy(state, policy, names, endAt);
    const { state: decided, wake } = reconcile(state, policy, endAt);
    const { events, ...view } = presentOnboarding(decided, endAt, wake);
    return { ...view, applied: events.applied };
  }

  it('changes nothing: every permutation of six events, and any shuffle of a whole life, ends the same', () => {
    const all = lives();
    const [long] = [...all].sort((a, b) => b.length - a.length);
    const six = (long ?? []).slice(0, 6);
    const expected = end(six);
    const permuted = [...permutations(six)].map((facts, n) => ({
      name: `permutation ${n}`,
      one: end(facts),
      other: expected,
    }));
    const dice = new Dice(SEED, 'orders');
    const rounds = SHUFFLES / all.length;
    const shuffled = all.flatMap((facts, life) => {
      const straight = end(facts);
      return Array.from({ length: Math.ceil(rounds) }, (_, n) => ({
        name: `life ${life}, shuffle ${n}, seed ${SEED}`,
        one: end(repeatedAndShuffled(facts, dice)),
        other: straight,
      }));
    });
    const found = sameEnds([...permuted, ...shuffled]);
    told(`B1 n = ${permuted.length} permutations of 6, ${shuffled.length} shuffles of ${all.length} whole lives`);
    expect(found.violations).toEqual([]);
    expect(permuted).toHaveLength(720);
  });
});
