import { randomUUID } from 'node:crypto';
import type { Gateway } from '../../../src/contracts/gateway.js';
import { SILENT } from '../../../src/contracts/observer.js';
import { createDispatcher, type Dispatcher } from '../../../src/dispatch/dispatcher.js';
import type { Clock } from '../../../src/domain/time/clock.js';
import { createIngress } from '../../../src/ingress/app.js';
import { type Listener, listen } from '../../../src/ingress/listen.js';
import { parseSecrets, type Secret } from '../../../src/signature/secret.js';
import { openStore, type Store } from '../../../src/store/store.js';
import { testPolicy } from '../../support/onboarding-fixture.js';
import { type Recorded, recordingActivities } from '../../support/recording-activities.js';
import {
  eventually,
  sharedTemporal,
  type TestServer,
  type TestWorker,
  testGateway,
  testWorker,
} from '../../support/temporal.js';
import type { EventRow } from '../../../src/contracts/read-model.js';
import { workflowId } from '../../../src/contracts/ids.js';
import { grouped } from './grouped.js';
import { readWorkflows } from './histories.js';
import { type Applied, appliedBy, type Archived, type Observed } from './observe.js';

const SECRET = `whsec_${Buffer.from('a secret of the assembly').toString('base64')}`;
/**
 * More than a test has at work. The SDK may drop the task of a workflow that it puts out of its memory at that very moment,
 * and says so ("This is an SDK bug"): the server gives it out again after 10 s.
 */
const CACHED_WORKFLOWS = 50;
const BEATS_EVERY_MS = 10_000;
const READY = { ready: true, checks: { store: 'ok', migrations: 'ok', temporal: 'ok' } } as const;
/** By the name in the path: two workspaces that know nothing of one another. */
const WORKSPACES: Readonly<Record<string, string>> = { pivotal: 'main', second: 'second' };

export interface AssemblyOptions {
  /** Of a migrated database of its own. */
  readonly databaseUrl: string;
  readonly clock: Clock;
  /** Edges, each with a store connection and a dispatcher of its own, as two processes have. */
  readonly edges?: number;
  readonly maxHistory?: number;
  /** Workflows that the worker keeps in memory; enough for all unless given. */
  readonly cached?: number;
}

interface EdgeSide {
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  readonly listener: Listener;
  readonly beating: NodeJS.Timeout;
}

/**
 * Everything from the edge to the workflows in one process: real HTTP, real PostgreSQL, a real Temporal server and a
 * worker. Only the people are missing: sends are noted and called sent.
 */
export class Assembly {
  private constructor(
    private readonly sides: readonly EdgeSide[],
    private readonly server: TestServer,
    private readonly worker: TestWorker,
    private readonly taskQueue: string,
    readonly gateway: Gateway,
    readonly recorded: Recorded,
    readonly secret: Secret,
  ) {}

  static async open({
    databaseUrl,
    clock,
    edges = 1,
    maxHistory,
    cached = CACHED_WORKFLOWS,
  }: AssemblyOptions): Promise<Assembly> {
    const [secret] = parseSecrets(SECRET);
    if (!secret) throw new Error('no secret');
    const server = await sharedTemporal();
    const taskQueue = `test-${randomUUID()}`;
    const gateway = testGateway(server, taskQueue, clock, maxHistory);
    const sides: EdgeSide[] = [];
    for (let n = 0; n < edges; n++) sides.push(await openSide({ databaseUrl, clock, gateway, secret }));
    const [first] = sides;
    if (!first) throw new RangeError('at least one edge');
    const recorded = recordingActivities(testPolicy(), {
      project: async (projection) => void (await first.store.readModel.project(projection)),
      linkCustomer: (link) => gateway.linkCustomer(link),
      unlinkCustomer: (unlink) => gateway.unlinkCustomer(unlink),
      reviveCustomer: (revival) => gateway.reviveCustomer(revival),
      denyCustomer: (denial) => gateway.denyCustomer(denial),
    });
    const worker = await testWorker(server, {
      taskQueue,
      activities: recorded.activities,
      maxCachedWorkflows: cached,
    });
    return new Assembly(sides, server, worker, taskQueue, gateway, recorded, secret);
  }

  /** One address an edge. */
  webhooks(source = 'pivotal'): readonly string[] {
    return this.sides.map(({ listener }) => `http://127.0.0.1:${listener.port}/webhooks/${source}`);
  }

  /** Workflows that the worker has in memory now. */
  get inMemory(): number {
    return this.worker.worker.getStatus().numCachedWorkflows;
  }

  get client(): TestServer['client'] {
    return this.server.client;
  }

  get store(): Store {
    const [first] = this.sides;
    if (!first) throw new RangeError('at least one edge');
    return first.store;
  }

  /** Resolves once every stored event is settled: signalled, or late. */
  async settled(withinMs = 60_000): Promise<void> {
    const look = async () => ((await this.store.inbox.depth()).pending === 0 ? true : undefined);
    await eventually(look, withinMs);
  }

  /** What the checker looks at, once every workflow has applied what it was signalled; or as it is when that takes longer. */
  async observed(workflowsAtLeast: number, withinMs = 60_000): Promise<Observed> {
    const until = performance.now() + withinMs;
    for (;;) {
      const workflows = await readWorkflows(this.client, `TaskQueue = '${this.taskQueue}'`);
      const applied = await this.#applied(workflows).catch(() => new Map<string, Applied>());
      const isQuiet = workflows.every(({ workflowId: id, signalled, pending }) => {
        return pending.taskTries === 0 && applied.get(id)?.count === new Set(signalled).size;
      });
      if ((isQuiet && workflows.length >= workflowsAtLeast) || performance.now() > until)
        return {
          at: Date.now(),
          workflows,
          applied,
          archive: await this.#archive(),
          onboardings: new Map(),
          escalations: [],
        };
      await new Promise((wake) => setTimeout(wake, 200));
    }
  }

  #applied(workflows: Observed['workflows']): Promise<ReadonlyMap<string, Applied>> {
    return appliedBy(workflows, {
      temporal: this.client,
      state: (key) => this.gateway.state(key),
      written: async (key) => {
        const log = await this.store.readModel.log(key);
        return log.flatMap(({ what }) => (what.kind === 'applied' ? what.events : []));
      },
    });
  }

  async #archive(): Promise<Observed['archive']> {
    const rows: EventRow[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await this.store.events.events({ limit: 200, ...(cursor ? { cursor } : {}) });
      rows.push(...page.data);
      cursor = page.next_cursor;
    }
    return grouped(rows.map(archived), (event) => event.id);
  }

  async close(): Promise<void> {
    for (const { listener, dispatcher, beating } of this.sides) {
      clearInterval(beating);
      await listener.close();
      await dispatcher.stop();
    }
    const open = this.client.workflow.list({
      query: `TaskQueue = '${this.taskQueue}' and ExecutionStatus = 'Running'`,
    });
    for await (const { workflowId } of open)
      await this.client.workflow
        .getHandle(workflowId)
        .terminate('The test is over.')
        .catch(() => undefined);
    await this.worker.stop();
    for (const { store } of this.sides) await store.close();
    await this.server.close();
  }
}

interface SideOptions {
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly gateway: Gateway;
  readonly secret: Secret;
}

async function openSide({ databaseUrl, clock, gateway, secret }: SideOptions): Promise<EdgeSide> {
  const store = openStore({ url: databaseUrl, observer: SILENT, serverId: randomUUID() });
  const { inbox, events, readModel, rejections } = store;
  const dispatcher = createDispatcher({
    inbox,
    events,
    gateway,
    readModel,
    policy: () => testPolicy(),
    observer: SILENT,
    now: Date.now,
    lot: Math.random,
    temporalMayForget: false,
  });
  const app = createIngress({
    source: (name) => {
      const workspace = WORKSPACES[name];
      if (workspace === undefined) return undefined;
      return { name, mode: 'live', workspace, secretEnv: 'NONE', toleranceMs: 300_000, secrets: [secret] };
    },
    inbox,
    rejections,
    observer: SILENT,
    clock,
    now: Date.now,
    trustedProxies: 0,
    onAccepted: (row) => dispatcher.offer(row),
    onShed: () => dispatcher.shed(),
    ready: async () => READY,
  });
  // Without it the other edge takes this one for dead, and signals again what is on its way.
  await inbox.heartbeat();
  const beating = setInterval(() => void inbox.heartbeat().catch(() => {}), BEATS_EVERY_MS);
  dispatcher.start();
  return { store, dispatcher, listener: await listen(app, 0, '127.0.0.1'), beating };
}

const archived = ({ eventId, type, status, route }: EventRow): Archived => ({
  id: eventId,
  type,
  status,
  workflow_id: route ? workflowId(route.to, route.key) : null,
});
