import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type RunningPostgres, startPostgres } from '../../../src/embedded/postgres.js';
import { type RunningTemporal, startTemporal } from '../../../src/embedded/temporal.js';
import { defaultCacheDir, findTemporal } from '../../../src/embedded/temporal-binary.js';
import { keepablePorts } from '../../faults/free-ports.js';
import { type ComposeFile, readCompose, ROOT } from '../compose-file.js';
import { type Ending, NativeProcess } from './process.js';
import { RoundRobin } from './round-robin.js';
import { nativeServices } from './services.js';

const run = promisify(execFile);
const NAMESPACE = 'slipway';

export interface ComposedOptions {
  /** Everything is kept here; a second start on it goes on where the first ended. */
  readonly directory: string;
  readonly policy: string;
  /** Where the proxy listens: the webhooks, and the console. */
  readonly edgePort: number;
  readonly consolePort: number;
  readonly temporalPort: number;
  readonly temporalUiPort: number;
  /** On top of what docker-compose.yml says; undefined takes a variable away. */
  readonly over?: Readonly<Record<string, string | undefined>>;
  /** Hears of each process that ends although nobody took the whole down. */
  readonly onEnd?: (one: NativeProcess, ending: Ending) => void;
}

/**
 * docker-compose.yml without Docker: a real PostgreSQL and a real Temporal server in place of their containers, its own
 * one-shot steps, and then the very processes, with the environment it gives them, behind a proxy as its Caddyfile asks.
 */
export class Composed {
  servers: readonly NativeProcess[] = [];
  workers: readonly NativeProcess[] = [];
  #postgres: RunningPostgres | undefined;
  #temporal: RunningTemporal | undefined;
  readonly #proxies: RoundRobin[] = [];
  readonly #compose: ComposeFile = readCompose();
  #goesDown = false;

  private constructor(private readonly options: ComposedOptions) {}

  static async up(options: ComposedOptions): Promise<Composed> {
    const composed = new Composed(options);
    try {
      await composed.#up();
      return composed;
    } catch (error) {
      await composed.down();
      throw error;
    }
  }

  get processes(): readonly NativeProcess[] {
    return [...this.servers, ...this.workers];
  }

  secret(name: string): string {
    return readFileSync(join(this.#secrets, name), 'utf8').trim();
  }

  /** As `docker compose down`: the proxy first, then what serves, then what it stands on. */
  async down(): Promise<void> {
    this.#goesDown = true;
    for (const proxy of this.#proxies.splice(0)) await proxy.close();
    await Promise.all(this.processes.map((one) => one.stop('SIGTERM')));
    await Promise.all([this.#temporal?.stop(), this.#postgres?.stop()]);
  }

  get #secrets(): string {
    return join(this.options.directory, 'compose/secrets');
  }

  async #up(): Promise<void> {
    const { directory, temporalPort, temporalUiPort } = this.options;
    for (const name of ['postgres', 'temporal', 'compose', 'tmp', 'bin'])
      mkdirSync(join(directory, name), { recursive: true });
    [this.#postgres, this.#temporal] = await Promise.all([
      startPostgres({ dataDir: join(directory, 'postgres'), progress: () => {} }),
      startTemporal({
        dataDir: join(directory, 'temporal'),
        namespace: NAMESPACE,
        port: temporalPort,
        uiPort: temporalUiPort,
        speedIsOne: false,
        searchAttributes: {},
        progress: () => {},
      }),
    ]);
    await this.#makeSecrets(this.#postgres.url);
    await this.#prepareTemporal(`127.0.0.1:${temporalPort}`);
    await this.#launch(`127.0.0.1:${temporalPort}`);
  }

  async #makeSecrets(databaseUrl: string): Promise<void> {
    const folder = join(this.options.directory, 'compose');
    cpSync(join(ROOT, 'deploy/compose/make-secrets.sh'), join(folder, 'make-secrets.sh'));
    await run('sh', [join(folder, 'make-secrets.sh')]);
    const file = join(this.#secrets, 'database_url');
    rmSync(file);
    writeFileSync(file, databaseUrl);
    chmodSync(file, 0o444);
  }

  async #prepareTemporal(address: string): Promise<void> {
    const bin = join(this.options.directory, 'bin');
    rmSync(join(bin, 'temporal'), { force: true });
    symlinkSync(await findTemporal(defaultCacheDir(), bin, () => {}), join(bin, 'temporal'));
    const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: bin, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: NAMESPACE };
    for (const step of ['temporal-namespace.sh', 'temporal-search-attributes.sh'])
      await run('sh', [join(ROOT, 'deploy/compose', step)], { env });
  }

  async #launch(temporalAddress: string): Promise<void> {
    const { directory, policy, over, onEnd } = this.options;
    const heard = (one: NativeProcess, ending: Ending) => this.#goesDown || onEnd?.(one, ending);
    const ports = await keepablePorts(8);
    const places = { temporalAddress, secrets: this.#secrets, policy, tmp: join(directory, 'tmp') };
    const all = nativeServices(this.#compose, places, () => ports.pop() as number, over).map(
      (service) => new NativeProcess(service, join(directory, `${service.name}.log`), heard),
    );
    const of = (command: string) => all.filter(({ service }) => service.words[0] === command);
    for (const migrate of of('migrate')) {
      migrate.launch();
      const ending = await migrate.ends();
      if (ending !== 0) throw new Error(`slipway migrate ended with ${ending}:\n${migrate.lastWords()}`);
    }
    [this.servers, this.workers] = [of('server'), of('worker')];
    for (const one of this.processes) one.launch();
    for (const one of this.processes) await one.ready();
    const port = (one: NativeProcess, variable: string) => Number(one.service.env[variable]);
    const behind = (variable: string) =>
      this.servers.map((one) => ({ port: port(one, variable), healthPort: port(one, 'SLIPWAY_PORT') }));
    this.#proxies.push(await RoundRobin.listen(this.options.edgePort, behind('SLIPWAY_PORT')));
    this.#proxies.push(await RoundRobin.listen(this.options.consolePort, behind('SLIPWAY_CONSOLE_PORT')));
  }
}
