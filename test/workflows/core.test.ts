import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CORE } from '../../src/domain/core.js';
import { Mutants } from '../replay/mutants.js';
import { fact, fastClock, MONDAY_9 } from '../support/onboarding-fixture.js';
import { eventually } from '../support/temporal.js';
import { type Stand, stand } from './stand.js';

/** The workflows as they were before the present core: no run asks for it, and none leaves the one before. */
const FORMER = {
  change: 'the former core',
  file: 'onboarding-run.ts',
  from: /patched\(`(leaves-)?core-[^`]+`\)/g,
  to: "('$1' === '' && core < CORE && $&)",
};

describe('a run that began under the former core', () => {
  let former: string;
  let it_: Stand;
  const mutants = new Mutants();
  beforeAll(async () => {
    former = await mutants.bundle(FORMER);
  }, 60_000);
  afterEach(() => it_.close());
  afterAll(() => mutants.forget());

  it('goes on as it began, and at its next message continues as new under the present one', {
    timeout: 60_000,
  }, async () => {
    it_ = await stand(fastClock(1 / 86_400), { formerBundle: former });
    const { gateway, key, server } = it_;
    await gateway.signalEvents(key, [fact('created', MONDAY_9, { name: 'Acme rollout', phase: 'kickoff' })]);
    expect((await eventually(() => applied(1))).core).toBe(CORE - 1);
    const first = (await server.client.workflow.getHandle(it_.workflowId).describe()).runId;

    await it_.restartWorker();
    expect((await it_.state()).core).toBe(CORE - 1);
    await gateway.signalEvents(key, [fact('task', MONDAY_9 + 1)]);

    const state = await eventually(async () => {
      const now = await applied(2);
      return now?.core === CORE ? now : undefined;
    });
    expect(state.counts.applied).toBe(2);
    const second = await server.client.workflow.getHandle(it_.workflowId).describe();
    expect(second.runId).not.toBe(first);
    const run = server.client.workflow.getHandle(it_.workflowId, first);
    expect((await run.describe()).status.name).toBe('CONTINUED_AS_NEW');

    const { historyLength } = second;
    await gateway.signalEvents(key, [fact('task', MONDAY_9 + 2)]);
    await eventually(() => applied(3));
    expect((await server.client.workflow.getHandle(it_.workflowId).describe()).runId).toBe(second.runId);
    expect(historyLength).toBeLessThan(40);
  });

  async function applied(count: number) {
    const state = await it_.state();
    return state.counts.applied >= count ? state : undefined;
  }
});
