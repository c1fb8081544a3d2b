import { MockActivityEnvironment } from '@temporalio/testing';
import { createDeliverDue } from '../../src/activities/deliver-due.js';
import { createNotify } from '../../src/activities/notify.js';
import { createWebhookChannel } from '../../src/channels/webhook.js';
import { createLogChannel } from '../../src/channels/log.js';
import type { NotifyResult } from '../../src/contracts/activities.js';
import type { DeliverReport } from '../../src/contracts/delivery.js';
import { SILENT } from '../../src/contracts/observer.js';
import type { EndpointKey } from '../../src/contracts/webhooks.js';
import { createDispatcher, type Dispatcher } from '../../src/dispatch/dispatcher.js';
import { RETRY_SCHEDULE } from '../../src/domain/delivery/schedule.js';
import { testPolicy } from '../support/onboarding-fixture.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { showFirstSeries } from '../../src/main/first-series.js';
import { createObservation, type Observation } from '../../src/main/observer.js';
import { createWatch } from '../../src/main/watch.js';
import { openWorkerHealth } from '../../src/main/worker-health.js';
import { createOutbound } from '../../src/outbound/post.js';
import { createSigner } from '../../src/outbound/signer.js';
import { openStore, type Store } from '../../src/store/store.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { createGateway } from '../../src/temporal/gateway.js';
import { createVitals } from '../../src/temporal/vitals.js';

import { orderOf } from '../activities/order.js';
import { Edge } from '../ingress/edge.js';
import { scrape, type Scrape } from './scrape.js';

export interface RigSettings {
  readonly databaseUrl: string;
  /** A port where nobody listens, where there is to be no Temporal. */
  readonly temporalAddress: string;
  readonly namespace?: string;
  readonly taskQueue?: string;
  readonly observation?: Observation;
}

/** The real parts that are measured: edge, dispatcher, sends, over a real store and a real way to Temporal. */
export class Rig {
  private constructor(
    readonly observation: Observation,
    readonly store: Store,
    readonly edge: Edge,
    readonly dispatcher: Dispatcher,
    private readonly metrics: { readonly port: number; close(): Promise<void> },
  ) {}

  static async open(settings: RigSettings): Promise<Rig> {
    const { databaseUrl, temporalAddress, namespace = 'default', taskQueue = 'nobody' } = settings;
    const observation = settings.observation ?? createObservation('silent', undefined);
    const { observer } = observation;
    const store = openStore({ url: databaseUrl, observer, serverId: 'rig', secretKey: Buffer.alloc(32, 1) });
    const { client } = connectTemporal({ options: { address: temporalAddress }, namespace });
    const gateway = createGateway({ client, taskQueue, clock: REAL_CLOCK });
    const dispatcher = createDispatcher({
      inbox: store.inbox,
      events: store.events,
      gateway,
      readModel: store.readModel,
      policy: () => testPolicy(),
      observer,
      now: Date.now,
      lot: Math.random,
      temporalMayForget: false,
    });
    const edge = await Edge.open({
      inbox: store.inbox,
      rejections: store.rejections,
      observer,
      onAccepted: (row) => dispatcher.offer(row),
      onShed: () => dispatcher.shed(),
    });
    observation.onScrape(async () =>
      showFirstSeries(observer, { sources: ['pivotal', 'sandbox'], channels: ['hook'] }),
    );
    observation.onScrape(
      createWatch({ store, gateway, vitals: createVitals(client, taskQueue), observer, now: Date.now }),
    );
    const metrics = await openWorkerHealth(
      { variable: 'SLIPWAY_WORKER_PORT', host: '127.0.0.1', port: 0 },
      { problem: () => null, metricsText: () => observation.metricsText() },
    );
    return new Rig(observation, store, edge, dispatcher, metrics);
  }

  scrape(): Promise<Scrape> {
    return scrape(`http://127.0.0.1:${this.metrics.port}/metrics`);
  }

  /** Ends what answers scrapes, as the end of the process does. */
  stopAnswering(): Promise<void> {
    return this.metrics.close();
  }

  /** One message through the real activity, the real record and the real webhook channel, or the log where no URL is given. */
  async send(key: string, to: { readonly url?: string } = {}): Promise<NotifyResult> {
    const outbound = createOutbound({ allowPrivate: true });
    const hook = to.url
      ? createWebhookChannel({
          name: 'hook',
          url: to.url,
          signer: createSigner(`whsec_${Buffer.from('of-no-weight-at-all-1234').toString('base64')}`),
          outbound,
        })
      : createLogChannel('hook', SILENT);
    const { gate } = orderOf();
    try {
      return await new MockActivityEnvironment({ heartbeatTimeoutMs: 5_000 }).run(
        createNotify({
          ledger: this.store.sends,
          gate: this.store.gate,
          channel: () => hook,
          observer: this.observation.observer,
        }),
        orderOf({ key, gate: { ...gate, dueAt: Date.now() } }),
      );
    } finally {
      await outbound.close();
    }
  }

  /** What is due to an endpoint, through the real activity. */
  async deliver(endpoint: EndpointKey): Promise<DeliverReport> {
    const outbound = createOutbound({ allowPrivate: true });
    const deliverDue = createDeliverDue({
      queue: this.store.deliveries,
      outbound,
      observer: this.observation.observer,
      schedule: RETRY_SCHEDULE,
      random: Math.random,
      length: { lingerMs: 0, mostMs: 5_000 },
    });
    try {
      return await new MockActivityEnvironment().run(deliverDue, { endpoint, clock: REAL_CLOCK });
    } finally {
      await outbound.close();
    }
  }

  /** But for the way to Temporal: a call that is tried again on a closed channel throws out of a timer of the client's. */
  async close(): Promise<void> {
    await this.dispatcher.stop();
    await this.metrics.close();
    await this.edge.listener.close();
    await this.store.close();
  }
}
