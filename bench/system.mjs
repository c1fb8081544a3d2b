import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { familyOf, isAlive, killAll } from './processes.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const POLICY = fileURLToPath(new URL('slipway.yaml', import.meta.url));
const READY_WITHIN_MS = 120_000;
const STOPPED_WITHIN_MS = 40_000;
export const SECRET = `whsec_${Buffer.from('a-secret-for-the-bench-alone-001').toString('base64')}`;
export const NODE_START = [process.execPath, path.join(ROOT, 'dist', 'main', 'cli.js'), 'start'];
export const CLI = NODE_START[1];
export const NPM_START = ['npm', 'start'];

/** Everything that was started and not stopped yet: nothing may outlive the bench. */
const running = new Set();
const directories = new Set();

/** A directory of the bench's own, removed at its end. */
export function scratchDirectory() {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'slipway-bench-'));
  directories.add(directory);
  return directory;
}

/** A Slipway as a child on ports of its own. */
export class System {
  #child;
  #family = [];
  #stopping = false;

  /** Starts one and waits until it is ready; `readyMs` counts from the launch of the command. */
  static async start({ dataDir = scratchDirectory(), speed = 1, command = NODE_START, env = {} } = {}) {
    const system = new System();
    await system.#start(dataDir, speed, command, env);
    return system;
  }

  async #start(dataDir, speed, command, env) {
    const [edge, console_, temporal, temporalUi] = await freePorts(4);
    this.dataDir = dataDir;
    this.edgeUrl = `http://127.0.0.1:${edge}`;
    this.consoleUrl = `http://127.0.0.1:${console_}`;
    this.temporalAddress = `127.0.0.1:${temporal}`;
    const log = path.join(dataDir, 'bench.out');
    const output = openSync(log, 'a');
    const startedAt = performance.now();
    // A process group of its own: Ctrl-C reaches the bench alone, which then stops what it started in its own order.
    this.#child = spawn(command[0], command.slice(1), {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', output, output],
      env: environment({
        SLIPWAY_PORT: edge,
        SLIPWAY_CONSOLE_PORT: console_,
        SLIPWAY_TEMPORAL_PORT: temporal,
        SLIPWAY_TEMPORAL_UI_PORT: temporalUi,
        SLIPWAY_DATA_DIR: dataDir,
        SLIPWAY_CONFIG: POLICY,
        SLIPWAY_CLOCK_SPEED: speed,
        SLIPWAY_LOG: 'warn',
        PIVOTAL_WEBHOOK_SECRET: SECRET,
        ...env,
      }),
    });
    running.add(this);
    this.#child.once('exit', (code, signal) => this.#ended(code ?? signal, log));
    await this.#ready(startedAt, log);
    this.readyMs = performance.now() - startedAt;
    this.#family = familyOf(this.pid);
  }

  get pid() {
    return this.#child.pid;
  }

  get webhooks() {
    return `${this.edgeUrl}/webhooks/pivotal`;
  }

  /** One answer of the console API. Throws what it says where it refuses. */
  async api(pathname) {
    const response = await fetch(`${this.consoleUrl}/api/v1${pathname}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`${pathname} was answered ${response.status}: ${text.slice(0, 300)}`);
    return JSON.parse(text);
  }

  /** Waits until every stored event was signalled; false where that takes longer than `withinMs`. */
  async isDrained(withinMs) {
    const until = performance.now() + withinMs;
    while (performance.now() < until) {
      const { inbox } = await this.api('/status');
      if (inbox.pending === 0) return true;
      await delay(100);
    }
    return false;
  }

  /** Ends it in order, and what will not end at once by force. May be called again. */
  async stop() {
    if (!running.has(this)) return;
    this.#stopping = true;
    this.#family = [...new Set([...this.#family, ...familyOf(this.pid)])];
    signalGroup(this.pid, 'SIGINT');
    const until = performance.now() + STOPPED_WITHIN_MS;
    while (this.#family.some(isAlive) && performance.now() < until) await delay(50);
    this.kill();
  }

  /** Ends all of it by force. Synchronous, so that it also works while the bench exits. */
  kill() {
    this.#stopping = true;
    killAll([...new Set([...this.#family, ...familyOf(this.pid)])].filter(isAlive));
    running.delete(this);
  }

  #ended(how, log) {
    if (this.#stopping) return;
    process.stderr.write(`  Slipway ended in mid-run (${how}). It said:\n${lastWords(log)}\n`);
  }

  async #ready(startedAt, log) {
    while (performance.now() - startedAt < READY_WITHIN_MS) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) break;
      const answer = await fetch(`${this.edgeUrl}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      await delay(15);
    }
    await this.stop();
    throw new Error(`Slipway did not become ready. It said:\n${lastWords(log)}`);
  }
}

/** Something else that must not outlive the bench: it has `stop()` and a synchronous `kill()`. */
export function mustEnd(one) {
  running.add(one);
  return () => running.delete(one);
}

/** Stops what still runs and removes what was written. */
export async function stopAll() {
  await Promise.all([...running].map((system) => system.stop()));
  removeDirectories();
}

/** The same in one go, for the exit of the process. */
export function killEverything() {
  for (const system of running) system.kill();
  removeDirectories();
}

export function removeDirectories() {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  directories.clear();
}

/** Ours, without what would lead it to somebody's servers or people. */
export function environment(own) {
  const given = Object.entries(process.env).filter(
    ([name]) => !/^(SLIPWAY_|TEMPORAL_|PIVOTAL_|DATABASE_URL$|npm_)/.test(name),
  );
  return { ...Object.fromEntries(given), ...Object.fromEntries(Object.entries(own).map(([k, v]) => [k, String(v)])) };
}

function lastWords(log) {
  return readFileSync(log, 'utf8').slice(-2000);
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended by itself.
  }
}

/** Held open together, so that they differ. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = net.createServer();
      return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => resolve(server));
      });
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
