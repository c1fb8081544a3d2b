import fc from 'fast-check';
import type { Fact, FactKind, RecordFields } from '../../../src/domain/event/fact.js';

/** Monday 2 November 2026, 09:00 UTC. */
export const MONDAY = Date.UTC(2026, 10, 2, 9);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A fact that happened `at` and was heard a second later; its id says what it is. */
export function told(kind: FactKind, at: number, record: RecordFields = {}, more: Partial<Fact> = {}): Fact {
  const id = `evt_${kind}_${at}_${record.phase ?? ''}_${record.state ?? ''}`;
  return {
    id,
    source: 'pivotal',
    type: `onboarding.${kind}`,
    kind,
    at,
    heardAt: at + 1000,
    record,
    previous: {},
    ...more,
  };
}

export const task = (id: string, at: number): Fact =>
  told('task', at, {}, { id: `evt_${id}`, task: { id, title: `task ${id}` } });

const KINDS: readonly FactKind[] = [
  'created',
  'moved',
  'state',
  'at_risk',
  'back_on_track',
  'launched',
  'completed',
  'task',
  'record',
];
const phase = fc.constantFrom('kickoff', 'integration', 'uat', 'launch');
const state = fc.constantFrom('active', 'paused', 'waiting', 'at_risk', 'completed');
const target = fc.constantFrom('2026-12-01', '2026-12-08', '2027-01-15', null);
const owner = fc.constantFrom('mia@vendor.example', 'tom@vendor.example', null);
/** Few instants, close together and far apart: ties and acts told twice are the rule here, not the exception. */
const at = fc.oneof(
  fc.integer({ min: 0, max: 6 }).map((n) => MONDAY + n * 20_000),
  fc.integer({ min: 0, max: 20 }).map((n) => MONDAY + n * DAY),
);

export const anyFact: fc.Arbitrary<Fact> = fc
  .record({
    id: fc.integer({ min: 0, max: 200 }).map((n) => `evt_${n}`),
    kind: fc.constantFrom(...KINDS),
    at,
    record: fc.record(
      {
        name: fc.constantFrom('Borealis', 'Borealis GmbH', null),
        customerId: fc.constantFrom('cus_1', null),
        phase,
        state,
        waitingOnCustomer: fc.boolean(),
        target,
        owner,
        csm: owner,
        launchedAt: fc.oneof(at, fc.constant(null)),
        completedAt: fc.oneof(at, fc.constant(null)),
      },
      { requiredKeys: [] },
    ),
    previous: fc.record({ phase, state, target, owner }, { requiredKeys: [] }),
    ahead: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.constantFrom(20_000, 2 * MINUTE, 2 * DAY)),
  })
  .map(({ ahead, ...it }) => ({
    ...it,
    source: 'pivotal',
    type: `onboarding.${it.kind}`,
    heardAt: it.at + (ahead ? 0 : 1000),
    ...(ahead ? { saidAt: it.at + ahead } : {}),
    ...(it.kind === 'task' ? { task: { id: `tsk_${it.id}`, title: 'Send metadata' } } : {}),
  }));

/** Facts of different events. */
export const someFacts = fc.uniqueArray(anyFact, { selector: (it) => it.id, maxLength: 30 });

/** The same facts in any order, some of them several times. */
export const shuffledFacts = someFacts
  .chain((facts) =>
    fc.tuple(
      fc.constant(facts),
      facts.length ? fc.array(fc.constantFrom(...facts), { maxLength: 10 }) : fc.constant([]),
    ),
  )
  .chain(([facts, repeats]) =>
    fc.tuple(
      fc.constant(facts),
      fc.shuffledSubarray([...facts, ...repeats], {
        minLength: facts.length + repeats.length,
        maxLength: facts.length + repeats.length,
      }),
    ),
  );
