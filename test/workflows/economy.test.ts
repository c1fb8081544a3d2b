import { afterEach, describe, expect, it } from 'vitest';
import { fact, fastClock, MONDAY_9, testPolicy } from '../support/onboarding-fixture.js';
import type { Fact } from '../../src/domain/event/fact.js';
import { eventually } from '../support/temporal.js';
import { type Stand, stand } from './stand.js';

const MINUTE = 60_000;

describe('what a turn costs', () => {
  let it_: Stand;
  afterEach(() => it_.close());

  it('is one timer for many events that only move its instant later', async () => {
    it_ = await stand(fastClock(1 / 24));
    await it_.gateway.signalEvents(it_.key, [fact('created', MONDAY_9, { name: 'Acme', phase: 'kickoff' })]);
    await eventually(() => it_.recorded.projections.length > 0 || undefined);

    for (let n = 1; n <= 10; n++) {
      await it_.gateway.signalEvents(it_.key, [fact('task', MONDAY_9 + n * MINUTE)]);
      await eventually(async () => (await it_.state()).counts.applied === n + 1 || undefined);
    }

    const count = await events(it_);
    expect(count('timerStartedEventAttributes')).toBe(1);
    // The list columns it started with still hold: the one upsert is what the SDK notes of the core.
    expect(count('upsertWorkflowSearchAttributesEventAttributes')).toBe(1);
    expect(count('activityTaskScheduledEventAttributes')).toBe(0);
    // A task changes nothing that a list shows: one marker for the core, one for the policy, one for the first view.
    expect(count('markerRecordedEventAttributes')).toBe(3);
  });

  it('labels its one timer with what it waits for, and sets it anew when that changes', async () => {
    const at_risk = {
      ladder: 'nudge',
      severity: 'high',
      anyHour: true,
      after: { amount: 1, unit: 'working_days' },
    } as const;
    it_ = await stand(fastClock(1 / 24), { policy: testPolicy({ rules: { at_risk } }) });
    let said = 0;
    const say = async (one: Fact) => {
      await it_.gateway.signalEvents(it_.key, [one]);
      said++;
      await eventually(async () => (await it_.state()).counts.applied === said || undefined);
    };
    await say(fact('created', MONDAY_9, { phase: 'kickoff' }));
    await say(fact('at_risk', MONDAY_9 + MINUTE));
    await say(fact('back_on_track', MONDAY_9 + 2 * MINUTE));

    const labels = await eventually(async () => {
      const found = await timerLabels(it_);
      return found.length === 3 ? found : undefined;
    });
    expect(labels.map((label) => /at risk/i.test(label))).toEqual([false, true, false]);
    expect((await it_.gateway.view(it_.key))?.next_wake_reason).toBe(labels.at(-1));
  });
});

async function timerLabels(it_: Stand): Promise<string[]> {
  const { events: history } = await it_.server.client.workflow.getHandle(it_.workflowId).fetchHistory();
  return (history ?? [])
    .filter((event) => event.timerStartedEventAttributes)
    .map((event) => JSON.parse(Buffer.from(event.userMetadata?.summary?.data ?? '').toString()) as string);
}

async function events(it_: Stand): Promise<(attributes: string) => number> {
  const { events: history } = await it_.server.client.workflow.getHandle(it_.workflowId).fetchHistory();
  return (attributes) => (history ?? []).filter((event) => event[attributes as keyof typeof event]).length;
}
