import { afterEach, describe, expect, it } from 'vitest';
import { fact, fastClock, MONDAY_9 } from '../support/onboarding-fixture.js';
import { eventually } from '../support/temporal.js';
import { type Stand, stand } from './stand.js';

describe('a look at an onboarding', () => {
  let it_: Stand;
  afterEach(() => it_.close());

  it('leaves no trace, and sees what was just signalled', async () => {
    it_ = await stand(fastClock(1 / 24));
    await it_.gateway.signalEvents(it_.key, [fact('created', MONDAY_9, { name: 'Acme', phase: 'kickoff' })]);
    expect((await it_.gateway.view(it_.key))?.name).toBe('Acme');
    const before = await historyLength(it_);

    for (let n = 0; n < 5; n++) expect((await it_.gateway.view(it_.key))?.phase).toBe('kickoff');
    expect(await historyLength(it_)).toBe(before);

    await it_.gateway.signalEvents(it_.key, [fact('at_risk', MONDAY_9 + 1)]);
    expect((await it_.gateway.view(it_.key))?.escalations.map((one) => one.rule)).toEqual(['at_risk']);
  });

  it('does no harm where it meets signals at a worker that has just come up', { timeout: 120_000 }, async () => {
    it_ = await stand(fastClock(1 / 24));
    await it_.gateway.signalEvents(it_.key, [fact('created', MONDAY_9, { name: 'Acme', phase: 'kickoff' })]);
    await eventually(() => it_.recorded.projections.at(-1));

    for (let round = 0; round < 3; round++) {
      await it_.stopWorker();
      const looks = [it_.gateway.view(it_.key), it_.gateway.state(it_.key)];
      await it_.gateway.signalEvents(it_.key, [fact('at_risk', MONDAY_9 + 10 * round + 1)]);
      const up = it_.restartWorker();
      await it_.gateway.signalEvents(it_.key, [fact('moved', MONDAY_9 + 10 * round + 2, { phase: `phase-${round}` })]);
      await it_.gateway.signalEvents(it_.key, [fact('back_on_track', MONDAY_9 + 10 * round + 3)]);
      await up;
      await Promise.allSettled(looks);
    }
    await it_.restartWorker();

    const state = await eventually(async () => {
      const found = await it_.state().catch(() => undefined);
      return found?.counts.applied === 10 ? found : undefined;
    });
    expect(state.counts.duplicates).toBe(0);
    const { events } = await it_.server.client.workflow.getHandle(it_.workflowId).fetchHistory();
    expect(events?.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
  });
});

async function historyLength(it_: Stand): Promise<number> {
  const { events } = await it_.server.client.workflow.getHandle(it_.workflowId).fetchHistory();
  return events?.length ?? 0;
}
