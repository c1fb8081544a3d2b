import { readdirSync, readFileSync } from 'node:fs';

/** A process and all that it started, theirs included. Reads /proc, so Linux alone; elsewhere only the process itself. */
export function familyOf(pid) {
  const children = new Map();
  for (const [child, parent] of parents()) children.set(parent, [...(children.get(parent) ?? []), child]);
  const family = [];
  for (let waiting = [pid]; waiting.length > 0; ) {
    const one = waiting.pop();
    family.push(one);
    waiting = [...waiting, ...(children.get(one) ?? [])];
  }
  return family;
}

/** The pid of the one process of a family whose command line holds `word`; undefined where there is none. */
export function memberWith(pid, word) {
  return familyOf(pid).find((one) => read(`/proc/${one}/cmdline`)?.includes(word));
}

/**
 * Resident memory of a family in MB, with pages that several share counted once: the sum of PSS. A process that ends in
 * between counts as nothing. Throws where the kernel does not tell.
 */
export function residentMegabytes(pid) {
  const family = familyOf(pid);
  const sizes = family.map((one) => /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${one}/smaps_rollup`) ?? '')?.[1]);
  if (sizes.every((size) => size === undefined))
    throw new Error(
      'The memory of Slipway cannot be read: this row needs Linux and the right to read its smaps_rollup.',
    );
  return sizes.reduce((sum, size) => sum + Number(size ?? 0), 0) / 1024;
}

/** Processor time of processes so far, seconds; 0 where the kernel does not tell. */
export function processorSeconds(pids) {
  const ticks = pids.map((pid) => {
    // After the command's name, which may hold anything, the fields are numbers: the 12th and 13th are its ticks.
    const fields =
      read(`/proc/${pid}/stat`)
        ?.replace(/^.*\) /s, '')
        .split(' ') ?? [];
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  });
  return ticks.reduce((sum, some) => sum + some, 0) / TICKS_A_SECOND;
}
/** Of every Linux, as it tells them to programs. */
const TICKS_A_SECOND = 100;

/** Ends processes at once; those that ended before are left. */
export function killAll(pids) {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(read(`/proc/${pid}/status`) ?? '');
  } catch {
    return false;
  }
}

function parents() {
  let names = [];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const parent = /^PPid:\s+(\d+)/m.exec(read(`/proc/${name}/status`) ?? '')?.[1];
      return parent === undefined ? [] : [[Number(name), Number(parent)]];
    });
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
