import type { Projection } from '../../src/contracts/activities.js';
import { afterEach, describe, expect, it } from 'vitest';
import type { OnboardingState } from '../../src/domain/onboarding/state.js';
import { fact, fastClock, MONDAY_9 } from '../support/onboarding-fixture.js';
import { eventually } from '../support/temporal.js';
import { type Stand, stand } from './stand.js';

describe('the end of an onboarding', () => {
  let it_: Stand;
  afterEach(() => it_.close());

  it('comes after its grace time, leaves its final state, and calls a later event late', async () => {
    it_ = await stand(fastClock(2));
    const final = await completeAndClose(it_);

    const late = await it_.gateway.signalEvents(it_.key, [fact('task', it_.now())]);

    expect(late).toBe('closed');
    expect(final.counts.applied).toBe(2);
    expect(final.log).toEqual([]);
    const { count } = await it_.server.client.workflow.count(`WorkflowId = '${it_.workflowId}'`);
    expect(count).toBe(1);
  });

  it('is taken back by a reopen, which goes on from the final state', async () => {
    it_ = await stand(fastClock(2));
    const final = await completeAndClose(it_);

    const back = fact('moved', it_.now(), { phase: 'kickoff', state: 'active' }, { previous: { phase: 'launch' } });
    await it_.gateway.reopen(final, [back]);

    const state = await eventually(async () => {
      const found = await it_.state();
      return found.counts.applied === 3 ? found : undefined;
    });
    expect(state.counts.duplicates).toBe(0);
    expect((await it_.gateway.view(it_.key))?.phase).toBe('kickoff');
    expect(state.facts.length).toBe(3);
  });

  it('waits for an event that came in while the final state was written', async () => {
    it_ = await stand(fastClock(2));
    let release = () => {};
    const written = new Promise<void>((resolve) => {
      release = resolve;
    });
    let finals = 0;
    it_.recorded.before = (name, input) => {
      if (name === 'project' && (input as Projection).final && finals++ === 0) return written;
    };
    await it_.gateway.signalEvents(it_.key, [
      fact('created', MONDAY_9, { phase: 'launch' }),
      fact('completed', MONDAY_9 + 1, { state: 'completed' }),
    ]);
    await eventually(() => finals > 0 || undefined, 30_000);

    const outcome = await it_.gateway.signalEvents(it_.key, [fact('task', it_.now())]);
    release();

    expect(outcome).toBe('signalled');
    const final = await eventually(() => it_.recorded.projections.findLast((one) => one.final)?.final ?? undefined);
    await it_.server.client.workflow.getHandle(it_.workflowId).result();
    const last = it_.recorded.projections.findLast((one) => one.final)?.final ?? final;
    expect(last.counts.applied).toBe(3);
  });
});

async function completeAndClose(it_: Stand): Promise<OnboardingState> {
  await it_.gateway.signalEvents(it_.key, [
    fact('created', MONDAY_9, { name: 'Acme', phase: 'launch' }),
    fact('completed', MONDAY_9 + 1, { state: 'completed' }),
  ]);
  await it_.server.client.workflow.getHandle(it_.workflowId).result();
  const final = it_.recorded.projections.at(-1)?.final;
  if (!final) throw new Error('The last projection carries no final state.');
  return final;
}
