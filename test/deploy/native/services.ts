import { type ComposeFile, ours, readText, type Service, unset } from '../compose-file.js';

/** Where things are on this machine that docker-compose.yml names by container. */
export interface Places {
  readonly temporalAddress: string;
  /** Stands for /run/secrets. */
  readonly secrets: string;
  /** Stands for the config `policy`. */
  readonly policy: string;
  /** A writable directory for each process, which stands for its tmpfs. */
  readonly tmp: string;
}

/** One process of a service: `words` follow `slipway`. */
export interface NativeService {
  readonly name: string;
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The address its health check asks. */
  readonly readyUrl: string | undefined;
}

/** Each port a process listens on, and the variable that moves it. */
const PORTS = ['SLIPWAY_PORT', 'SLIPWAY_CONSOLE_PORT', 'SLIPWAY_WORKER_PORT'] as const;
export type PortVariable = (typeof PORTS)[number];

/**
 * The processes of Slipway in docker-compose.yml as they can be run without containers: the same words and the same
 * environment, with the addresses, files and ports of this machine. `over` comes last: a value also
 * takes the place of the file that would give it, and undefined takes a variable away.
 */
export function nativeServices(
  compose: ComposeFile,
  places: Places,
  ports: () => number,
  over: Readonly<Record<string, string | undefined>> = {},
): readonly NativeService[] {
  return ours(compose).flatMap(([name, service]) => {
    const replicas = service.deploy?.replicas ?? 1;
    return Array.from({ length: replicas }, (_, nth) =>
      native(replicas === 1 ? name : `${name}-${nth + 1}`, service, places, ports, over),
    );
  });
}

function native(
  name: string,
  service: Service,
  places: Places,
  ports: () => number,
  over: Readonly<Record<string, string | undefined>>,
): NativeService {
  const said = { ...imageEnvironment(), ...service.environment };
  const env: Record<string, string> = {};
  const moved = new Map<string, string>();
  for (const [variable, value] of Object.entries(said)) {
    env[variable] = here(unset(value), places);
    if (!isPort(variable)) continue;
    const port = `${ports()}`;
    env[variable] = port;
    moved.set(unset(value), port);
  }
  for (const [variable, value] of Object.entries(over)) {
    delete env[variable];
    if (value === undefined) continue;
    delete env[`${variable}_FILE`];
    env[variable] = value;
  }
  const asked = /http:\/\/127\.0\.0\.1:(\d+)(\/\w+)/.exec(service.healthcheck?.test.join(' ') ?? '');
  const readyUrl = asked ? `http://127.0.0.1:${moved.get(asked[1] ?? '')}${asked[2]}` : undefined;
  return { name, words: service.command ?? [], env, readyUrl };
}

const isPort = (variable: string): variable is PortVariable => PORTS.some((one) => one === variable);

function here(value: string, { temporalAddress, secrets, policy, tmp }: Places): string {
  if (value === 'temporal:7233') return temporalAddress;
  if (value === '/etc/slipway/slipway.yaml') return policy;
  return value.replace(/^\/(run\/secrets|tmp)(?=\/)/, (_, at) => (at === 'tmp' ? tmp : secrets));
}

/** What the Dockerfile tells every process. */
export function imageEnvironment(): Readonly<Record<string, string>> {
  const text = /^ENV ((?:[^\n]*\\\n)*[^\n]*)/m.exec(readText('Dockerfile'))?.[1] ?? '';
  return Object.fromEntries(
    [...text.replaceAll('\\\n', ' ').matchAll(/(\w+)=(\S+)/g)].map((found) => [`${found[1]}`, `${found[2]}`]),
  );
}
