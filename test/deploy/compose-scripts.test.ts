import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.js';
import { defaultCacheDir, findTemporal } from '../../src/embedded/temporal-binary.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { sharedTemporal, type TestServer } from '../support/temporal.js';
import { readCompose, ROOT } from './compose-file.js';

const run = promisify(execFile);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-compose-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('make-secrets.sh', () => {
  it('makes every secret once, closed to other users, and never changes one that is there', async () => {
    cpSync(join(ROOT, 'deploy/compose/make-secrets.sh'), join(folder, 'make-secrets.sh'));
    await run('sh', [join(folder, 'make-secrets.sh')]);
    const made = join(folder, 'secrets');
    expect(readdirSync(made).sort()).toEqual([...Object.keys(readCompose().secrets), 'slipway_payload_keys'].sort());
    expect(statSync(made).mode & 0o777).toBe(0o700);
    const read = () =>
      Object.fromEntries(readdirSync(made).map((name) => [name, readFileSync(join(made, name), 'utf8')]));
    const first = read();
    expect(new Set(Object.values(first)).size).toBe(Object.keys(first).length);
    expect(first.pivotal_webhook_secret).toMatch(/^whsec_[\w+/]{32}\n$/);
    expect(new URL(first.database_url ?? '').password).toBe(first.slipway_db_password?.trim());
    rmSync(join(made, 'slipway_api_token'));
    await run('sh', [join(folder, 'make-secrets.sh')]);
    const { slipway_api_token: token, ...others } = read();
    expect(others).toEqual(Object.fromEntries(Object.entries(first).filter(([name]) => name !== 'slipway_api_token')));
    expect(token).not.toBe(first.slipway_api_token);
  });
});

describe('the one-shot steps on a real Temporal server', () => {
  let server: TestServer;
  let env: Record<string, string>;
  const namespace = `compose-${process.pid}`;
  const step = (name: string) => run('sh', [join(ROOT, 'deploy/compose', name)], { env, timeout: 60_000 });

  beforeAll(async () => {
    server = await sharedTemporal();
    symlinkSync(await findTemporal(defaultCacheDir(), folder, () => {}), join(folder, 'temporal'));
    env = {
      PATH: `${folder}:/usr/bin:/bin`,
      TEMPORAL_ADDRESS: server.address,
      TEMPORAL_NAMESPACE: namespace,
      HOME: folder,
    };
  });
  afterAll(() => server.close());

  it('make a namespace that remembers for 90 days and knows every search attribute, and may run again', async () => {
    for (const _ of [1, 2]) {
      await step('temporal-namespace.sh');
      await step('temporal-search-attributes.sh');
    }
    const { config } = await server.connection.workflowService.describeNamespace({ namespace });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(90 * 86_400);
    const { connection, close } = connectTemporal({ options: { address: server.address }, namespace });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    await close();
    expect(Object.keys(customAttributes ?? {})).toEqual(
      expect.arrayContaining(Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name)),
    );
  });
});

describe('temporal-schema.sh and temporal-server.sh', () => {
  it('read the password from its file and hand it on in the environment', async () => {
    writeFileSync(join(folder, 'password'), 'open sesame\n');
    writeFileSync(join(folder, 'temporal-sql-tool'), '#!/bin/sh\necho "$SQL_PASSWORD: $*"\n', { mode: 0o755 });
    const { stdout } = await run('sh', [join(ROOT, 'deploy/compose/temporal-schema.sh')], {
      env: {
        PATH: `${folder}:/usr/bin:/bin`,
        SQL_PASSWORD_FILE: join(folder, 'password'),
        TEMPORAL_SCHEMAS: '/schemas',
      },
    });
    expect(stdout.trim().split('\n')).toEqual([
      'open sesame: --database temporal setup-schema --version 0.0',
      'open sesame: --database temporal update-schema --schema-dir /schemas/temporal/versioned',
      'open sesame: --database temporal_visibility setup-schema --version 0.0',
      'open sesame: --database temporal_visibility update-schema --schema-dir /schemas/visibility/versioned',
    ]);
  });

  it('say what is missing where no file is named', async () => {
    for (const script of ['temporal-schema.sh', 'temporal-server.sh'])
      await expect(
        run('sh', [join(ROOT, 'deploy/compose', script)], { env: { PATH: '/usr/bin:/bin' } }),
      ).rejects.toThrow(/names the file with the password/);
  });
});
