import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.js';
import { hasPromtool, promtool, WITHOUT_PROMTOOL } from '../observe/promtool.js';
import { isOneShot, ours, readCompose, readFurther, readText, ROOT, service, unset } from './compose-file.js';

const compose = readCompose();
const services = Object.entries(compose.services);
const lasting = services.filter(([name]) => !isOneShot(compose, name));
const { $schema: _, ...schema } = JSON.parse(readText('test/fixtures/compose-spec/compose-spec.json'));
const isCompose = new Ajv({ strict: false, allErrors: true }).compile(schema);
const PINNED = /^[\w./-]+:v?\d+\.\d+(\.\d+)?(-[\w.]+)?$/;

describe('docker-compose.yml', () => {
  it('is what the Compose Specification describes', () => {
    expect(isCompose(compose), JSON.stringify(isCompose.errors)).toBe(true);
    expect(isCompose({ services: { edge: { imge: 'slipway' } } })).toBe(false);
  });

  it.each(services)('%s: its image is pinned to one version', (_name, { image }) => {
    expect(unset(image)).toMatch(PINNED);
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

  it('tells a server all that it tells a worker, so that `start --rebuild` can be run in its place', () => {
    const [server, worker] = ['server-1', 'worker'].map((name) => service(compose, name));
    const ofItsOwn = ['NODE_OPTIONS', 'SLIPWAY_WORKER_PORT'];
    const told = Object.entries(worker?.environment ?? {}).filter(([name]) => !ofItsOwn.includes(name));
    expect(told.length).toBeGreaterThan(3);
    expect(server?.environment).toMatchObject(Object.fromEntries(told));
    expect(server?.secrets).toEqual(expect.arrayContaining([...(worker?.secrets ?? [])]));
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

describe('deploy/compose/Caddyfile', () => {
  it('keeps what a load balancer before it says of the sender, and what nobody else says', () => {
    const [, options] = /^\{\n([^]*?)\n\}$/m.exec(readText('deploy/compose/Caddyfile')) ?? [];
    const trusted = [...`${options}`.matchAll(/^\s*trusted_proxies (.*)$/gm)].map(([, whom]) => whom);
    expect(trusted).toEqual(['static private_ranges']);
    expect(service(compose, 'server-1').environment?.SLIPWAY_TRUSTED_PROXIES).toBe('${SLIPWAY_TRUSTED_PROXIES:-1}');
  });
});

describe.each(['encrypted.yml', 'monitoring.yml'])('deploy/compose/%s', (name) => {
  it('is what the Compose Specification describes, and is switched on where every later command finds it', () => {
    expect(isCompose(readFurther(name)), JSON.stringify(isCompose.errors)).toBe(true);
    const line = `COMPOSE_FILE=docker-compose.yml:deploy/compose/${name}`;
    for (const page of [`deploy/compose/${name}`, 'docs/operating.md']) expect(readText(page), page).toContain(line);
  });
});

describe('deploy/compose/monitoring.yml', () => {
  const over = readFurther('monitoring.yml');
  const { prometheus } = over.services;
  const scrape = parse(readText('deploy/compose/prometheus.yml')) as {
    rule_files: readonly string[];
    scrape_configs: readonly {
      job_name: string;
      authorization?: { credentials_file: string };
      static_configs?: readonly { targets: readonly string[] }[];
      dns_sd_configs?: readonly { names: readonly string[]; type: string; port: number }[];
    }[];
  };
  /** Each service of Slipway, at the port where it serves /metrics. */
  const serves = (variable: string) =>
    ours(compose).flatMap(([name, { environment }]) =>
      environment?.[variable] ? [`${name}:${environment[variable]}`] : [],
    );

  it('adds one service, which is pinned, has no rights, and writes to its volume alone', () => {
    expect(Object.keys(over.services)).toEqual(['prometheus']);
    expect(prometheus?.image).toMatch(PINNED);
    expect(prometheus).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      restart: 'unless-stopped',
    });
    expect(prometheus?.healthcheck?.test[0]).toBe('CMD');
    const [inside, ...files] = [...(prometheus?.volumes ?? [])].reverse();
    expect(inside).toBe('prometheus:/prometheus');
    expect(over.volumes).toEqual({ prometheus: {} });
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      expect(file).toMatch(/:ro$/);
      expect(existsSync(join(ROOT, file.split(':')[0] ?? '')), file).toBe(true);
    }
  });

  it('stands where servers and workers answer, and shows its page to this machine alone', () => {
    expect(prometheus?.ports).toEqual(['127.0.0.1:9090:9090']);
    const networks = prometheus?.networks ?? [];
    expect(networks).toContain('back');
    // Docker publishes no port of a container that is on internal networks alone.
    expect(networks.some((name) => compose.networks[name] && !compose.networks[name]?.internal)).toBe(true);
    for (const [name] of ours(compose)) expect(service(compose, name).networks).toContain('back');
  });

  it('scrapes every server and every worker, at the ports that they are given', () => {
    const targets = scrape.scrape_configs.flatMap((one) => one.static_configs ?? []).flatMap((one) => one.targets);
    const asked = scrape.scrape_configs.flatMap((one) => one.dns_sd_configs ?? []);
    expect(targets).toEqual(serves('SLIPWAY_CONSOLE_PORT'));
    expect(asked.flatMap(({ names, port }) => names.map((name) => `${name}:${port}`))).toEqual(
      serves('SLIPWAY_WORKER_PORT'),
    );
    expect(asked.map(({ type }) => type)).toEqual(['A']);
    // As the rules ask for them.
    for (const { job_name: job } of scrape.scrape_configs) expect(job).toMatch(/^slipway/);
  });

  it('shows servers the token of a secret file, and evaluates the rules that it mounts', () => {
    const [servers] = scrape.scrape_configs;
    expect(servers?.authorization).toEqual({ credentials_file: '/run/secrets/prometheus_token' });
    expect(prometheus?.secrets).toEqual(['prometheus_token']);
    expect(over.secrets).toEqual({ prometheus_token: { file: './deploy/compose/secrets/prometheus_token' } });
    expect(readText('docs/operating.md')).toContain('> deploy/compose/secrets/prometheus_token');
    for (const file of scrape.rule_files)
      expect(
        prometheus?.volumes?.some((one) => one.split(':')[1] === resolve('/etc/prometheus', file)),
        file,
      ).toBe(true);
  });

  it.skipIf(!hasPromtool)(`is told what Prometheus takes${WITHOUT_PROMTOOL}`, () =>
    expect(
      promtool('check', 'config', '--syntax-only', join(ROOT, 'deploy/compose/prometheus.yml')),
    ).resolves.toContain('SUCCESS'),
  );
});

describe('deploy/compose/encrypted.yml', () => {
  const over = readFurther('encrypted.yml');

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
