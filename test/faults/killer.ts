import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { until } from '../start/slipway-process.js';

const CLI = resolve(import.meta.dirname, '../../dist/main/cli.js');
/** What any program needs of this machine, without what is said to a Slipway of the person who runs the tests. */
const INHERITED = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(SLIPWAY_|TEMPORAL_|PIVOTAL_|DATABASE_URL$|NODE_|VITEST)/.test(name),
  ),
);
const LAST_WORDS = 3_000;

/** How a process ended: its exit code or the signal. */
export type Ending = number | NodeJS.Signals;

export interface VictimOptions {
  /** For sentences: `server 1`. */
  readonly name: string;
  /** What follows `slipway`. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Everything that any life of it said is appended here: an hour's logs are not held in memory. */
  readonly logFile: string;
  /** Answers 2xx at this address when it is up; without it a process is up once it runs. */
  readonly readyUrl?: string;
}

/** One process of Slipway that is killed and started again, as often as it takes. */
export class Victim {
  /** How often it was started. */
  lives = 0;
  #child: ChildProcess | undefined;
  #ended: Promise<Ending> = Promise.resolve(0);
  #isWanted = false;

  /** `unbidden` hears of a process that ends although nobody asked it to: that is a violation of its own. */
  constructor(
    readonly options: VictimOptions,
    private readonly unbidden: (victim: Victim, ending: Ending) => void = () => {},
  ) {}

  get name(): string {
    return this.options.name;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /**
   * Launches it; does not wait until it is ready. Does nothing where it runs. `unheard`: nobody reads its output, which
   * is a pipe that is closed before it says a word.
   */
  launch({ unheard = false }: { unheard?: boolean } = {}): void {
    if (this.#child) return;
    const { words, env, cwd, logFile } = this.options;
    const log = openSync(logFile, 'a', 0o600);
    // A group of its own: Ctrl-C reaches the harness alone, which ends everything in its own order.
    const child = spawn(process.execPath, [CLI, ...words], {
      cwd,
      detached: true,
      stdio: ['ignore', unheard ? 'pipe' : log, log],
      env: { ...INHERITED, ...env },
    });
    closeSync(log);
    child.stdout?.destroy();
    this.lives++;
    this.#isWanted = true;
    this.#child = child;
    this.#ended = new Promise((done) => {
      child.once('error', () => this.#endedBy(1, done));
      child.once('exit', (code, signal) => this.#endedBy(code ?? signal ?? 1, done));
    });
  }

  /** Waits until it answers at its address. Throws with its last words where it ends before, or takes longer. */
  async ready(withinMs = 60_000): Promise<void> {
    const isReady = async () => {
      if (!this.#child) throw new Error(`${this.name} ended before it was ready`);
      return this.isReady();
    };
    await until(isReady, `${this.name} is ready`, withinMs).catch((error: unknown) => {
      throw new Error(`${String(error)}; it said:\n${this.lastWords()}`);
    });
  }

  async isReady(): Promise<boolean> {
    const { readyUrl } = this.options;
    if (!readyUrl) return this.isRunning;
    const answer = await fetch(readyUrl, { signal: AbortSignal.timeout(3_000) }).catch(() => undefined);
    await answer?.body?.cancel().catch(() => {});
    return answer?.ok === true;
  }

  /** `kill -9`, now. Resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.#signal('SIGKILL');
  }

  /** SIGTERM. Resolves with how it ended and after how many ms; it is never killed for taking long. */
  async terminate(withinMs = 60_000): Promise<{ readonly ending: Ending; readonly ms: number }> {
    const from = performance.now();
    const signalled = this.#signal('SIGTERM');
    await until(() => !this.isRunning, `${this.name} ends after SIGTERM`, withinMs).catch((error: unknown) => {
      throw new Error(`${String(error)}; it said:\n${this.lastWords()}`);
    });
    return { ending: await signalled, ms: performance.now() - from };
  }

  /** Holds it still, as a machine that swaps or a debugger does; it knows nothing of it. `thaw` lets it go on. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends by itself, as `slipway migrate` does. */
  async ends(): Promise<Ending> {
    this.#isWanted = false;
    return this.#ended;
  }

  lastWords(): string {
    try {
      return readFileSync(this.options.logFile, 'utf8').slice(-LAST_WORDS);
    } catch {
      return '';
    }
  }

  async #signal(signal: NodeJS.Signals): Promise<Ending> {
    this.#isWanted = false;
    const child = this.#child;
    if (child) child.kill(signal);
    // One that is held still hears SIGTERM when it goes on.
    child?.kill('SIGCONT');
    return this.#ended;
  }

  #endedBy(ending: Ending, done: (ending: Ending) => void): void {
    this.#child = undefined;
    done(ending);
    if (this.#isWanted) this.unbidden(this, ending);
  }
}
