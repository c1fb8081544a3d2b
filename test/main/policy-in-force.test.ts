import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { announceOnce } from '../../src/main/announce-policy.js';
import { runMigrate } from '../../src/main/migrate-process.js';
import { putIntoForce, readPolicyFile } from '../../src/main/policy-file-here.js';
import { followPolicy } from '../../src/main/policy-in-force.js';
import { readSettings } from '../../src/main/settings.js';
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

  describe('from a file', () => {
    let store: Store;
    let url: string;
    const dir = mkdtempSync(path.join(tmpdir(), 'slipway-policy-'));
    const named = path.join(dir, 'named.yaml');
    const put = (file?: string) => putIntoForce(store.policies, store.meta, readPolicyFile(file, Date.now()));
    const hashOf = (file?: string) => readPolicyFile(file, Date.now()).hash;
    const inForce = async () => (await store.policies.current())?.hash;
    const lines = async () => (await store.audit.entries({ limit: 9 })).data;

    beforeEach(async () => {
      url = await postgres.database();
      store = openStore({ url, observer: SILENT, serverId: randomUUID() });
      writeFileSync(named, WITH_HOOK);
    });
    afterEach(() => store.close());
    afterAll(() => rmSync(dir, { recursive: true, force: true }));

    const publish = async (text: string) => {
      const loaded = loadPolicy(text, Date.now());
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
      await store.policies.publish({ hash: loaded.hash, source: text, policy: loaded.file.policy });
      return loaded.hash;
    };

    it('stays where that has not changed since, whatever was published meanwhile', async () => {
      expect(await put(named)).toBe(true);
      const published = await publish(source);

      expect(await put(named)).toBe(false);
      expect(await inForce()).toBe(published);
      writeFileSync(named, WITH_HOOK.replaceAll('hook:', 'other:'));
      expect(await put(named)).toBe(true);
      expect(await inForce()).toBe(hashOf(named));
    });

    it('is one line of the audit log, which names the file and what was in force before', async () => {
      const first = hashOf(named);
      await put(named);
      await put(named);
      writeFileSync(named, source);
      await put(named);

      const line = { actor: 'slipway', action: 'policy.publish', reason: expect.stringContaining(named) };
      expect(await lines()).toMatchObject([
        { ...line, subject: hashOf(named), before: { hash: first }, after: { hash: hashOf(named) } },
        { ...line, subject: first, before: null, after: { hash: first } },
      ]);
    });

    it('of the operator is not replaced by the one that ships, where no file is found', async () => {
      await put(named);

      expect(await put()).toBe(false);
      expect(await inForce()).toBe(hashOf(named));
      const published = await publish(WITH_HOOK.replaceAll('hook:', 'other:'));
      expect(await put()).toBe(false);
      expect(await put(named)).toBe(false);
      expect(await inForce()).toBe(published);
    });

    it('that ships is in force where none was, and a copy of it that somebody names later is wished', async () => {
      expect(await put()).toBe(true);
      expect(await lines()).toMatchObject([{ actor: 'slipway', before: null, after: { hash: hashOf() } }]);
      await publish(WITH_HOOK);
      writeFileSync(named, source);

      expect(await put()).toBe(false);
      expect(await put(named)).toBe(true);
      expect(await inForce()).toBe(hashOf());
    });

    it('is told by `slipway migrate`, and why another one stays', async () => {
      const migrate = async (config?: string) => {
        const said: string[] = [];
        const env = { DATABASE_URL: url, ...(config === undefined ? {} : { SLIPWAY_CONFIG: config }) };
        await runMigrate(readSettings(env), (text) => void said.push(text));
        return said.at(-1);
      };

      expect(await migrate()).toBe(`The policy of ${readPolicyFile(undefined, 0).path} is in force (${hashOf()}).`);
      expect(await migrate(named)).toBe(`The policy of ${named} is in force (${hashOf(named)}).`);
      expect(await migrate(named)).toBe(
        `The policy in force stays (${hashOf(named)}): ${named} has not changed since it was put there.`,
      );
      expect(await migrate()).toBe(
        `The policy in force stays (${hashOf(named)}): no file of yours is here to replace it, since SLIPWAY_CONFIG is unset and there is no slipway.yaml in this directory.`,
      );
      expect(await lines()).toHaveLength(2);
    });
  });
});
