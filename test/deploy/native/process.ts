import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../compose-file.js';
import { until } from '../../start/slipway-process.js';
import type { NativeService } from './services.js';

/** What the Dockerfile starts, with this Node. */
const ENTRYPOINT = join(ROOT, 'dist/main/cli.js');
/** What any program needs of this machine, without what is said to a Slipway of the person who runs this. */
const INHERITED = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(SLIPWAY_|TEMPORAL_|PIVOTAL_|DATABASE_URL|NODE_|VITEST)/.test(name),
  ),
);
const READY_WITHIN_MS = 60_000;

export type Ending = number | NodeJS.Signals;

/** A service of docker-compose.yml as a child of this process, in its group: who ends the group ends all of it. */
export class NativeProcess {
  #child: ChildProcess | undefined;
  #ended: Promise<Ending> = Promise.resolve(0);

  constructor(
    readonly service: NativeService,
    private readonly logFile: string,
    /** Hears of each end, whoever brought it about. */
    private readonly onEnd: (one: NativeProcess, ending: Ending) => void = () => {},
  ) {}

  get name(): string {
    return this.service.name;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  launch(): void {
    const log = openSync(this.logFile, 'a', 0o600);
    const child = spawn(process.execPath, [ENTRYPOINT, ...this.service.words], {
      env: { ...INHERITED, ...this.service.env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#child = undefined;
        const ending = code ?? signal ?? 1;
        resolve(ending);
        this.onEnd(this, ending);
      });
    });
  }

  /** Waits until its health check would pass. Throws with its last words where it ends before. */
  async ready(): Promise<void> {
    const { readyUrl } = this.service;
    if (!readyUrl) return;
    const answers = async () => {
      if (!this.isRunning) throw new Error(`${this.name} ended before it was ready:\n${this.lastWords()}`);
      return fetch(readyUrl).then(
        (answer) => answer.ok,
        () => false,
      );
    };
    await until(answers, `${this.name} is ready`, READY_WITHIN_MS).catch((error: unknown) => {
      throw new Error(`${String(error)}; it said:\n${this.lastWords()}`);
    });
  }

  ends(): Promise<Ending> {
    return this.#ended;
  }

  /** Resolves when it is gone. */
  async stop(signal: NodeJS.Signals): Promise<Ending> {
    this.#child?.kill(signal);
    return this.#ended;
  }

  lastWords(): string {
    return readFileSync(this.logFile, 'utf8').slice(-2_000);
  }
}
