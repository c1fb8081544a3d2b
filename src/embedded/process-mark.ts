import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * A process, told from a later one that was given the same pid: after a reboot, or in a container where pids are few,
 * the number alone would make a stranger look like our server.
 */
export interface ProcessMark {
  readonly pid: number;
  /** When it was born, in the words of this machine; only compared, never read. */
  readonly born: string;
}

const HAS_PROC = existsSync('/proc/self/stat');

/** The mark of a process that runs now, or null. One that ended and was not yet reaped by its parent does not run. */
export function markOf(pid: number): ProcessMark | null {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  const born = HAS_PROC ? bornByProc(pid) : bornByPs(pid);
  return born === null ? null : { pid, born };
}

export function isRunning(mark: ProcessMark): boolean {
  const now = markOf(mark.pid);
  return now !== null && now.born === mark.born;
}

/** The words a process was started with, or an empty list where there is no such process or it may not be looked at. */
export function commandOf(pid: number): string[] {
  try {
    if (HAS_PROC) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    return ps('-o', 'args=', '-p', String(pid)).trim().split(' ');
  } catch {
    return [];
  }
}

/** Processes that were started with all of these words among their arguments. */
export function startedWith(...words: readonly string[]): ProcessMark[] {
  return everyPid()
    .filter((pid) => {
      const command = commandOf(pid);
      return words.every((word) => command.includes(word));
    })
    .map(markOf)
    .filter((mark) => mark !== null);
}

function everyPid(): number[] {
  if (HAS_PROC) return readdirSync('/proc').map(Number).filter(Number.isSafeInteger);
  return ps('-ax', '-o', 'pid=').trim().split('\n').map(Number);
}

/** Fields of /proc/<pid>/stat are counted after the name in brackets, which may hold anything: state, …, start time. */
function bornByProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch {
    return null;
  }
}

function bornByPs(pid: number): string | null {
  try {
    const [state, ...born] = ps('-o', 'state=', '-o', 'lstart=', '-p', String(pid)).trim().split(/\s+/);
    return state === undefined || state.startsWith('Z') ? null : born.join(' ');
  } catch {
    return null;
  }
}

function ps(...args: string[]): string {
  return execFileSync('ps', args, { encoding: 'utf8', env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' }, stdio: 'pipe' });
}
