import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Fact } from '../../src/domain/event/fact.js';
import type { PhasePolicy } from '../../src/domain/policy/policy.js';
import { billedActions, total } from '../support/billed-actions.js';
import { fact, fastClock, MONDAY_9, testPolicy } from '../support/onboarding-fixture.js';
import { eventually } from '../support/temporal.js';
import { type Stand, stand } from './stand.js';

const DAY = 86_400_000;
const DAYS_PER_SECOND = 3;
/** Real: until the worker of the test is up. */
const HEAD_START_S = 5;
const noon = (day: number): number => MONDAY_9 + day * DAY + 3 * 3_600_000;

/** What the sender posts on one day; what it says about one act comes within a second and goes in one signal. */
type Day = readonly [day: number, ...facts: readonly ((at: number) => Fact)[]];

const task = (at: number) => fact('task', at);
const moved = (phase: string, from: string) => (at: number) =>
  fact('moved', at, { phase }, { previous: { phase: from } });
const seen = (record: Fact['record']) => (at: number) => fact('record', at + 1, record);

const MOVED_ON = 35;

/** Sixty days, thirty events: integration takes three weeks, the ladder climbs to its end, and three people hear that it is over. */
const SIXTY_DAYS: readonly Day[] = [
  [
    0,
    (at) => fact('created', at, { name: 'Acme', phase: 'kickoff', owner: 'mia@vendor.example', target: '2026-04-20' }),
  ],
  [1, task, task],
  [3, moved('integration', 'kickoff'), seen({ phase: 'integration' })],
  [4, task],
  [7, task, task],
  [10, task],
  [14, task],
  [18, seen({ target: '2026-04-27' })],
  [21, task],
  [28, task],
  [MOVED_ON, moved('uat', 'integration'), seen({ phase: 'uat' }), task],
  [36, task],
  [38, task, task],
  [43, task, task, task],
  [44, moved('launch', 'uat'), (at) => fact('launched', at + 1), seen({ phase: 'launch' })],
  [50, task, task],
  [52, task],
  [57, moved('adoption', 'launch'), (at) => fact('completed', at + 1, { state: 'completed' })],
];

describe('a 60-day onboarding of 30 events and 6 notifications', () => {
  let it_: Stand;
  afterEach(() => it_.close());

  it('costs about 60 billed Actions', { timeout: 120_000 }, async () => {
    it_ = await stand(fastClock(DAYS_PER_SECOND, MONDAY_9 - HEAD_START_S * DAYS_PER_SECOND * DAY), {
      policy: policy(),
    });
    expect(SIXTY_DAYS.flatMap(([, ...facts]) => facts)).toHaveLength(30);

    for (const [day, ...facts] of SIXTY_DAYS) {
      await pause(Math.max(0, (noon(day) - it_.now()) / (DAYS_PER_SECOND * DAY)) * 1_000);
      // A busy machine is late with a timer; the sender moves on once the ladder has been climbed all the same.
      if (day === MOVED_ON) await eventually(() => it_.recorded.orders.length === 3 || undefined);
      const said = facts.map((say) => ({ ...say(Math.max(noon(day), it_.now())), heardAt: it_.now() + 1 }));
      await it_.gateway.signalEvents(it_.key, said, 'Acme');
    }
    const handle = it_.server.client.workflow.getHandle(it_.workflowId);
    await handle.result();

    const kinds = it_.recorded.orders.map((order) => order.kind);
    expect(kinds).toEqual(['notified', 'notified', 'notified', 'resolved', 'resolved', 'resolved']);
    const billed = billedActions(await handle.fetchHistory());
    // 58 to 60 on an idle machine; a late timer on a busy one is a task, and a view, of its own.
    expect(total(billed), JSON.stringify(billed)).toBeLessThanOrEqual(64);
  });
});

function policy() {
  const phase = (name: string, behind: number, stuck: number): PhasePolicy => ({
    name,
    behind: { amount: behind, unit: 'working_days' },
    stuck: { amount: stuck, unit: 'working_days' },
  });
  const phases = [
    phase('kickoff', 3, 5),
    phase('integration', 10, 15),
    phase('uat', 5, 8),
    phase('launch', 5, 10),
    phase('adoption', 20, 30),
  ];
  return testPolicy({ phases });
}
