import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/domain/time/clock.js';
import pg from 'pg';
import { parseSecrets, type Secret } from '../../src/signature/secret.js';
import { Dice } from '../../src/simulator/dice.js';
import { StoreHost, TemporalHost } from './backing.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { until } from '../start/slipway-process.js';
import { keepablePorts } from './free-ports.js';
import { Front } from './front.js';
import { type Ending, Victim } from './killer.js';
import { HookDouble } from './parts/hook-double.js';
import { faultPolicy, SPEED } from './policy.js';
import { Proxy } from './proxy.js';

export interface ClusterOptions {
  readonly seed: number;
  readonly servers?: number;
  readonly workers?: number;
  /** PostgreSQL on a disk of its own, of this size, where the machine lets us have one. */
  readonly storeDiskMb?: number;
  /** Kept after `stop` where it is given; else a temporary directory that goes. */
  readonly directory?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** For one worker alone, by its number from 0. */
  readonly workerEnv?: (nth: number) => Readonly<Record<string, string>>;
  /** Done as soon as the processes run, before anybody waits for an event to be applied. */
  readonly whenUp?: (cluster: Cluster) => Promise<void>;
}

const secretOf = (what: string): string =>
  `whsec_${Buffer.from(`a secret of the fault harness: ${what}`).toString('base64')}`;
const SECRET = secretOf('in');
const HOOK_SECRET = secretOf('out');
export const API_TOKEN = 'a-token-of-the-fault-harness-alone';

/** Nothing of a cluster outlives the harness, however that ends short of a kill -9. */
const living = new Set<Cluster>();
process.on('exit', () => {
  for (const cluster of living) cluster.killNow();
});

/**
 * Slipway as an operator runs it, with every part within reach of a fault: servers and workers as processes of their own
 * behind a front, PostgreSQL and Temporal each behind a proxy, and a receiver of messages. Everything ends with `stop`.
 */
export class Cluster {
  servers: readonly Victim[] = [];
  workers: readonly Victim[] = [];
  front!: Front;
  hook!: HookDouble;
  /** Before the receiver: tells when a call is on the wire, and can hold it there. */
  hookProxy!: Proxy;
  store!: StoreHost;
  temporal!: TemporalHost;
  /** Processes that ended although nobody ended them. */
  readonly unbidden: string[] = [];
  #consoles: readonly number[] = [];

  private constructor(
    readonly directory: string,
    private readonly options: ClusterOptions,
  ) {}

  static async start(options: ClusterOptions): Promise<Cluster> {
    const made = options.directory ?? mkdtempSync(join(tmpdir(), 'slipway-faults-'));
    mkdirSync(made, { recursive: true });
    const cluster = new Cluster(realpathSync(made), options);
    living.add(cluster);
    try {
      await cluster.#bringUp();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get secret(): Secret {
    return parseSecrets(SECRET)[0] as Secret;
  }

  /** Where a sender posts. */
  get webhooks(): string {
    return `${this.front.url}/webhooks/pivotal`;
  }

  get consoles(): readonly string[] {
    return this.#consoles.map((port) => `http://127.0.0.1:${port}`);
  }

  get processes(): readonly Victim[] {
    return [...this.servers, ...this.workers];
  }

  /** One answer of the console API of the first server that answers, to a POST where there is a body. Throws what the last one said. */
  async api<T>(path: string, body?: object): Promise<T> {
    let failure: unknown;
    for (const console of this.consoles) {
      try {
        const answer = await fetch(`${console}/api/v1${path}`, {
          headers: { authorization: `Bearer ${API_TOKEN}`, 'content-type': 'application/json' },
          ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
          signal: AbortSignal.timeout(20_000),
        });
        if (answer.ok) return (await answer.json()) as T;
        failure = new Error(`${path} was answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** The clock that all processes share, from the store itself. */
  async clock(): Promise<Clock> {
    const [row] = await this.sql<{ value: Clock }>("select value from meta where key = 'clock'");
    if (!row) throw new Error('the store has no clock');
    return row.value;
  }

  /** One statement past the proxy. */
  async sql<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.store.directUrl, connectionTimeoutMillis: 10_000 });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** Starts what does not run, and waits until all of it is ready and the front has noticed. */
  async heal(): Promise<void> {
    for (const one of this.processes) one.launch();
    for (const one of this.processes) await one.ready();
    await until(() => this.front.ready === this.servers.length, 'the front has noticed');
  }

  /** Makes one build the current one of a deployment, so that it gets the tasks of every open onboarding from now on. */
  async makeCurrent(deploymentName: string, buildId: string): Promise<void> {
    const { directAddress: address, namespace } = this.temporal;
    const { connection, close } = connectTemporal({ options: { address }, namespace }, { pastProxy: true });
    const { workflowService } = connection;
    const isCurrent = async () => {
      await workflowService
        .setWorkerDeploymentCurrentVersion({ namespace, deploymentName, buildId })
        .catch(() => undefined);
      const { workerDeploymentInfo } = await workflowService.describeWorkerDeployment({ namespace, deploymentName });
      return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId === buildId;
    };
    try {
      await until(() => isCurrent().catch(() => false), `build ${buildId} is current`, 60_000);
    } finally {
      await close();
    }
  }

  /** Everything at once, and nothing waited for: for the exit of the harness itself. */
  killNow(): void {
    for (const { pid } of this.processes) if (pid > 0) killPid(pid);
    for (const pid of [this.store?.pid, this.temporal?.pid]) if (pid) killPid(pid);
    this.store?.giveBack();
  }

  async stop(): Promise<void> {
    living.delete(this);
    await Promise.all(this.processes.map((one) => one.kill()));
    await this.front?.close();
    await this.hookProxy?.close();
    await this.hook?.close();
    await Promise.allSettled([this.store?.stop(), this.temporal?.stop()]);
    if (!this.options.directory) rmSync(this.directory, { recursive: true, force: true });
  }

  async #bringUp(): Promise<void> {
    const { seed, servers = 2, workers = 2 } = this.options;
    this.hook = await HookDouble.open({ secret: HOOK_SECRET, seed });
    const [hookPort] = (await keepablePorts(1)) as [number];
    const hookUrl = new URL(this.hook.url);
    this.hookProxy = await Proxy.start({
      port: hookPort,
      upstream: Number(hookUrl.port),
      dice: new Dice(seed, 'hook'),
    });
    hookUrl.port = String(hookPort);
    const dir = this.directory;
    [this.store, this.temporal] = await Promise.all([
      StoreHost.start(dir, new Dice(seed, 'store'), this.options.storeDiskMb),
      TemporalHost.start(dir, new Dice(seed, 'temporal')),
    ]);
    writeFileSync(join(dir, 'slipway.yaml'), faultPolicy(hookUrl.href));
    const env = this.#environment();
    const migrate = new Victim({ name: 'migrate', words: ['migrate'], env, ...this.#place('migrate') });
    migrate.launch();
    const ending = await migrate.ends();
    if (ending !== 0) throw new Error(`slipway migrate ended with ${ending}: ${migrate.lastWords()}`);

    const edges = await keepablePorts(servers);
    this.#consoles = await keepablePorts(servers);
    const health = await keepablePorts(workers);
    this.servers = edges.map((port, nth) => this.#server(nth, port, env));
    this.workers = health.map((port, nth) => this.#worker(nth, port, env));
    for (const one of this.processes) one.launch();
    for (const one of this.processes) await one.ready();
    this.front = await Front.start(edges);
    await this.options.whenUp?.(this);
  }

  #server(nth: number, port: number, env: Readonly<Record<string, string>>): Victim {
    const name = `server-${nth + 1}`;
    const own = { SLIPWAY_PORT: String(port), SLIPWAY_CONSOLE_PORT: String(this.#consoles[nth]) };
    const readyUrl = `http://127.0.0.1:${port}/readyz`;
    const options = { name, words: ['server'], env: { ...env, ...own }, readyUrl, ...this.#place(name) };
    return new Victim(options, this.#noticed);
  }

  #worker(nth: number, port: number, env: Readonly<Record<string, string>>): Victim {
    const name = `worker-${nth + 1}`;
    const own = { SLIPWAY_WORKER_PORT: String(port), ...this.options.workerEnv?.(nth) };
    const readyUrl = `http://127.0.0.1:${port}/readyz`;
    const options = { name, words: ['worker'], env: { ...env, ...own }, readyUrl, ...this.#place(name) };
    return new Victim(options, this.#noticed);
  }

  readonly #noticed = (victim: Victim, ending: Ending): void => {
    this.unbidden.push(`${victim.name} ended by itself (${ending}): ${victim.lastWords()}`);
  };

  #place(name: string): { readonly cwd: string; readonly logFile: string } {
    return { cwd: this.directory, logFile: join(this.directory, `${name}.log`) };
  }

  #environment(): Readonly<Record<string, string>> {
    return {
      DATABASE_URL: this.store.url,
      TEMPORAL_ADDRESS: this.temporal.address,
      TEMPORAL_NAMESPACE: this.temporal.namespace,
      SLIPWAY_CONFIG: join(this.directory, 'slipway.yaml'),
      SLIPWAY_DATA_DIR: join(this.directory, 'slipway'),
      SLIPWAY_SECRET_KEY: randomBytes(32).toString('base64'),
      SLIPWAY_API_TOKEN: API_TOKEN,
      SLIPWAY_CLOCK_SPEED: String(SPEED),
      SLIPWAY_ALLOW_PRIVATE_TARGETS: 'true',
      SLIPWAY_LOG: 'info',
      PIVOTAL_WEBHOOK_SECRET: SECRET,
      FAULTS_HOOK_SECRET: HOOK_SECRET,
      ...this.options.env,
    };
  }
}

function killPid(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
