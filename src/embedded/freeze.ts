import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedError } from './embedded-error.js';
import { isRunning, type ProcessMark } from './process-mark.js';

/** Longer than any copy of a file on a local disk should take; whoever waits for the server has given up long before. */
const LONGEST_MS = 30_000;
const STOPS_WITHIN_MS = 5_000;

/**
 * Who thaws: we do, whatever becomes of `work`; and where we are killed, a watchdog does. It holds the other end of a
 * pipe that closes with us, however we end, and gives up waiting by itself after the longest time. It is a process
 * group of its own, so that a Ctrl-C that ends us leaves it alone.
 */
const WATCHDOG = `
  const pids = process.argv.slice(2).map(Number);
  const thaw = () => {
    for (const pid of pids) { try { process.kill(pid, 'SIGCONT') } catch {} }
    process.exit();
  };
  setTimeout(thaw, Number(process.argv[1]));
  process.stdin.on('end', thaw).on('error', thaw).resume();
  process.stdout.write('watching');`;

export interface Frozen<T> {
  readonly result: T;
  /** Real epoch ms, when all of them stood still. */
  readonly at: number;
  readonly ms: number;
}

/**
 * Stops the processes where they are, does `work`, and lets them go on. To them it is as if no time had passed; their
 * files are meanwhile as a kill at that instant would leave them. Throws where it took so long that they were let go.
 */
export async function whileFrozen<T>(
  processes: readonly ProcessMark[],
  work: () => Promise<T>,
  longestMs = LONGEST_MS,
): Promise<Frozen<T>> {
  const running = processes.filter(isRunning);
  if (running.length === 0) return { at: Date.now(), ms: 0, result: await work() };
  const watchdog = await startWatchdog(running, longestMs);
  const from = performance.now();
  try {
    for (const { pid } of running) stop(pid);
    await allStand(running);
    const at = Date.now();
    const result = await work();
    const ms = performance.now() - from;
    if (ms >= longestMs || watchdog.exitCode !== null) throw tookTooLong(longestMs);
    return { result, at, ms };
  } finally {
    for (const mark of running) if (isRunning(mark)) process.kill(mark.pid, 'SIGCONT');
    watchdog.stdin?.end();
  }
}

async function startWatchdog(running: readonly ProcessMark[], longestMs: number): Promise<ChildProcess> {
  const words = [`${longestMs}`, ...running.map(({ pid }) => `${pid}`)];
  const watchdog = spawn(process.execPath, ['-e', WATCHDOG, ...words], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {},
  });
  watchdog.unref();
  watchdog.stdin?.on('error', () => {});
  const ended = once(watchdog, 'exit').then(() => {
    throw new EmbeddedError(
      'backup',
      'The process that lets the Temporal server go on again could not be started, so that it was not held; try again.',
    );
  });
  await Promise.race([once(watchdog.stdout, 'data'), ended]);
  ended.catch(() => {});
  return watchdog;
}

function stop(pid: number): void {
  try {
    process.kill(pid, 'SIGSTOP');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw new EmbeddedError(
      'backup',
      `The Temporal server (process ${pid}) belongs to another account: take the backup as the account that runs Slipway.`,
      { cause: error },
    );
  }
}

/** A thread in the middle of a write ends it before it stops. */
async function allStand(running: readonly ProcessMark[]): Promise<void> {
  const until = performance.now() + STOPS_WITHIN_MS;
  while (!running.every((mark) => !isRunning(mark) || stands(mark.pid))) {
    if (performance.now() > until) throw tookTooLong(STOPS_WITHIN_MS);
    await delay(1);
  }
}

/** Every thread of it: the state comes after the name in brackets, which may hold anything. Without /proc, by the wait. */
function stands(pid: number): boolean {
  const threads = `/proc/${pid}/task`;
  if (!existsSync(threads)) return true;
  return readdirSync(threads).every((thread) => {
    try {
      const stat = readFileSync(`${threads}/${thread}/stat`, 'utf8');
      return 'TtZX'.includes(stat.charAt(stat.lastIndexOf(')') + 2));
    } catch {
      return true;
    }
  });
}

function tookTooLong(ms: number): EmbeddedError {
  return new EmbeddedError(
    'backup',
    `The Temporal server's file could not be copied within ${ms / 1000} s, so the server was let go on and the backup was given up: try again when the disk is less busy.`,
  );
}
