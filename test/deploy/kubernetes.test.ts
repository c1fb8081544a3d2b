import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadPolicy } from '../../src/policy-file/load.js';
import { readCompose, readText, ROOT, service } from './compose-file.js';

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly resources: { readonly requests: Record<string, string>; readonly limits: Record<string, string> };
  readonly securityContext: unknown;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
}
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}
interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: unknown;
  readonly terminationGracePeriodSeconds?: number;
  readonly containers: readonly [Container];
  readonly volumes: readonly Record<string, unknown>[];
}
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas?: number;
    readonly minAvailable?: number;
    readonly selector?: { readonly matchLabels?: Record<string, string> } & Record<string, unknown>;
    readonly template: { readonly metadata: { readonly labels: Record<string, string> }; readonly spec: PodSpec };
    readonly ports?: readonly { readonly targetPort: string }[];
    readonly egress?: readonly Egress[];
  };
}
interface Egress {
  readonly to: readonly {
    readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
    readonly namespaceSelector?: object;
  }[];
  readonly ports?: readonly { readonly protocol: string; readonly port: number }[];
}

const FOLDER = 'deploy/kubernetes';
const kustomization = parse(readText(`${FOLDER}/kustomization.yaml`)) as {
  resources: readonly string[];
  images: readonly { name: string; newTag: string }[];
  configMapGenerator: readonly { name: string; files?: readonly string[]; envs?: readonly string[] }[];
};
/** As kustomize reads the file: a name and a value a line. */
const environment: readonly (readonly [string, string])[] = readText(`${FOLDER}/environment.env`)
  .split('\n')
  .filter((line) => line && !line.startsWith('#'))
  .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);

function manifests(file: string): readonly Manifest[] {
  return parseAllDocuments(readText(`${FOLDER}/${file}`)).map((document) => {
    expect(document.errors, file).toEqual([]);
    return document.toJS() as Manifest;
  });
}

const all = kustomization.resources.flatMap(manifests);
const running = all.filter(({ kind }) => kind === 'Deployment' || kind === 'Job');
const deployments = all.filter(({ kind }) => kind === 'Deployment');
const pod = (one: Manifest): PodSpec => one.spec.template.spec;
const named = (one: Manifest): [string, Manifest] => [one.metadata.name, one];

describe('the kustomization', () => {
  it('names every manifest of its folder but the examples', () => {
    const files = readdirSync(join(ROOT, FOLDER)).filter((file) => file.endsWith('.yaml'));
    const apart = ['kustomization.yaml', 'secret.example.yaml', 'slipway.yaml'];
    expect([...kustomization.resources].sort()).toEqual(files.filter((file) => !apart.includes(file)).sort());
  });

  it('gives each manifest a kind, a version and a name of its own', () => {
    const keys = all.map(({ apiVersion, kind, metadata }) => `${apiVersion}/${kind}/${metadata.name}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).not.toContain('undefined');
  });

  it('pins the image, and brings the policy along under a name that changes with it', () => {
    expect(kustomization.images).toEqual([
      expect.objectContaining({ name: 'slipway', newTag: expect.stringMatching(/^\d/) }),
    ]);
    for (const one of running) expect(pod(one).containers[0].image).toBe('slipway');
    expect(kustomization.configMapGenerator).toContainEqual({ name: 'slipway-policy', files: ['slipway.yaml'] });
    expect(loadPolicy(readText(`${FOLDER}/slipway.yaml`), Date.now()).ok).toBe(true);
  });

  it('replaces the pods where their environment is edited: its ConfigMap is named after what it holds', () => {
    expect(kustomization.configMapGenerator).toContainEqual({ name: 'slipway-environment', envs: ['environment.env'] });
    expect(all.filter(({ kind }) => kind === 'ConfigMap')).toEqual([]);
    for (const one of running)
      expect(pod(one).containers[0].envFrom).toEqual([{ configMapRef: { name: 'slipway-environment' } }]);
    for (const [name, value] of environment) {
      expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
      // Quotes would be part of the value.
      expect(value, name).toMatch(/^[^\s"']+$/);
    }
    expect(environment.map(([name]) => name)).toEqual(
      expect.arrayContaining(['TEMPORAL_ADDRESS', 'DATABASE_URL_FILE']),
    );
  });
});

describe.each(running.map(named))('%s', (_name, one) => {
  const [container] = pod(one).containers;

  it('has no rights and writes to memory alone', () => {
    expect(pod(one).securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 10001,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod(one).automountServiceAccountToken).toBe(false);
    const writable = container.volumeMounts.filter(({ readOnly }) => !readOnly);
    expect(writable.map(({ mountPath }) => mountPath)).toEqual(['/tmp']);
    expect(pod(one).volumes).toContainEqual({ name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } });
  });

  it('asks for what it needs and may not take more memory than Node is told of, and some', () => {
    expect(container.resources.requests).toMatchObject({ cpu: expect.any(String), memory: expect.any(String) });
    const heap = /--max-old-space-size=(\d+)/.exec(
      container.env?.find(({ name }) => name === 'NODE_OPTIONS')?.value ?? '=512',
    );
    const limit = /^(\d+)Mi$/.exec(container.resources.limits.memory ?? '');
    expect(Number(limit?.[1])).toBeGreaterThanOrEqual(1.4 * Number(heap?.[1] ?? 512));
  });

  it('runs the command that docker-compose.yml runs', () => {
    const commands = ['migrate', 'server-1', 'worker'].map((name) => service(readCompose(), name).command);
    expect(commands).toContainEqual(container.args);
  });

  it('reads each secret from a file of the mounted Secret', () => {
    const given = [...environment, ...(container.env ?? []).map(({ name, value }) => [name, value] as const)];
    const secret = parse(readText(`${FOLDER}/secret.example.yaml`)) as { stringData: Record<string, string> };
    for (const [name, value] of given.filter(([name]) => /SECRET|TOKEN|KEY|DATABASE_URL/.test(name))) {
      expect(name).toMatch(/_FILE$/);
      const [, file] = /^\/run\/secrets\/slipway\/(\w+)$/.exec(value) ?? [];
      expect(Object.keys(secret.stringData)).toContain(file);
    }
  });
});

describe.each(deployments.map(named))('%s', (name, one) => {
  const [container] = pod(one).containers;

  it('is there twice, and a drained node never takes the last one', () => {
    expect(one.spec.replicas).toBe(2);
    const budget = all.find(
      ({ kind, spec }) =>
        kind === 'PodDisruptionBudget' && spec.selector?.matchLabels?.['app.kubernetes.io/name'] === name,
    );
    expect(budget?.spec.minAvailable).toBe(1);
  });

  it('is looked after by the addresses that Slipway serves', () => {
    const ports = new Map(container.ports?.map(({ name, containerPort }) => [name, containerPort]));
    const port = name === 'slipway-server' ? 8787 : 8789;
    for (const [probe, path] of [
      [container.startupProbe, '/healthz'],
      [container.livenessProbe, '/healthz'],
      [container.readinessProbe, '/readyz'],
    ] as const) {
      expect(probe?.httpGet.path).toBe(path);
      expect(ports.get(probe?.httpGet.port ?? '')).toBe(port);
    }
  });

  it('has its labels selected, and time to drain', () => {
    expect(one.spec.template.metadata.labels).toMatchObject(one.spec.selector?.matchLabels ?? { none: 'at all' });
    expect(pod(one).terminationGracePeriodSeconds).toBeGreaterThanOrEqual(30);
  });
});

describe('what speaks to it', () => {
  it('finds a port of the pods behind each service', () => {
    const known = running.flatMap((one) => pod(one).containers[0].ports?.map(({ name }) => name) ?? []);
    for (const { spec } of all.filter(({ kind }) => kind === 'Service'))
      for (const { targetPort } of spec.ports ?? []) expect(known).toContain(targetPort);
  });

  it('is let in by name only: the namespace is closed', () => {
    const closed = all.find(({ metadata }) => metadata.name === 'slipway-closed');
    expect(closed).toMatchObject({
      kind: 'NetworkPolicy',
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
  });

  it('is reached by name in any cluster: pods are named as pods, and name servers on link-local addresses are let through', () => {
    const out = all.flatMap(({ kind, spec }) => (kind === 'NetworkPolicy' ? (spec.egress ?? []) : []));
    const [anywhere, ...narrow] = out;
    expect(anywhere?.ports).toBeUndefined();
    expect(anywhere?.to).toContainEqual({ namespaceSelector: {} });
    const everything = anywhere?.to.map(({ ipBlock }) => ipBlock).find((block) => block?.cidr === '0.0.0.0/0');
    // The metadata service of every cloud.
    expect(everything?.except).toContain('169.254.0.0/16');
    const dns = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 }));
    expect(narrow.map(({ ports }) => ports)).toEqual([dns]);
    expect(narrow.flatMap(({ to }) => to.map(({ ipBlock }) => ipBlock?.cidr))).toEqual([
      '169.254.20.10/32',
      '169.254.169.254/32',
    ]);
  });

  const hasJq = spawnSync('jq', ['--version']).status === 0;
  it.skipIf(!hasJq)('makes the workflows anew in a pod that operating.md makes of the server', () => {
    const [, program] = /jq '([^']+)'/.exec(readText('docs/operating.md')) ?? [];
    const server = deployments.find(({ metadata }) => metadata.name === 'slipway-server');
    const { stdout, stderr } = spawnSync('jq', [`${program}`], { input: JSON.stringify(server), encoding: 'utf8' });
    expect(stderr).toBe('');
    const spec = pod(server as Manifest);
    const probes = { startupProbe: undefined, livenessProbe: undefined, readinessProbe: undefined };
    expect(JSON.parse(stdout)).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'slipway-rebuild' },
      spec: {
        ...spec,
        restartPolicy: 'Never',
        containers: [{ ...spec.containers[0], ...probes, args: ['start', '--rebuild'] }],
      },
    });
  });

  it('can be scaled and watched by manifests that name what is there', () => {
    const names = new Set(all.map(({ metadata }) => metadata.name));
    for (const file of readdirSync(join(ROOT, FOLDER, 'optional')))
      for (const one of manifests(`optional/${file}`))
        expect(names.has(one.metadata.name), one.metadata.name).toBe(true);
    expect(existsSync(join(ROOT, FOLDER, 'optional'))).toBe(true);
  });
});
