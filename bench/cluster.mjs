import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startPostgres } from '../dist/embedded/postgres.js';
import { startTemporal } from '../dist/embedded/temporal.js';
import { lateBy } from './late.mjs';
import { familyOf, isAlive, killAll, residentMegabytes } from './processes.mjs';
import { CLI, environment, freePorts, mustEnd, POLICY, SECRET, scratchDirectory } from './system.mjs';

const TOKEN = 'a-token-of-the-bench-alone';
/** Measured instead of the development server; each part makes a namespace of its own there and leaves it. */
const TEMPORAL_OF_YOURS = process.env.BENCH_TEMPORAL_ADDRESS;
const READY_WITHIN_MS = 90_000;
const STOPPED_WITHIN_MS = 40_000;

/** Servers and workers as processes of their own over one PostgreSQL and one Temporal server. */
export class Cluster {
  servers = [];
  workers = [];
  #ended = mustEnd(this);

  static async start({ servers = 2, workers = 2, policy = POLICY, nodeOptions = '', speed = 1, storeLateMs = 0 } = {}) {
    const cluster = new Cluster();
    await cluster.#start({ servers, workers, policy, nodeOptions, speed, storeLateMs });
    return cluster;
  }

  async #start({ servers, workers, policy, nodeOptions, speed, storeLateMs }) {
    const dir = scratchDirectory();
    const progress = () => {};
    const namespace = `bench-${randomUUID().slice(0, 8)}`;
    [this.postgres, this.temporal] = await Promise.all([
      startPostgres({ dataDir: dir, progress }),
      TEMPORAL_OF_YOURS
        ? { address: TEMPORAL_OF_YOURS, stop: async () => {} }
        : startTemporal({ dataDir: dir, namespace, speedIsOne: speed === 1, searchAttributes: {}, progress }),
    ]);
    this.temporalAddress = this.temporal.address;
    const env = {
      DATABASE_URL: this.postgres.url,
      TEMPORAL_ADDRESS: this.temporal.address,
      TEMPORAL_NAMESPACE: namespace,
      SLIPWAY_CONFIG: policy,
      SLIPWAY_CLOCK_SPEED: speed,
      SLIPWAY_LOG: 'warn',
      SLIPWAY_API_TOKEN: TOKEN,
      SLIPWAY_CONSOLE_HOST: '127.0.0.1',
      PIVOTAL_WEBHOOK_SECRET: SECRET,
      NODE_OPTIONS: nodeOptions,
    };
    const migrate = new Part('migrate', dir, env);
    if ((await migrate.launch().ended) !== 0) throw new Error(`slipway migrate failed: ${migrate.lastWords()}`);
    if (storeLateMs > 0) {
      this.late = await lateBy(storeLateMs, this.postgres.url);
      env.DATABASE_URL = this.late.url;
    }
    for (let nth = 0; nth < servers; nth++) {
      const [edge, console_] = await freePorts(2);
      const own = { SLIPWAY_PORT: edge, SLIPWAY_CONSOLE_PORT: console_ };
      this.servers.push(new Part('server', dir, { ...env, ...own }, edge, console_).launch());
    }
    for (let nth = 0; nth < workers; nth++) {
      const [port] = await freePorts(1);
      this.workers.push(new Part('worker', dir, { ...env, SLIPWAY_WORKER_PORT: port }, port).launch());
    }
    await Promise.all(this.parts.map((part) => part.ready()));
  }

  get parts() {
    return [...this.servers, ...this.workers];
  }

  /** Where to post: every server's own edge. */
  get webhooks() {
    return this.servers.map(({ port }) => `http://127.0.0.1:${port}/webhooks/pivotal`);
  }

  async api(pathname) {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const response = await fetch(`http://127.0.0.1:${this.servers[0].consolePort}/api/v1${pathname}`, { headers });
    const text = await response.text();
    if (!response.ok) throw new Error(`${pathname} was answered ${response.status}: ${text.slice(0, 300)}`);
    return JSON.parse(text);
  }

  async isDrained(withinMs) {
    const until = performance.now() + withinMs;
    while (performance.now() < until) {
      if ((await this.api('/status')).inbox.pending === 0) return true;
      await delay(100);
    }
    return false;
  }

  /** Nothing is pending, and for three seconds no worker has written a view. */
  async isAtRest(withinMs) {
    const until = performance.now() + withinMs;
    if (!(await this.isDrained(withinMs))) return false;
    let [written, since] = [await this.#viewsWritten(), performance.now()];
    while (performance.now() < until) {
      await delay(500);
      const now = await this.#viewsWritten();
      if (now !== written) [written, since] = [now, performance.now()];
      else if (performance.now() - since >= 3_000) return true;
    }
    return false;
  }

  #viewsWritten() {
    return sumOf(this.workers, /^slipway_projections_total\{[^}]*\} (\d+)/gm);
  }

  async stop() {
    if (!this.#ended()) return;
    await Promise.all(this.parts.map((part) => part.stop()));
    await this.temporal?.stop();
    await this.postgres?.stop();
  }

  /** Synchronous. The two servers below are children of this process, each with a family of its own. */
  kill() {
    this.#ended();
    for (const part of this.parts) part.kill();
    killAll(familyOf(process.pid).filter((pid) => pid !== process.pid && isAlive(pid)));
  }
}

/** Of the parts' own metrics: what the pattern's group captures, added up. */
export async function sumOf(parts, pattern) {
  const texts = await Promise.all(
    parts.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()),
  );
  const values = texts.flatMap((text) => [...text.matchAll(pattern)].map(([, value]) => Number(value)));
  return values.reduce((sum, value) => sum + value, 0);
}

/** One process of Slipway that can be ended and launched again in its place. */
export class Part {
  #env;
  #log;
  #child;

  constructor(word, dir, env, port, consolePort) {
    this.word = word;
    this.port = port;
    this.consolePort = consolePort;
    this.#env = environment(env);
    this.#log = path.join(dir, `${word}-${port ?? 0}.log`);
  }

  launch() {
    const output = openSync(this.#log, 'a');
    this.#child = spawn(process.execPath, [CLI, this.word], {
      detached: true,
      stdio: ['ignore', output, output],
      env: this.#env,
    });
    this.ended = once(this.#child, 'exit').then(([code, signal]) => code ?? signal);
    return this;
  }

  get isUp() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid() {
    return this.#child.pid;
  }

  get residentMegabytes() {
    return residentMegabytes(this.#child.pid);
  }

  async isReady() {
    return (await fetch(`http://127.0.0.1:${this.port}/readyz`).catch(() => undefined))?.ok === true;
  }

  async ready() {
    const until = performance.now() + READY_WITHIN_MS;
    while (performance.now() < until && this.isUp) {
      if (await this.isReady()) return;
      await delay(25);
    }
    throw new Error(`slipway ${this.word} did not become ready: ${this.lastWords()}`);
  }

  /** Ends it in order; resolves with how long that took, ms. */
  async stop() {
    const from = performance.now();
    this.#child.kill('SIGTERM');
    await Promise.race([this.ended, delay(STOPPED_WITHIN_MS)]);
    this.kill();
    return performance.now() - from;
  }

  kill() {
    if (this.isUp) this.#child.kill('SIGKILL');
  }

  lastWords() {
    return readFileSync(this.#log, 'utf8').slice(-2000);
  }
}
