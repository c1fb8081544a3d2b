import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { NativeConnection, Worker } from '@temporalio/worker';
import {
  DELIVERY_TASK_QUEUE,
  type DeliverOrder,
  type DeliverReport,
  type DeliveryActivities,
} from '../../src/contracts/delivery.js';
import { type EndpointGateway, endpointWorkflowId } from '../../src/contracts/endpoint.js';
import type { EndpointKey } from '../../src/contracts/webhooks.js';
import { type Clock, toVirtual } from '../../src/domain/time/clock.js';
import { createSlipwayWorker } from '../../src/main/worker.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { createEndpointGateway } from '../../src/temporal/endpoints.js';
import { ensureNamespace } from '../../src/temporal/namespace.js';
import { testPolicy } from '../support/onboarding-fixture.js';
import { recordingActivities } from '../support/recording-activities.js';
import { cachedWorkflows, eventually, quiet, testBundle } from '../support/temporal.js';

type History = temporal.api.history.v1.IHistory;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

export interface Look {
  readonly order: DeliverOrder;
  /** 1 for the first one. */
  readonly number: number;
  /** Virtual. */
  readonly at: number;
}

/** One endpoint's workflow on a real server, with deliveries that only take notes. */
export interface EndpointStand {
  readonly key: EndpointKey;
  readonly site: Site;
  readonly gateway: EndpointGateway;
  readonly handle: WorkflowHandle;
  readonly looks: readonly Look[];
  /** What the next looks find; an endpoint with nothing to do where nothing is said. */
  answer: (look: Look) => Partial<DeliverReport> | Promise<Partial<DeliverReport>>;
  now(): number;
  wake(): Promise<void>;
  /** The workflow has taken in what so many looks of its last run found. */
  settled(looks: number): Promise<void>;
  details(): Promise<string>;
  /** Of all runs. */
  histories(): Promise<History[]>;
  /** How many events of the last run carry these attributes. */
  count(attributes: keyof HistoryEvent): Promise<number>;
  close(): Promise<void>;
}

/** Where the stands of a file are: deliveries have one queue a namespace, so each file has a namespace of its own. */
export interface Site {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly client: Client;
  readonly stands: Map<string, EndpointStand>;
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  close(): Promise<void>;
}

/** Looks are noted by the stand of their endpoint, unless real deliveries are given; `none` leaves them to somebody else. */
export async function openSite(
  address: string,
  deliveries: 'noted' | 'none' | DeliveryActivities = 'noted',
): Promise<Site> {
  quiet();
  const namespace = `endpoints-${randomUUID()}`;
  const { client, connection, close } = connectTemporal({ options: { address }, namespace });
  await ensureNamespace(connection, namespace, 1);
  const taskQueue = `test-${randomUUID()}`;
  const nativeConnection = await NativeConnection.connect({ address });
  const stands = new Map<string, EndpointStand>();
  const { activities } = recordingActivities(testPolicy());
  let stop = async () => {};
  const site: Site = {
    address,
    namespace,
    taskQueue,
    client,
    stands,
    stopWorker: () => stop(),
    async startWorker() {
      const bundlePath = await testBundle();
      const maxCachedWorkflows = cachedWorkflows();
      const settings = { nativeConnection, namespace, taskQueue, bundlePath, activities, maxCachedWorkflows };
      stop = running(await createSlipwayWorker(settings));
    },
    async close() {
      await Promise.all([stop(), stopDeliveries()]);
      await nativeConnection.close();
      await close();
    },
  };
  await site.startWorker();
  const stopDeliveries =
    deliveries === 'none'
      ? async () => {}
      : await startDeliveries(nativeConnection, site, deliveries === 'noted' ? noting(stands) : deliveries);
  return site;
}

export function endpointStand(
  site: Site,
  clock: Clock,
  maxHistory?: number,
  key: EndpointKey = { application: 'app_1', id: `ep_${randomUUID().slice(0, 8)}` },
): EndpointStand {
  const { client, taskQueue } = site;
  const workflowId = endpointWorkflowId(key);
  const gateway = createEndpointGateway({ client, taskQueue, clock, ...(maxHistory ? { maxHistory } : {}) });
  const handle = client.workflow.getHandle(workflowId);
  const events = async () => (await handle.fetchHistory()).events ?? [];

  const it_: EndpointStand = {
    key,
    site,
    gateway,
    handle,
    looks: [],
    answer: () => ({}),
    now: () => toVirtual(clock, Date.now()),
    wake: () => gateway.wake(key, 'Endpoint of the test'),
    async settled(looks) {
      await eventually(async () => {
        const list = await events();
        const found = list.filter((event) => event.activityTaskCompletedEventAttributes);
        const last = Number(found.at(-1)?.eventId);
        const isTakenIn = (event: HistoryEvent) =>
          event.workflowTaskCompletedEventAttributes && Number(event.eventId) > last;
        return (found.length >= looks && list.some(isTakenIn)) || undefined;
      });
    },
    async details() {
      const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
      return currentDetails;
    },
    async histories() {
      const histories: Promise<History>[] = [];
      for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
        histories.push(client.workflow.getHandle(workflowId, runId).fetchHistory());
      return Promise.all(histories);
    },
    count: async (attributes) => (await events()).filter((event) => event[attributes]).length,
    async close() {
      site.stands.delete(key.id);
      await handle.terminate('The test is over.').catch(() => undefined);
    },
  };
  site.stands.set(key.id, it_);
  return it_;
}

/** Notes each look with the stand of its endpoint; what no stand knows any more is gone. */
function noting(stands: Site['stands']): DeliveryActivities {
  return {
    async deliverDue(order) {
      const stand = stands.get(order.endpoint.id);
      if (!stand) return report({ gone: true }, 0);
      const look = { order, number: stand.looks.length + 1, at: stand.now() };
      (stand.looks as Look[]).push(look);
      return report(await stand.answer(look), stand.now());
    },
  };
}

async function startDeliveries(
  connection: NativeConnection,
  { namespace }: Site,
  activities: DeliveryActivities,
): Promise<() => Promise<void>> {
  return running(await Worker.create({ connection, namespace, taskQueue: DELIVERY_TASK_QUEUE, activities }));
}

function running(worker: Worker): () => Promise<void> {
  const ended = worker.run();
  return async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await ended;
  };
}

/** The report of a look, of an endpoint with nothing to do but for what is said. */
export function report(said: Partial<DeliverReport>, at: number): DeliverReport {
  return {
    gone: false,
    url: 'https://hooks.example/in',
    disabled: null,
    pending: 0,
    at,
    nextAt: null,
    failures: 0,
    attempts: 0,
    lastFailure: null,
    ...said,
  };
}

/** Hangs as a call that is on the wire does, until it is told to stop or `release`d. */
export function hanging(): { readonly until: Promise<void>; release(): void } {
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { until, release: () => release() };
}
