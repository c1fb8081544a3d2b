import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { anyFreePort } from '../../src/embedded/free-port.js';
import { findPostmaster } from '../../src/embedded/postmaster.js';
import { isRunning, markOf, type ProcessMark, startedWith } from '../../src/embedded/process-mark.js';

const CLI = resolve(import.meta.dirname, '../../dist/main/cli.js');
/** What this machine needs to fetch a server, without what is said to a Slipway of the tests' own machine. */
const INHERITED = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(SLIPWAY_|TEMPORAL_|PIVOTAL_|DATABASE_URL$|NODE_)/.test(name)),
);
const READY_WITHIN_MS = 90_000;
const ENDS_WITHIN_MS = 60_000;

export interface Ports {
  readonly edge: number;
  readonly console: number;
  readonly temporal: number;
  readonly temporalUi: number;
}

/** A data directory and ports of its own, for one start after the other; `remove` leaves nothing, whatever was killed. */
export class Machine {
  readonly #started: SlipwayProcess[] = [];

  private constructor(
    readonly root: string,
    readonly ports: Ports,
  ) {}

  static async make(): Promise<Machine> {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-start-')));
    const [edge, console, temporal, temporalUi] = await freePorts(4);
    return new Machine(root, { edge, console, temporal, temporalUi } as Ports);
  }

  get dataDir(): string {
    return join(this.root, 'data');
  }

  get edgeUrl(): string {
    return `http://127.0.0.1:${this.ports.edge}`;
  }

  get consoleUrl(): string {
    return `http://127.0.0.1:${this.ports.console}`;
  }

  /** `slipway start` as a child in a process group of its own, as a shell's job is. */
  start(env: Readonly<Record<string, string>> = {}, ...words: readonly string[]): SlipwayProcess {
    const started = new SlipwayProcess(['start', ...words], this.root, {
      SLIPWAY_PORT: `${this.ports.edge}`,
      SLIPWAY_CONSOLE_PORT: `${this.ports.console}`,
      SLIPWAY_TEMPORAL_PORT: `${this.ports.temporal}`,
      SLIPWAY_TEMPORAL_UI_PORT: `${this.ports.temporalUi}`,
      SLIPWAY_DATA_DIR: this.dataDir,
      ...env,
    });
    this.#started.push(started);
    return started;
  }

  /** Any other command, on the same data directory and console. */
  run(env: Readonly<Record<string, string>>, ...words: readonly string[]): SlipwayProcess {
    const started = new SlipwayProcess(words, this.root, {
      SLIPWAY_CONSOLE_PORT: `${this.ports.console}`,
      SLIPWAY_DATA_DIR: this.dataDir,
      ...env,
    });
    this.#started.push(started);
    return started;
  }

  /** The embedded servers that run on this data directory now, whoever started them. */
  servers(): readonly ProcessMark[] {
    const postgres = findPostmaster(join(this.dataDir, 'postgres', 'data'));
    return [...startedWith(join(this.dataDir, 'temporal.db')), ...(postgres ? [postgres.mark] : [])];
  }

  read(file: string): string {
    return readFileSync(join(this.dataDir, file), 'utf8');
  }

  /** Takes the embedded servers away at once, as an out-of-memory or a power cut does. */
  async killServers(): Promise<void> {
    const servers = this.servers();
    for (const { pid } of servers) process.kill(pid, 'SIGKILL');
    await until(() => !servers.some(isRunning), 'the embedded servers end');
  }

  async remove(): Promise<void> {
    for (const one of this.#started) await one.kill();
    await this.killServers();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** One run of the built command line, with everything it said. */
export class SlipwayProcess {
  out = '';
  err = '';
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | NodeJS.Signals>;
  #ended = false;

  constructor(words: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [CLI, ...words], {
      cwd,
      env: { ...INHERITED, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.err += text));
    this.#exit = once(this.#child, 'close').then(([code, signal]) => {
      this.#ended = true;
      return (code ?? signal) as number | NodeJS.Signals;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get mark(): ProcessMark {
    return markOf(this.pid) ?? { pid: this.pid, born: 'ended' };
  }

  /** All that a person saw. */
  get said(): string {
    return this.out + this.err;
  }

  /** Waits until the table of URLs stands. */
  async ready(): Promise<this> {
    await this.says('Ctrl-C stops it.');
    return this;
  }

  /** Waits until it has said something. */
  async says(words: string): Promise<void> {
    const said = (): boolean => {
      if (this.#ended) throw new Error(`slipway ended before it said "${words}":\n${this.said}`);
      return this.said.includes(words);
    };
    await until(said, `slipway says "${words}"`, READY_WITHIN_MS);
  }

  /** The exit code, or the signal that ended it. */
  async ends(): Promise<number | NodeJS.Signals> {
    await until(() => this.#ended, 'slipway ends', ENDS_WITHIN_MS).catch((error: unknown) => {
      throw new Error(`${String(error)}; it said:\n${this.said}`);
    });
    return this.#exit;
  }

  /** Sends a signal to the process alone, or to its whole group as a terminal's Ctrl-C does. */
  signal(signal: NodeJS.Signals, to: 'process' | 'group' = 'process'): void {
    process.kill(to === 'group' ? -this.pid : this.pid, signal);
  }

  /** Nobody reads its output any more: what `| head` or a closed terminal does. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  async kill(): Promise<void> {
    if (this.#ended) return;
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}

/** Ports that are free now, each another one. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await anyFreePort());
  return [...ports];
}

/** Looks again and again until it holds; throws with `what` when it does not in time. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, withinMs = 30_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${withinMs / 1000} s in vain until ${what}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
