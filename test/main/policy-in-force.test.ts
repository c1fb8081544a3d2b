import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { announceOnce } from '../../src/main/announce-policy.js';
import { putIntoForce, readPolicyFile } from '../../src/main/policy-file-here.js';
import { followPolicy } from '../../src/main/policy-in-force.js';
import { createOutbound } from '../../src/outbound/post.js';
import { loadPolicy } from '../../src/policy-file/load.js';
import { openStore, type Store } from '../../src/store/store.js';
import { TestPostgres } from '../support/postgres.js';

const SHIPPED = new URL('../../config/slipway.yaml', import.meta.url);
const source = readFileSync(SHIPPED, 'utf8');
const WITH_HOOK = source.replace(
  /^channels:\n/m,
  'channels:\n  hook: { type: webhook, url: "https://ops.example/hook", secret_env: OPS_HOOK_SECRET }\n',
);

describe('a policy that another process put into force', () => {
  let postgres: TestPostgres;
  let ours: Store;
  let theirs: Store;
  const outbound = createOutbound({ allowPrivate: false });

  beforeAll(async () => {
    postgres = await TestPostgres.start();
    const url = await postgres.database();
    [ours, theirs] = [1, 2].map(() => openStore({ url, observer: SILENT, serverId: randomUUID() })) as [Store, Store];
  });
  afterAll(async () => {
    await ours.close();
    await theirs.close();
    await outbound.close();
    await postgres.stop();
  });

  const follow = () =>
    followPolicy({ policies: ours.policies, variable: () => undefined, outbound, observer: SILENT, now: Date.now });

  it('is followed with its channels, and told to open onboardings by one of them, once', async () => {
    const read = readPolicyFile(undefined, Date.now());
    const told: string[] = [];
    const gateway = { publishPolicy: async (hash: string) => void told.push(hash) };
    const announce = () => announceOnce(ours.meta, gateway, followed?.hash() ?? '');
    expect(await follow()).toBeUndefined();

    expect(await putIntoForce(theirs.policies, theirs.meta, read)).toBe(true);
    const followed = await follow();
    await announce();
    expect([...(followed?.channels().channels.keys() ?? [])]).not.toContain('hook');

    const loaded = loadPolicy(WITH_HOOK, Date.now());
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
    await theirs.policies.publish({ hash: loaded.hash, source: WITH_HOOK, policy: loaded.file.policy });
    await followed?.refresh();
    await announce();
    await announce();

    expect(followed?.hash()).toBe(loaded.hash);
    expect(followed?.channels().problems.join()).toContain('OPS_HOOK_SECRET');
    expect(told).toEqual([loaded.hash]);
    await followed?.close();
  });

  it('stays where the file it came from has not changed since', async () => {
    const read = readPolicyFile(undefined, Date.now());
    expect(await putIntoForce(theirs.policies, theirs.meta, read)).toBe(false);
    expect((await ours.policies.current())?.hash).not.toBe(read.hash);
  });
});
