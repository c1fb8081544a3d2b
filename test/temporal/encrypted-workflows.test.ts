import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflowId } from '../../src/contracts/ids.js';
import type { EntityKey } from '../../src/domain/event/key.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { type RunningTemporal, startTemporal } from '../../src/embedded/temporal.js';
import { bundleWorkflows } from '../../src/main/bundle.js';
import { createSlipwayWorker } from '../../src/main/worker.js';
import { connectTemporal, type TemporalClient } from '../../src/temporal/connection.js';
import { type EncryptingConverter, encryptingConverter } from '../../src/temporal/data-converter.js';
import { createGateway } from '../../src/temporal/gateway.js';
import { registerSearchAttributes } from '../../src/temporal/search-attributes.js';
import { parsePayloadKeys } from '../../src/temporal/payload-keys.js';
import { fact, newKey, testPolicy } from '../support/onboarding-fixture.js';
import { recordingActivities } from '../support/recording-activities.js';
import { requireTypescript } from '../support/require-typescript.js';
import { cachedWorkflows, eventually, quiet, testBundle } from '../support/temporal.js';

const NAMESPACE = 'slipway';
const key = (id: string) => `${id}=${randomBytes(32).toString('base64')}`;
const K1 = key('k1');
const K2 = key('k2');
const under = (keys: string) => encryptingConverter(parsePayloadKeys(keys));

let dir: string;
let server: RunningTemporal;
let plainBundle: string;
let encryptedBundle: string;
beforeAll(async () => {
  quiet();
  requireTypescript();
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-codec-')));
  const converter = under(K1);
  [server, plainBundle, encryptedBundle] = await Promise.all([
    startTemporal({ dataDir: dir, namespace: NAMESPACE, speedIsOne: true, searchAttributes: {}, progress: () => {} }),
    testBundle(),
    bundleWorkflows(join(tmpdir(), 'slipway-test-bundles'), converter.failureConverterPath),
  ]);
  const { connection, close } = connect();
  await registerSearchAttributes(connection, NAMESPACE);
  await close();
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

function connect(dataConverter?: EncryptingConverter): TemporalClient {
  return connectTemporal(
    { options: { address: server.address }, namespace: NAMESPACE },
    { pastProxy: true, dataConverter },
  );
}

interface Life {
  readonly temporal: TemporalClient;
  readonly gateway: ReturnType<typeof createGateway>;
  readonly recorded: ReturnType<typeof recordingActivities>;
  end(): Promise<void>;
}

async function live(taskQueue: string, dataConverter?: EncryptingConverter): Promise<Life> {
  const temporal = connect(dataConverter);
  const gateway = createGateway({ client: temporal.client, taskQueue, clock: REAL_CLOCK });
  const recorded = recordingActivities(testPolicy(), { linkCustomer: (link) => gateway.linkCustomer(link) });
  const connection = await NativeConnection.connect({ address: server.address });
  const worker = await createSlipwayWorker({
    nativeConnection: connection,
    namespace: NAMESPACE,
    taskQueue,
    bundlePath: dataConverter ? encryptedBundle : plainBundle,
    activities: recorded.activities,
    maxCachedWorkflows: cachedWorkflows(),
    dataConverter,
  });
  const ended = worker.run();
  return {
    temporal,
    gateway,
    recorded,
    async end() {
      worker.shutdown();
      await ended;
      await connection.close();
      await temporal.close();
    },
  };
}

/** Each where another part of Temporal would keep it; the first is the title, in summary and memo. */
const canaries = (mark: string) => ({
  title: `Canaria ${mark}`,
  owner: `owner-${mark}@canary.example`,
  task: `Feed the canary ${mark}`,
  note: `They sing at ${mark}`,
  failure: `The canary ${mark} is out of its cage`,
  customer: `Canary Holding ${mark}`,
});

/** Events, an activity that fails, an escalation, a note, a word of the customer's workflow: all that carries data. */
async function goThrough({ gateway, recorded }: Life, onboarding: EntityKey, mark: string) {
  const said = canaries(mark);
  let failures = 0;
  recorded.before = (name) => {
    if (name === 'project' && failures++ === 0) throw new Error(said.failure);
  };
  const now = Date.now();
  const task = { id: 't', title: said.task };
  await gateway.signalEvents(
    onboarding,
    [
      fact('created', now - 2, { name: said.title, owner: said.owner, phase: 'kickoff', customerId: `cus-${mark}` }),
      fact('task', now - 1, {}, { task }),
      fact('at_risk', now),
    ],
    said.title,
  );
  await gateway.signalCustomer({ ...onboarding, id: `cus-${mark}` }, [
    // biome-ignore format: one fact
    { id: randomUUID(), source: 'pivotal', type: 'customer.at_risk', kind: 'at_risk', at: now, heardAt: now, record: { name: said.customer }, previous: {} },
  ]);
  await eventually(async () => (await gateway.state(onboarding))?.customer?.flags[0] !== undefined || undefined);
  const escalation = await eventually(async () => {
    const view = await gateway.view(onboarding);
    return view?.escalations.find((one) => one.sends.some((send) => send.status === 'sent'));
  });
  const by = { id: 'tom', name: 'Tom' };
  await gateway.act(onboarding, { verb: 'note', escalationId: escalation.id, by, note: said.note });
  const view = await gateway.view(onboarding);
  expect(view).toMatchObject({ name: said.title, escalations: [{ notes: [{ text: said.note }] }] });
  return said;
}

/** Everything the server has on its disk, the log of what it is about to write included. */
const onDisk = (): string =>
  readdirSync(dir)
    .filter((name) => name.startsWith('temporal') && /db|sqlite/.test(name))
    .map((name) => readFileSync(join(dir, name), 'latin1'))
    .join('\n');

async function historyOf({ temporal }: Life, onboarding: EntityKey): Promise<History> {
  return temporal.client.workflow.getHandle(workflowId('onboarding', onboarding)).fetchHistory();
}

describe('with payload keys', () => {
  const taskQueue = () => `test-${randomUUID()}`;

  it("nothing of what was said is in the server's database; without them everything is", async () => {
    const plain = await live(taskQueue());
    const shown = await goThrough(plain, newKey(), 'alpha');
    await plain.end();
    const encrypted = await live(taskQueue(), under(K1));
    const hidden = await goThrough(encrypted, newKey(), 'beta');
    await encrypted.end();

    const disk = onDisk();
    expect(Object.values(shown).filter((canary) => !disk.includes(canary))).toEqual([]);
    expect(Object.values(hidden).filter((canary) => disk.includes(canary))).toEqual([]);
  });

  it('a history that was written under an old key replays after the rotation', async () => {
    const onboarding = newKey();
    const before = await live(taskQueue(), under(K1));
    await goThrough(before, onboarding, 'gamma');
    const history = await historyOf(before, onboarding);
    await before.end();

    expect(JSON.stringify(history)).toContain(Buffer.from('k1').toString('base64'));
    await Worker.runReplayHistory(
      { workflowBundle: { codePath: encryptedBundle }, dataConverter: under(`${K2},${K1}`) },
      history,
      workflowId('onboarding', onboarding),
    );
  });

  it('workflows that were open before go on, and are read by whoever has the keys', async () => {
    const onboarding = newKey();
    const queue = taskQueue();
    const before = await live(queue);
    await goThrough(before, onboarding, 'delta');
    await before.end();

    const after = await live(queue, under(K1));
    expect((await after.gateway.view(onboarding))?.name).toBe(canaries('delta').title);
    await after.gateway.signalEvents(onboarding, [fact('record', Date.now(), { name: canaries('epsilon').title })]);
    const renamed = await eventually(async () => {
      const view = await after.gateway.view(onboarding);
      return view?.name === canaries('epsilon').title ? view : undefined;
    });
    expect(renamed.escalations).toHaveLength(1);
    expect(onDisk()).not.toContain(canaries('epsilon').title);
    await after.end();
  });
});
