import { randomUUID } from 'node:crypto';
import { createActivities } from '../../src/activities/index.js';
import { createRebuildActivities } from '../../src/activities/rebuild.js';
import type { Channel, ChannelMessage } from '../../src/channels/channel.js';
import type { Activities, Projection } from '../../src/contracts/activities.js';
import { type Gateway, GatewayError } from '../../src/contracts/gateway.js';
import { workflowId } from '../../src/contracts/ids.js';
import { StoreUnavailable } from '../../src/contracts/inbox.js';
import { SILENT } from '../../src/contracts/observer.js';
import type { OnboardingRebuild, RebuildGateway, RebuildLook } from '../../src/contracts/rebuild.js';
import { createDispatcher } from '../../src/dispatch/dispatcher.js';
import type { Escalation } from '../../src/domain/escalation/escalation.js';
import type { CustomerFact, Fact } from '../../src/domain/event/fact.js';
import type { EntityKey } from '../../src/domain/event/key.js';
import type { OnboardingState } from '../../src/domain/onboarding/state.js';
import type { Policy } from '../../src/domain/policy/policy.js';
import { type Clock, toVirtual } from '../../src/domain/time/clock.js';
import { createOnboardingRebuild, type OneOnboardingDeps } from '../../src/rebuild/one-onboarding.js';
import { createReadModelRebuild } from '../../src/rebuild/read-model.js';
import { openStore, type Store } from '../../src/store/store.js';
import { createRebuildGateway } from '../../src/temporal/rebuild.js';
import { testPolicy } from '../support/onboarding-fixture.js';
import { TestPostgres } from '../support/postgres.js';
import {
  eventually,
  sharedTemporal,
  type TestServer,
  type TestWorker,
  testGateway,
  testWorker,
} from '../support/temporal.js';

/** A real store, a real Temporal server, a dispatcher, and a worker with the activities of the product. */
export class RebuildStand {
  /** What reached people, in order. */
  readonly messages: ChannelMessage[] = [];
  /** While set the store refuses views, as in an outage. */
  viewsAreLost = false;
  #worker: TestWorker | null = null;

  private constructor(
    readonly clock: Clock,
    readonly postgres: TestPostgres,
    readonly url: string,
    readonly store: Store,
    readonly server: TestServer,
    readonly gateway: Gateway,
    readonly rebuilds: RebuildGateway,
    private readonly taskQueue: string,
    private readonly dispatcher: ReturnType<typeof createDispatcher>,
    private readonly heartbeat: NodeJS.Timeout,
  ) {}

  static async open(clock: Clock, policy: Policy = testPolicy()): Promise<RebuildStand> {
    const server = await sharedTemporal();
    const postgres = await TestPostgres.start();
    const url = await postgres.database();
    const store = openStore({ url, observer: SILENT, serverId: 'server-1' });
    await store.policies.publish({ hash: policy.hash, source: '', policy });
    await store.inbox.heartbeat();
    const taskQueue = `test-${randomUUID()}`;
    const gateway = testGateway(server, taskQueue, clock);
    const rebuilds = createRebuildGateway({ client: server.client, taskQueue, clock }, gateway);
    const dispatcher = createDispatcher({
      inbox: store.inbox,
      events: store.events,
      gateway,
      readModel: store.readModel,
      policy: () => policy,
      observer: SILENT,
      now: Date.now,
      lot: Math.random,
      temporalMayForget: false,
    });
    dispatcher.start();
    const heartbeat = setInterval(() => void store.inbox.heartbeat().catch(() => {}), 2_000);
    const stand = new RebuildStand(
      clock,
      postgres,
      url,
      store,
      server,
      gateway,
      rebuilds,
      taskQueue,
      dispatcher,
      heartbeat,
    );
    await stand.startWorker();
    return stand;
  }

  get deps(): OneOnboardingDeps {
    const { store, clock } = this;
    return {
      events: store.events,
      readModel: store.readModel,
      policies: store.policies,
      inbox: store.inbox,
      clock,
      now: Date.now,
      observer: SILENT,
      gateway: { ...this.rebuilds, signalEvents: (...words) => this.gateway.signalEvents(...words) },
    };
  }

  rebuild(more: Partial<OneOnboardingDeps> = {}): OnboardingRebuild {
    return createOnboardingRebuild({ ...this.deps, ...more });
  }

  /** Looks, and confirms what it saw. */
  async carryOut(key: EntityKey, more: Partial<OneOnboardingDeps> = {}): Promise<RebuildLook> {
    const { confirm } = await this.look(key);
    return this.rebuild(more).carryOut(key, { confirm, by: 'mia', reason: 'a test' });
  }

  async look(key: EntityKey): Promise<RebuildLook> {
    const look = await this.rebuild().look(key);
    if (!look) throw new Error('nobody ever heard of it');
    return look;
  }

  async startWorker(): Promise<void> {
    const { store, gateway, clock } = this;
    const channel: Channel = {
      name: 'log',
      type: 'log',
      send: async (message) => {
        this.messages.push(message);
        return {};
      },
      close: async () => {},
    };
    const activities: Activities = createActivities({
      ledger: store.sends,
      gate: store.gate,
      channel: () => channel,
      observer: SILENT,
      readModel: {
        ...store.readModel,
        project: async (projection: Projection) => {
          if (this.viewsAreLost) throw new StoreUnavailable('lost');
          return store.readModel.project(projection);
        },
      },
      policies: store.policies,
      gateway,
    });
    const readModelRebuild = createReadModelRebuild({ ...this.deps, rebuilds: store.rebuilds, clock });
    this.#worker = await testWorker(this.server, {
      taskQueue: this.taskQueue,
      activities: { ...activities, ...createRebuildActivities({ readModelRebuild }) },
    });
  }

  async stopWorker(): Promise<void> {
    await this.#worker?.stop();
    this.#worker = null;
  }

  now(): number {
    return toVirtual(this.clock, Date.now());
  }

  /** An event as the edge takes it: stored, then brought to its workflow. Answers the row's seq. */
  async hear(key: EntityKey, fact: Fact | CustomerFact, to: 'onboarding' | 'customer' = 'onboarding'): Promise<string> {
    const heard = { ...fact, heardAt: this.now() };
    const route = { to, key, fact: heard } as never;
    const { seq } = await this.store.inbox.accept({
      source: fact.source,
      eventId: fact.id,
      deliveryId: `msg_${fact.id}`,
      type: fact.type,
      body: Buffer.from(JSON.stringify(fact)),
      headers: {},
      secret: 'test',
      receivedAt: Date.now(),
      receivedVirtual: this.now(),
      occurredAt: fact.at,
      org: null,
      route,
    });
    this.dispatcher.offer({ seq, deliveryId: `msg_${fact.id}`, receivedAt: Date.now(), type: to, route });
    return seq;
  }

  /** Waits until a row counts as that. */
  statusOf(seq: string, status: string): Promise<unknown> {
    return eventually(async () => (await this.store.events.event(seq))?.status === status || undefined);
  }

  async state(key: EntityKey): Promise<OnboardingState> {
    const state = await this.gateway.state(key);
    if (!state) throw new Error('There is no such workflow.');
    return state;
  }

  escalation(key: EntityKey, test: (one: Escalation) => boolean, withinMs?: number): Promise<Escalation> {
    const look = async () => (await this.gateway.state(key).catch(ignoreOutage))?.escalations.find(test);
    return eventually(look, withinMs);
  }

  /** Waits until its state is like that; a worker that does not answer in time is asked again. */
  until(key: EntityKey, test: (state: OnboardingState) => boolean): Promise<OnboardingState> {
    return eventually(async () => {
      const state = await this.gateway.state(key).catch(ignoreOutage);
      return state && test(state) ? state : undefined;
    }, 40_000);
  }

  terminate(key: EntityKey): Promise<unknown> {
    return this.#handle(key).terminate('By hand.');
  }

  /** As the Cancel of the Temporal UI; over once the workflow has ended by it. */
  async cancel(key: EntityKey): Promise<void> {
    await this.#handle(key).cancel();
    await eventually(async () => (await this.#handle(key).describe()).status.name === 'CANCELLED' || undefined);
  }

  #handle(key: EntityKey) {
    return this.server.client.workflow.getHandle(workflowId('onboarding', key));
  }

  async close(): Promise<void> {
    clearInterval(this.heartbeat);
    await this.dispatcher.stop();
    await this.stopWorker();
    await this.store.close();
    await this.postgres.stop();
    await this.server.close();
  }
}

function ignoreOutage(error: unknown): undefined {
  if (!(error instanceof GatewayError)) throw error;
}
