import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { endpointWorkflowId, wakeSignal } from '../../src/contracts/endpoint.js';
import { GatewayError } from '../../src/contracts/gateway.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { createEndpointGateway } from '../../src/temporal/endpoints.js';
import { sharedTemporal, type TestServer } from '../support/temporal.js';

describe('waking the workflow of an endpoint', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await sharedTemporal();
  });
  afterAll(() => server.close());

  const subject = () => {
    const key = { application: 'app/1', id: `ep_${randomUUID()}` };
    const taskQueue = `nobody-${randomUUID()}`;
    const gateway = createEndpointGateway({ client: server.client, taskQueue, clock: REAL_CLOCK });
    return { key, taskQueue, gateway, handle: server.client.workflow.getHandle(endpointWorkflowId(key)) };
  };

  it('starts it under the id of its endpoint, with a title and no list column, and signals it while it runs', async () => {
    const { key, taskQueue, gateway, handle } = subject();
    await gateway.wake(key, 'Endpoint of a\ntest');
    const { runId } = await handle.describe();
    await gateway.wake(key, 'Endpoint of a test');

    const described = await handle.describe();
    expect(described).toMatchObject({ runId, type: 'endpoint', taskQueue, memo: { title: 'Endpoint of a\ntest' } });
    expect(described.workflowId).toBe(`endpoint/app%2F1/${key.id}`);
    expect([...described.typedSearchAttributes.getAll()]).toEqual([]);
    const { events } = await handle.fetchHistory();
    const signals = (events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes ?? []);
    expect(signals.map(({ signalName }) => signalName)).toEqual([wakeSignal.name, wakeSignal.name]);
    await handle.terminate('The test is over.');
  });

  it('begins one again that somebody ended by hand', async () => {
    const { key, gateway, handle } = subject();
    await gateway.wake(key, 'Endpoint');
    const { runId } = await handle.describe();
    await handle.terminate('By hand.');
    await gateway.wake(key, 'Endpoint');

    const now = await handle.describe();
    expect(now.status.name).toBe('RUNNING');
    expect(now.runId).not.toBe(runId);
    await handle.terminate('The test is over.');
  });

  it('is given up after eight seconds where the server does not answer', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const { client, close } = connectTemporal({ options: { address: `127.0.0.1:${port}` }, namespace: 'default' });
    const gateway = createEndpointGateway({ client, taskQueue: 'nobody', clock: REAL_CLOCK });
    let outcome: unknown;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const woken = gateway
      .wake({ application: 'app_1', id: 'ep_1' }, 'Endpoint')
      .catch((error: unknown) => (outcome = error));

    await vi.advanceTimersByTimeAsync(7_000);
    expect(outcome).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    await woken;
    expect(outcome).toBeInstanceOf(GatewayError);
    await close();
    silent.close();
  });
});
