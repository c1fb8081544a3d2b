import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { type RunningPostgres, startPostgres } from '../../src/embedded/postgres.js';
import { placePostgres } from '../../src/embedded/postgres-place.js';
import { findPostmaster } from '../../src/embedded/postmaster.js';
import { isRunning, type ProcessMark, startedWith } from '../../src/embedded/process-mark.js';
import { startTemporal } from '../../src/embedded/temporal.js';
import { temporalDatabase } from '../../src/embedded/temporal-database.js';
import { searchAttributeTypes } from '../../src/main/temporal-server.js';
import type { Dice } from '../../src/simulator/dice.js';
import { until } from '../start/slipway-process.js';
import { SmallDisk } from '../support/small-disk.js';
import { keepablePorts } from './free-ports.js';
import { Proxy } from './proxy.js';

const quiet = (): void => {};
const NAMESPACE = 'slipway';

/** A real PostgreSQL behind a proxy. */
export class StoreHost {
  private constructor(
    private readonly dataDir: string,
    private readonly port: number,
    private running: RunningPostgres,
    readonly proxy: Proxy,
    private readonly disk: SmallDisk | undefined,
  ) {}

  /** `diskMb`: on a disk of its own of this size, where the machine lets us have one. */
  static async start(dir: string, dice: Dice, diskMb?: number): Promise<StoreHost> {
    const [port, front] = (await keepablePorts(2)) as [number, number];
    const dataDir = join(dir, 'store');
    mkdirSync(dataDir);
    const disk = diskMb === undefined ? undefined : SmallDisk.mount(dataDir, diskMb);
    const running = await startPostgres({ dataDir, progress: quiet, port });
    return new StoreHost(dataDir, port, running, await Proxy.start({ port: front, upstream: port, dice }), disk);
  }

  /** A connection string that leads through the proxy. */
  get url(): string {
    const url = new URL(this.running.url);
    url.port = String(this.proxy.port);
    return url.href;
  }

  /** Undefined where it does not run. */
  get pid(): number | undefined {
    return findPostmaster(placePostgres(this.dataDir).cluster)?.mark.pid;
  }

  /** Past the proxy, for the checker. */
  get directUrl(): string {
    return this.running.url;
  }

  /** What `pg_ctl stop -m immediate` does: every session is cut, nothing is written out, the next start recovers. */
  async stopImmediately(): Promise<void> {
    const found = findPostmaster(placePostgres(this.dataDir).cluster);
    if (!found) return;
    process.kill(found.mark.pid, 'SIGQUIT');
    await until(() => !isRunning(found.mark), 'PostgreSQL stops', 60_000);
  }

  async startAgain(): Promise<void> {
    this.running = await startPostgres({ dataDir: this.dataDir, progress: quiet, port: this.port });
  }

  /** To the last block; false where it has no disk of its own. */
  fillDisk(): boolean {
    this.disk?.fill();
    return this.disk !== undefined;
  }

  /** Makes room, and starts it again where it has ended for the want of it. */
  async freeDisk(): Promise<void> {
    this.disk?.free();
    await this.startAgain();
  }

  async stop(): Promise<void> {
    await this.proxy.close();
    await this.stopImmediately();
    this.giveBack();
  }

  giveBack(): void {
    this.disk?.unmount();
  }
}

/** A real Temporal server, its data in a file, behind a proxy. */
export class TemporalHost {
  readonly namespace = NAMESPACE;

  private constructor(
    private readonly dataDir: string,
    private readonly ports: readonly [number, number],
    readonly proxy: Proxy,
  ) {}

  static async start(dir: string, dice: Dice): Promise<TemporalHost> {
    const [port, uiPort, front] = (await keepablePorts(3)) as [number, number, number];
    const dataDir = join(dir, 'temporal');
    mkdirSync(dataDir);
    const proxy = await Proxy.start({ port: front, upstream: port, dice });
    const host = new TemporalHost(dataDir, [port, uiPort], proxy);
    await host.startAgain();
    return host;
  }

  get address(): string {
    return `127.0.0.1:${this.proxy.port}`;
  }

  /** Past the proxy, for the checker. */
  get directAddress(): string {
    return `127.0.0.1:${this.ports[0]}`;
  }

  get directPort(): number {
    return this.ports[0];
  }

  /** Undefined where it does not run. */
  get pid(): number | undefined {
    return this.#running()[0]?.pid;
  }

  async kill(): Promise<void> {
    const found = this.#running();
    for (const { pid } of found) process.kill(pid, 'SIGKILL');
    await until(() => !found.some(isRunning), 'Temporal is gone', 60_000);
  }

  async startAgain(): Promise<void> {
    const [port, uiPort] = this.ports;
    const searchAttributes = searchAttributeTypes();
    const { dataDir, namespace } = this;
    await startTemporal({ dataDir, namespace, port, uiPort, speedIsOne: false, searchAttributes, progress: quiet });
  }

  async stop(): Promise<void> {
    await this.proxy.close();
    await this.kill();
  }

  #running(): readonly ProcessMark[] {
    return startedWith(temporalDatabase(this.dataDir));
  }
}
