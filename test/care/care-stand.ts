import { randomUUID } from 'node:crypto';
import { Client, type Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { NativeConnection } from '@temporalio/worker';
import { createCareActivities } from '../../src/activities/care.js';
import { createActivities } from '../../src/activities/index.js';
import { createLogChannel } from '../../src/channels/log.js';
import type { CareGateway } from '../../src/contracts/care.js';
import type { Gateway } from '../../src/contracts/gateway.js';
import { SILENT } from '../../src/contracts/observer.js';
import { parseEvent } from '../../src/domain/event/envelope.js';
import { routeEvent } from '../../src/domain/event/route.js';
import type { RetentionSettings } from '../../src/domain/policy/retention.js';
import type { Clock } from '../../src/domain/time/clock.js';
import { DAY_MS } from '../../src/domain/time/duration.js';
import { createSlipwayWorker } from '../../src/main/worker.js';
import { openStore, type Store } from '../../src/store/store.js';
import { createCareGateway } from '../../src/temporal/care.js';
import { createGateway } from '../../src/temporal/gateway.js';
import { ensureNamespace } from '../../src/temporal/namespace.js';
import { registerSearchAttributes } from '../../src/temporal/search-attributes.js';
import { testPolicy } from '../support/onboarding-fixture.js';
import { TestPostgres } from '../support/postgres.js';
import { cachedWorkflows, eventually, quiet, sharedTemporal, testBundle } from '../support/temporal.js';

/** A real store, a real Temporal server in a namespace of its own, and a worker with the activities of the product. */
export interface CareStand {
  readonly store: Store;
  readonly gateway: Gateway;
  readonly care: CareGateway;
  readonly client: Client;
  readonly connection: Connection;
  readonly taskQueue: string;
  /** Archives one event of the sender and brings it to its workflow. */
  hear(event: object): Promise<void>;
  /** The histories of every workflow there is, as text. */
  histories(): Promise<string>;
  /** Every row of every table, as text. */
  dump(): Promise<string>;
  close(): Promise<void>;
}

export interface CareStandOptions {
  readonly clock: Clock;
  readonly settings?: Partial<RetentionSettings>;
  readonly dataConverter?: DataConverter;
  readonly bundlePath?: string;
}

const SETTINGS: RetentionSettings = {
  eventsMs: 90 * DAY_MS,
  rejectionsMs: 30 * DAY_MS,
  sendsMs: 90 * DAY_MS,
  auditMs: 400 * DAY_MS,
  messagesMs: 90 * DAY_MS,
  sources: {},
};

export async function careStand(options: CareStandOptions): Promise<CareStand> {
  quiet();
  const { clock } = options;
  const server = await sharedTemporal();
  const namespace = `care-${randomUUID().slice(0, 8)}`;
  await ensureNamespace(server.connection, namespace, 90);
  await registerSearchAttributes(server.connection, namespace);
  const postgres = await TestPostgres.start();
  const url = await postgres.database();
  const store = openStore({ url, observer: SILENT, serverId: 'server-1' });
  const converter = options.dataConverter ? { dataConverter: options.dataConverter } : {};
  const client = new Client({ connection: server.connection, namespace, ...converter });
  const taskQueue = `test-${randomUUID()}`;
  const gateway = createGateway({ client, taskQueue, clock });
  const care = createCareGateway({ client, taskQueue, clock });
  const policy = testPolicy();
  const policies = {
    current: async () => ({ hash: policy.hash, source: '', policy }),
    history: async () => [{ hash: policy.hash, publishedAt: 0 }],
  };
  const activities = {
    ...createActivities({
      ledger: store.sends,
      gate: store.gate,
      channel: (name) => createLogChannel(name, SILENT),
      observer: SILENT,
      readModel: store.readModel,
      policies,
      gateway,
    }),
    ...createCareActivities({
      retention: store.retention,
      erasures: store.erasures,
      care,
      audit: store.audit,
      retentionSettings: async () => ({ ...SETTINGS, ...options.settings }),
      clock,
      now: Date.now,
      observer: SILENT,
    }),
  };
  const nativeConnection = await NativeConnection.connect({ address: server.address });
  const worker = await createSlipwayWorker({
    nativeConnection,
    namespace,
    taskQueue,
    bundlePath: options.bundlePath ?? (await testBundle()),
    activities,
    maxCachedWorkflows: cachedWorkflows(),
    ...converter,
  });
  const ended = worker.run();

  return {
    store,
    gateway,
    care,
    client,
    connection: server.connection,
    taskQueue,
    async hear(event) {
      const parsed = parseEvent(event);
      const at = Date.now();
      const route =
        'quarantined' in parsed
          ? undefined
          : routeEvent(parsed, {
              source: 'pivotal',
              workspace: 'main',
              sourceMode: 'live',
              heardAt: at,
              fallbackAt: at,
            });
      const id = 'quarantined' in parsed ? randomUUID() : parsed.id;
      const { seq } = await store.inbox.accept({
        source: 'pivotal',
        eventId: id,
        deliveryId: `msg_${id}`,
        type: 'quarantined' in parsed ? null : parsed.type,
        body: Buffer.from(JSON.stringify(event)),
        headers: { 'svix-id': `msg_${id}` },
        secret: 'default',
        receivedAt: at,
        receivedVirtual: at,
        occurredAt: at,
        org: null,
        ...(route ? { route } : {}),
      });
      if (route?.to === 'onboarding') await gateway.signalEvents(route.key, [route.fact], route.fact.record.name ?? '');
      if (route?.to === 'customer') await gateway.signalCustomer(route.key, [route.fact]);
      await store.inbox.settle([seq], 'signalled');
    },
    async histories() {
      let text = '';
      for await (const { workflowId, runId } of client.workflow.list()) {
        const history = await client.workflow
          .getHandle(workflowId, runId)
          .fetchHistory()
          .catch(() => ({}));
        text += plain(`${workflowId} ${historyToJSON(history)}`);
      }
      return text;
    },
    async dump() {
      const tables = await postgres.query(
        url,
        "select tablename from pg_tables where schemaname = 'public' and tablename not like 'kysely%'",
      );
      let text = '';
      for (const { tablename } of tables) {
        const rows = await postgres.query(url, `select t::text as row from "${String(tablename)}" t`);
        text += rows.map(({ row }) => `${String(tablename)} ${plain(String(row))}`).join('\n');
      }
      return text;
    },
    async close() {
      for await (const { workflowId } of client.workflow.list({ query: "ExecutionStatus = 'Running'" }))
        await client.workflow
          .getHandle(workflowId)
          .terminate('The test is over.')
          .catch(() => undefined);
      worker.shutdown();
      await ended;
      await nativeConnection.close();
      await store.close();
      await server.close();
      await postgres.stop();
    },
  };
}

/** The text with what is in hexadecimal or base64 in it read as well. */
function plain(text: string): string {
  const bytes = [...text.matchAll(/\\x((?:[0-9a-f]{2}){8,})/g)].map((match) => Buffer.from(match[1] as string, 'hex'));
  const encoded = [...text.matchAll(/"([A-Za-z0-9+/]{16,}={0,2})"/g)].map((match) =>
    Buffer.from(match[1] as string, 'base64'),
  );
  return [text, ...[...bytes, ...encoded].map((one) => one.toString('utf8'))].join('\n');
}

export async function untilDone(stand: CareStand, erasure: string, withinMs = 40_000): Promise<void> {
  await eventually(
    async () => ((await stand.store.erasures.find(erasure))?.state === 'done' ? true : undefined),
    withinMs,
  );
}
