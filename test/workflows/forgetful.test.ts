import proto from '@temporalio/proto';
import { afterEach, describe, expect, it } from 'vitest';
import { fact, fastClock, MONDAY_9 } from '../support/onboarding-fixture.js';
import { eventually } from '../support/temporal.js';
import { type Stand, stand } from './stand.js';

const { TASK_QUEUE_KIND_NORMAL } = proto.temporal.api.enums.v1.TaskQueueKind;

/** C13 of the fault list. The other files of this project are run a second time by workers like this one. */
describe('a worker that keeps no workflow in memory', () => {
  let it_: Stand;
  afterEach(() => it_.close());

  it('is given every task of an onboarding with the whole history of its run', async () => {
    it_ = await stand(fastClock(1 / 86_400));
    const { gateway, key, server, workflowId } = it_;
    await gateway.signalEvents(key, [fact('created', MONDAY_9, { name: 'Acme', phase: 'kickoff' })]);
    for (let applied = 1; applied < 6; applied++) {
      await eventually(async () => ((await it_.state()).counts.applied >= applied ? true : undefined));
      await gateway.signalEvents(key, [fact('task', MONDAY_9 + applied)]);
    }

    const { events } = await server.client.workflow.getHandle(workflowId).fetchHistory();
    const tasks = (events ?? []).flatMap((event) => event.workflowTaskScheduledEventAttributes ?? []);
    expect(tasks.length).toBeGreaterThan(4);
    expect(tasks.filter(({ taskQueue }) => taskQueue?.kind !== TASK_QUEUE_KIND_NORMAL)).toEqual([]);
  });
});
