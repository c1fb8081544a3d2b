import { Context } from '@temporalio/activity';
import { afterEach, describe, expect, it } from 'vitest';
import type { NotifyOrder } from '../../src/contracts/activities.js';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.js';
import { fact, fastClock, MONDAY_9, testPolicy } from '../support/onboarding-fixture.js';
import { eventually } from '../support/temporal.js';
import { type Stand, stand } from './stand.js';

const TOM = { id: 'tom', name: 'Person tom' };
const started = (owner = 'mia@vendor.example') => [
  fact('created', MONDAY_9, { name: 'Acme', phase: 'kickoff', owner }),
];

describe('a ladder over virtual weeks', () => {
  let it_: Stand;
  afterEach(() => it_.close());

  it('climbs level by level to the last, each in working hours', async () => {
    it_ = await stand(fastClock(2));
    await it_.gateway.signalEvents(it_.key, started());

    await it_.escalation((one) => one.level === 3 && one.sends.every((send) => send.status === 'sent'), 60_000);

    const { orders } = it_.recorded;
    expect(orders.map((order) => [order.level, order.recipient.id])).toEqual([
      [1, 'mia'],
      [2, 'tom'],
      [3, 'eve'],
    ]);
    expect(new Set(orders.map((order) => order.key)).size).toBe(3);
    const [first] = orders as [NotifyOrder];
    expect(first.gate).toMatchObject({ sources: ['pivotal'], applies: true, settleMs: 120_000, catchUpMs: 1_800_000 });
    expect(first.text).toContain('Acme');
    expect(first.onboarding.workflow_id).toBe(it_.workflowId);
  });

  it('shows in the list and on its page how far it is and what comes next', async () => {
    it_ = await stand(fastClock(2));
    await it_.gateway.signalEvents(it_.key, started());
    await it_.escalation((one) => one.level === 2 && one.sends.every((send) => send.status === 'sent'), 60_000);
    const handle = it_.server.client.workflow.getHandle(it_.workflowId);

    const { typedSearchAttributes: columns } = await handle.describe();
    const metadata = await handle.query<{ definition: { type: string }; currentDetails: string }>(
      '__temporal_workflow_metadata',
    );

    expect(columns.get(SEARCH_ATTRIBUTES.escalation)).toBe('open');
    expect(columns.get(SEARCH_ATTRIBUTES.rule)).toBe('stuck_in_phase');
    expect(columns.get(SEARCH_ATTRIBUTES.level)).toBe(2);
    expect(columns.get(SEARCH_ATTRIBUTES.health)).toBe('stuck');
    for (const shown of ['Acme', 'kickoff', '**stuck**', 'mia', 'stuck_in_phase', 'level 3 due']) {
      expect(metadata.currentDetails).toContain(shown);
    }
    expect(metadata.currentDetails).not.toContain('@');
  });

  it('goes on where it stood when its worker was away', async () => {
    it_ = await stand(fastClock(2));
    await it_.gateway.signalEvents(it_.key, started());
    await eventually(() => it_.recorded.orders.length === 1 || undefined, 30_000);

    await it_.restartWorker();
    await it_.escalation((one) => one.level === 3 && one.sends.every((send) => send.status === 'sent'), 60_000);

    expect(it_.recorded.orders.map((order) => order.recipient.id)).toEqual(['mia', 'tom', 'eve']);
  });

  it('shows that nothing is to come any more when the last message is called off', async () => {
    const [day, none] = [{ amount: 1, unit: 'working_days' } as const, { amount: 0, unit: 'minutes' } as const];
    const nudge = [{ after: none, to: ['owner', 'manager'], repeat: { every: day, times: 1 } }] as const;
    it_ = await stand(fastClock(2), { policy: testPolicy({ ladders: { nudge } }) });
    // The gate holds Tom's first message until the level has been repeated, and then once more: nobody waits for it now.
    it_.recorded.answer = ({ key }) =>
      key.includes('/0/') && key.includes('tom')
        ? { outcome: 'later', until: it_.now() + 3 * 86_400_000, reason: 'a source catches up' }
        : { outcome: 'sent', atReal: Date.now() };
    await it_.gateway.signalEvents(it_.key, started());

    await it_.escalation((one) => one.sends.some((send) => send.status === 'withdrawn'), 60_000);
    const shown = await eventually(() => {
      const view = it_.recorded.projections.at(-1);
      return view?.view.next_wake_at === null ? view : undefined;
    });

    expect(shown.escalations[0]?.sends.map(({ status }) => status).toSorted()).toEqual([
      'sent',
      'sent',
      'sent',
      'withdrawn',
    ]);
  });

  it('stops for good when somebody acknowledges, also the call that is on its way', async () => {
    it_ = await stand(fastClock(2));
    const stopped: string[] = [];
    it_.recorded.answer = (order) => untilCancelled(() => stopped.push(order.key));
    await it_.gateway.signalEvents(it_.key, started());
    const calling = await it_.escalation((one) => one.sends.some((send) => send.status === 'calling'), 30_000);
    await eventually(() => it_.recorded.orders.length > 0 || undefined);

    const answer = await it_.gateway.act(it_.key, { verb: 'acknowledge', escalationId: calling.id, by: TOM });

    expect(answer.escalation.status).toBe('acknowledged');
    const after = await it_.escalation((one) => one.sends.every((send) => send.status !== 'calling'), 20_000);
    expect(after.sends.map((send) => send.status)).toEqual(['withdrawn']);
    expect(stopped).toEqual([calling.sends[0]?.key]);
    expect(await commandsOf(it_, 'activityTaskCancelRequestedEventAttributes')).toHaveLength(1);
  });
});

/** A call that hangs until it is told to stop, as a channel's call does. */
function untilCancelled(stopped: () => void): Promise<never> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 200);
  return context.cancelled.finally(() => {
    clearInterval(beat);
    stopped();
  });
}

/** Where the acknowledge was accepted and what it cancelled stand in one task, the cancel follows before the next task. */
async function commandsOf(it_: Stand, attributes: string): Promise<number[]> {
  const { events } = await it_.server.client.workflow.getHandle(it_.workflowId).fetchHistory();
  const list = events ?? [];
  const accepted = list.findIndex((event) => event.workflowExecutionUpdateAcceptedEventAttributes);
  const next = list.findIndex((event, n) => n > accepted && event.workflowTaskScheduledEventAttributes);
  return list.flatMap((event, n) =>
    attributes in event && event[attributes as keyof typeof event] && n > accepted && (next < 0 || n < next) ? [n] : [],
  );
}
