import { afterEach, describe, expect, it } from 'vitest';
import { GatewayRefusal } from '../../src/contracts/gateway.js';
import { escalationIdOf } from '../../src/domain/escalation/escalation-id.js';
import type { EscalationAction } from '../../src/domain/escalation/action.js';
import { fact, fastClock, MONDAY_9, newKey } from '../support/onboarding-fixture.js';
import { eventually } from '../support/temporal.js';
import { type Stand, stand } from './stand.js';

const TOM = { id: 'tom', name: 'Person tom' };
const AT_RISK = () => [
  fact('created', MONDAY_9, { name: 'Acme', phase: 'kickoff', owner: 'mia@vendor.example' }),
  fact('at_risk', MONDAY_9 + 1),
];

describe('what people ask for', () => {
  let it_: Stand;
  afterEach(() => it_.close());

  it('is refused with a word of the closed list and leaves no trace in the history', async () => {
    it_ = await stand(fastClock(1 / 24));
    await it_.gateway.signalEvents(it_.key, AT_RISK());
    const open = await it_.escalation((one) => one.status === 'open');
    const act = (action: EscalationAction) => it_.gateway.act(it_.key, action);
    await act({ verb: 'resolve', escalationId: open.id, by: TOM });

    expect(await refusalOf(act({ verb: 'resolve', escalationId: open.id, by: TOM }))).toBe('EscalationNotOpen');
    expect(await refusalOf(act({ verb: 'acknowledge', escalationId: escalationIdOf(it_.key, 99), by: TOM }))).toBe(
      'UnknownEscalation',
    );
    expect(await refusalOf(it_.gateway.hold(it_.key, { verb: 'release', by: TOM }))).toBe('NotHeld');
    expect(
      await refusalOf(it_.gateway.act(newKey(), { verb: 'note', escalationId: open.id, by: TOM, note: 'x' })),
    ).toBe('UnknownOnboarding');
    // A shape that no API sends is refused as well: it must not stop the onboarding.
    await expect(act({ verb: 'acknowledge', escalationId: open.id } as never)).rejects.toThrow();

    const { events } = await it_.server.client.workflow.getHandle(it_.workflowId).fetchHistory();
    expect(events?.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toHaveLength(1);
  });

  it('is carried out once, however often it is asked under one id, in a later run too', async () => {
    it_ = await stand(fastClock(1 / 24), { maxHistory: 20 });
    await it_.gateway.signalEvents(it_.key, AT_RISK());
    const open = await it_.escalation((one) => one.status === 'open');
    const note: EscalationAction = { verb: 'note', escalationId: open.id, by: TOM, note: 'I called them.' };

    await it_.gateway.act(it_.key, note, 'idem-1');
    const before = await runId(it_);
    for (let n = 0; n < 12; n++) await it_.gateway.signalEvents(it_.key, [fact('task', MONDAY_9 + n)]);
    await eventually(async () => (await runId(it_)) !== before || undefined);
    const again = await it_.gateway.act(it_.key, note, 'idem-1');

    expect(again.escalation.notes).toHaveLength(1);
  });

  it('answers with the other open escalations, and `all` takes them too', async () => {
    it_ = await stand(fastClock(1 / 24));
    await it_.gateway.signalEvents(it_.key, [
      ...AT_RISK(),
      fact('record', MONDAY_9 - 20 * 86_400_000, { phase: 'kickoff' }),
    ]);
    const open = await it_.escalation((one) => one.rule === 'at_risk');
    await it_.escalation((one) => one.rule === 'stuck_in_phase');

    const answer = await it_.gateway.act(it_.key, { verb: 'acknowledge', escalationId: open.id, by: TOM, all: true });

    expect(answer.others.map((one) => [one.rule, one.status])).toEqual([['stuck_in_phase', 'acknowledged']]);
  });

  it('holds, releases and closes an onboarding', async () => {
    it_ = await stand(fastClock(1 / 24));
    await it_.gateway.signalEvents(it_.key, AT_RISK());
    await it_.escalation((one) => one.status === 'open');

    const held = await it_.gateway.hold(it_.key, {
      verb: 'hold',
      by: TOM,
      state: 'blocked',
      reason: 'Security review',
    });
    const released = await it_.gateway.hold(it_.key, { verb: 'release', by: TOM });
    const closed = await it_.gateway.hold(it_.key, { verb: 'close', by: TOM, reason: 'Deal lost' });

    expect([held.hold, released.hold, closed.closed]).toEqual(['blocked', null, true]);
    await it_.server.client.workflow.getHandle(it_.workflowId).result();
    expect(await refusalOf(it_.gateway.hold(it_.key, { verb: 'release', by: TOM }))).toBe('OnboardingClosed');
  });
});

describe('what cannot be read', () => {
  let it_: Stand;
  afterEach(() => it_.close());

  it('is left out while the rest of its batch and what follows is applied', async () => {
    it_ = await stand(fastClock(1 / 24));
    const handle = it_.server.client.workflow.getHandle(it_.workflowId);
    await it_.gateway.signalEvents(it_.key, [fact('created', MONDAY_9, { phase: 'kickoff' })]);

    const poison = [
      null,
      7,
      {},
      { id: 'evt_x' },
      { ...fact('moved', MONDAY_9), record: null },
      { ...fact('moved', 0), at: 'soon' },
    ];
    await handle.signal('events', [...poison, fact('moved', MONDAY_9 + 1, { phase: 'integration' })]);
    await handle.signal('events', 'not a list');
    await handle.signal('events');
    await handle.signal('customerStanding', { version: 'x' });
    await handle.signal('policyPublished', null);
    await handle.signal('somethingNewer', { a: 1 });
    await it_.gateway.signalEvents(it_.key, [fact('moved', MONDAY_9 + 2, { phase: 'launch' })]);

    const state = await eventually(async () => {
      const found = await it_.state();
      return found.counts.applied === 3 ? found : undefined;
    });
    expect(state.counts.duplicates).toBe(0);
    expect((await it_.gateway.view(it_.key))?.phase).toBe('launch');
    expect((await handle.describe()).status.name).toBe('RUNNING');
  });
});

async function refusalOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (refused: unknown) => refused,
  );
  if (!(error instanceof GatewayRefusal)) throw new Error(`It was not refused: ${String(error)}`);
  return error.code;
}

async function runId(it_: Stand): Promise<string> {
  return (await it_.server.client.workflow.getHandle(it_.workflowId).describe()).runId;
}
