import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.js';
import { type ComposeFile, isOneShot, ours, readCompose, readText, ROOT, service, unset } from './compose-file.js';

const compose = readCompose();
const services = Object.entries(compose.services);
const lasting = services.filter(([name]) => !isOneShot(compose, name));

describe('docker-compose.yml', () => {
  it('is what the Compose Specification describes', () => {
    const { $schema: _, ...schema } = JSON.parse(readText('test/fixtures/compose-spec/compose-spec.json'));
    const isCompose = new Ajv({ strict: false, allErrors: true }).compile(schema);
    expect(isCompose(compose), JSON.stringify(isCompose.errors)).toBe(true);
    expect(isCompose({ services: { edge: { imge: 'slipway' } } })).toBe(false);
  });

  it.each(services)('%s: its image is pinned to one version', (_name, { image }) => {
    expect(unset(image)).toMatch(/^[\w./-]+:\d+\.\d+(\.\d+)?(-[\w.]+)?$/);
  });

  it('has the version of package.json as that of the image', () => {
    const { version } = JSON.parse(readText('package.json')) as { version: string };
    for (const [, { image }] of ours(compose)) expect(unset(image)).toBe(`slipway:${version}`);
    expect(readText('deploy/kubernetes/kustomization.yaml')).toContain(`newTag: ${version}`);
  });

  it.each(lasting)('%s: its health is asked for, and it comes back by itself', (_name, one) => {
    expect(one.healthcheck?.test[0]).toBe('CMD');
    expect(one.restart).toBe('unless-stopped');
    expect(one.stop_grace_period).toMatch(/^\d+s$/);
  });

  it('waits for what is ready, not for what was merely started', () => {
    const conditions = services.flatMap(([, { depends_on }]) =>
      Object.entries(depends_on ?? {}).map(([on, { condition }]) => [on, condition] as const),
    );
    for (const [on, condition] of conditions)
      expect(condition, on).toBe(isOneShot(compose, on) ? 'service_completed_successfully' : 'service_healthy');
    for (const [name] of services.filter(([name]) => isOneShot(compose, name)))
      expect(service(compose, name).restart, name).toMatch(/^on-failure/);
  });

  it('runs two servers behind the proxy and two workers', () => {
    const commands = ours(compose).map(([name, { command, deploy }]) => [name, command, deploy?.replicas ?? 1]);
    expect(commands).toEqual([
      ['migrate', ['migrate'], 1],
      ['server-1', ['server'], 1],
      ['server-2', ['server'], 1],
      ['worker', ['worker'], 2],
    ]);
    for (const [name] of ours(compose).filter(([, { command }]) => command?.[0] === 'server'))
      expect(readText('deploy/compose/Caddyfile')).toContain(`${name}:8787`);
  });

  it('takes events while Temporal is away: a server waits for the store alone', () => {
    expect(Object.keys(service(compose, 'server-1').depends_on ?? {}).sort()).toEqual(['migrate', 'postgres']);
  });

  it.each(ours(compose))('%s: has no rights and writes to a tmpfs alone', (_name, one) => {
    expect(one).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(one.tmpfs).toHaveLength(1);
    expect(one.user ?? '').toBe('');
    expect(one.volumes ?? []).toEqual([]);
  });

  it('publishes the webhooks to all, the console and the Temporal UI to this machine, and nothing else', () => {
    const published = services.flatMap(([name, { ports }]) => (ports ?? []).map((port) => `${name} ${port}`));
    expect(published.sort()).toEqual([
      'proxy 127.0.0.1:8788:8788',
      'proxy 443:443',
      'proxy 80:80',
      'temporal-ui 127.0.0.1:8233:8080',
    ]);
  });

  it('keeps PostgreSQL and Temporal on a network without a way in or out', () => {
    expect(compose.networks.back).toEqual({ internal: true });
    for (const name of ['postgres', 'temporal', 'temporal-schema'])
      expect(service(compose, name).networks).toEqual(['back']);
  });
});

describe('deploy/compose/encrypted.yml', () => {
  const over = parse(readText('deploy/compose/encrypted.yml'), { merge: true }) as ComposeFile;

  it('gives every process that runs workflows or starts them the same keys, from a file that make-secrets.sh makes', () => {
    const running = ours(compose).filter(([name]) => name !== 'migrate');
    expect(Object.keys(over.services).sort()).toEqual(running.map(([name]) => name).sort());
    for (const [name, { environment, secrets }] of Object.entries(over.services)) {
      expect(environment, name).toEqual({ SLIPWAY_PAYLOAD_KEYS_FILE: '/run/secrets/slipway_payload_keys' });
      expect(secrets, name).toEqual(['slipway_payload_keys']);
    }
    expect(readText('deploy/compose/make-secrets.sh')).toMatch(/^keep slipway_payload_keys "k1=/m);
  });
});

describe('its secrets', () => {
  it('come from files, one for each, which make-secrets.sh makes', () => {
    const script = readText('deploy/compose/make-secrets.sh');
    for (const [name, { file }] of Object.entries(compose.secrets)) {
      expect(file).toBe(`./deploy/compose/secrets/${name}`);
      expect(script).toMatch(new RegExp(`^keep ${name} `, 'm'));
    }
    expect(readText('deploy/compose/.gitignore')).toContain('secrets/');
  });

  it.each(services)('%s: names a file where a secret is meant, and is given no other one', (_name, one) => {
    for (const [variable, value] of Object.entries(one.environment ?? {})) {
      if (/SECRET|TOKEN|PASSWORD|PWD|KEY|DATABASE_URL/.test(variable))
        expect([variable.endsWith('_FILE'), value.startsWith('/run/secrets/')], variable).toEqual([true, true]);
      expect(value).not.toMatch(/:\/\/[^/]*:[^/]*@|whsec_/);
    }
    const read = Object.values(one.environment ?? {}).flatMap(
      (value) => /^\/run\/secrets\/(.+)$/.exec(value)?.[1] ?? [],
    );
    const init = (one.volumes ?? []).some((volume) => volume.includes('postgres-databases.sql'))
      ? [...readText('deploy/compose/postgres-databases.sql').matchAll(/\/run\/secrets\/(\w+)/g)].map(
          ([, name]) => name,
        )
      : [];
    expect(new Set(one.secrets)).toEqual(new Set([...read, ...init]));
  });
});

describe('the files it mounts', () => {
  it('are there', () => {
    const mounted = services.flatMap(([, { volumes }]) => (volumes ?? []).filter((one) => one.startsWith('./')));
    const paths = [...mounted.map((one) => one.split(':')[0] as string), unset(compose.configs.policy?.file ?? '')];
    expect(paths.length).toBeGreaterThan(6);
    for (const path of paths) expect(existsSync(join(ROOT, path)), path).toBe(true);
  });

  it('register the search attributes that Slipway writes', () => {
    const types: Readonly<Record<string, string>> = { KEYWORD: 'Keyword', INT: 'Int', DATETIME: 'Datetime' };
    const wanted = Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => `${name} ${types[type] ?? type}`);
    const list = /<<'ATTRIBUTES'\n([^]*?)\nATTRIBUTES/.exec(
      readText('deploy/compose/temporal-search-attributes.sh'),
    )?.[1];
    expect(list?.split('\n')).toEqual(wanted);
  });
});
