import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedError, type EmbeddedProblem, reasonOf } from './embedded-error.js';
import { isRunning, markOf, type ProcessMark } from './process-mark.js';

/** The number under which a child finds the directory that it was handed. */
export const HANDED_DESCRIPTOR = 3;

const POLL_MS = 20;
/** A log larger than this is put aside as `<name>.1` at the next start. */
const MOST_LOG_BYTES = 8 * 1024 * 1024;
/** How much of the end of a log goes into an error's sentence. */
const LAST_WORDS_BYTES = 65_536;
const LAST_WORDS_CHARS = 500;

/** One server to be run beside us. */
export interface ChildServer {
  /** As people know it, for sentences. */
  readonly name: string;
  readonly problem: EmbeddedProblem;
  readonly command: string;
  readonly args: readonly string[];
  /** All of its environment: a server is not handed our secrets. */
  readonly env: Readonly<Record<string, string>>;
  readonly account?: { readonly uid: number; readonly gid: number } | undefined;
  /** Handed to it open, as `HANDED_DESCRIPTOR`: its account need not be allowed on the way to it. */
  readonly directory?: string;
  readonly logFile: string;
  /** Called as soon as it runs, before it is ready, so that a kill of ourselves in between leaves a trace of it. */
  readonly born?: (mark: ProcessMark) => void;
  readonly isReady: () => Promise<boolean>;
  readonly readyWithinMs: number;
  readonly stopBy: readonly StopStep[];
}

/** A signal and how long, in ms, the process is given before the next one. */
export type StopStep = readonly [signal: NodeJS.Signals, graceMs: number];

/**
 * Starts a server in a process group of its own, so that Ctrl-C in our terminal and a signal to our whole group do not
 * reach it before we have drained. It outlives us when we are killed; the next start finds it by its pid file.
 * Throws `EmbeddedError` when it ends before it is ready, or is not ready in time; then nothing of it is left running.
 */
export async function startChild(server: ChildServer): Promise<ProcessMark> {
  setLargeLogAside(server.logFile);
  const log = openSync(server.logFile, 'a', 0o600);
  const logStart = fstatSync(log).size;
  const { mark, ended } = launch(server, log);
  if (mark !== null) {
    let ready = false;
    try {
      server.born?.(mark);
      ready = await becomesReady(server, ended);
    } finally {
      if (!ready) await stopProcess(server.name, server.problem, mark, server.stopBy);
    }
    if (ready) return mark;
  }
  // The word of how a launch failed comes in the next turn of the loop.
  await delay(0);
  const how = ended.how ?? `was not ready within ${Math.round(server.readyWithinMs / 1000)} s`;
  throw new EmbeddedError(
    server.problem,
    `${server.name} ${how}${lastWords(server.logFile, logStart)}; its log is ${server.logFile}.`,
  );
}

/** Ends a process step by step; returns when it has ended. Harmless when it has ended before or its pid went on. */
export async function stopProcess(
  name: string,
  problem: EmbeddedProblem,
  mark: ProcessMark,
  steps: readonly StopStep[],
): Promise<void> {
  for (const [signal, graceMs] of steps) {
    if (!isRunning(mark)) return;
    signalProcess(mark.pid, signal);
    const until = performance.now() + graceMs;
    while (isRunning(mark)) {
      if (performance.now() >= until) break;
      await delay(POLL_MS);
    }
  }
  if (!isRunning(mark)) return;
  throw new EmbeddedError(problem, `${name} (process ${mark.pid}) cannot be ended: end it by hand, then start again.`);
}

/** False when it ended, or the time is over. What `isReady` throws is for whoever started it. */
async function becomesReady(server: ChildServer, ended: Ended): Promise<boolean> {
  const until = performance.now() + server.readyWithinMs;
  while (ended.how === undefined && performance.now() < until) {
    if ((await server.isReady()) && ended.how === undefined) return true;
    await delay(POLL_MS);
  }
  return false;
}

interface Ended {
  how: string | undefined;
}

function launch(server: ChildServer, log: number): { mark: ProcessMark | null; ended: Ended } {
  const ended: Ended = { how: undefined };
  const handed = server.directory === undefined ? undefined : openSync(server.directory, 'r');
  try {
    const child = spawn(server.command, server.args, {
      detached: true,
      stdio: ['ignore', log, log, ...(handed === undefined ? [] : [handed])],
      cwd: '/',
      env: { ...server.env },
      ...(server.account ? { uid: server.account.uid, gid: server.account.gid } : {}),
    });
    child.once('error', (error) => {
      ended.how = `could not be started (${reasonOf(error)})`;
    });
    child.once('exit', (code, signal) => {
      ended.how = `ended before it was ready (${signal === null ? `exit code ${code}` : signal})`;
    });
    child.unref();
    return { mark: child.pid === undefined ? null : markOf(child.pid), ended };
  } catch (error) {
    ended.how = `could not be started (${reasonOf(error)})`;
    return { mark: null, ended };
  } finally {
    closeSync(log);
    if (handed !== undefined) closeSync(handed);
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone between the look and the signal; anything else (another account's process) shows as "cannot be ended".
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') return;
  }
}

function setLargeLogAside(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MOST_LOG_BYTES) renameSync(logFile, `${logFile}.1`);
}

/**
 * The end of what a server wrote since `from`, as the middle of a sentence; nothing when it wrote nothing. Of a crash
 * it is what came before the stack trace.
 */
function lastWords(logFile: string, from: number): string {
  const file = openSync(logFile, 'r');
  try {
    const buffer = Buffer.alloc(LAST_WORDS_BYTES);
    const start = Math.max(from, fstatSync(file).size - LAST_WORDS_BYTES);
    const text = buffer.toString('utf8', 0, readSync(file, buffer, 0, LAST_WORDS_BYTES, start));
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    const crash = lines.findIndex((line) => line.startsWith('panic: '));
    const words = lines.slice(0, crash < 0 ? undefined : crash + 1).slice(-3);
    return words.length === 0 ? '' : `, its last words being: ${words.join(' | ').slice(-LAST_WORDS_CHARS)}`;
  } finally {
    closeSync(file);
  }
}
