import { readFileSync } from 'node:fs';

/** Resident memory of processes over time, for I9. */
export class MemoryLog {
  readonly #samples = new Map<string, number[]>();
  #timer: NodeJS.Timeout | null = null;

  /** One look at each; a process that has ended is left out. */
  look(pids: Readonly<Record<string, number>>): void {
    for (const [name, pid] of Object.entries(pids)) {
      const bytes = residentBytes(pid);
      if (bytes !== null) this.add(name, bytes);
    }
  }

  add(name: string, bytes: number): void {
    this.#samples.set(name, [...(this.#samples.get(name) ?? []), bytes]);
  }

  /** Asked anew at each look, because a killed process comes back as another one. */
  watch(pids: () => Readonly<Record<string, number>>, everyMs = 1_000): void {
    this.stop();
    this.#timer = setInterval(() => this.look(pids()), everyMs);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** By process, from the median of the third quarter to that of the last: 0.05 is 5 % more. */
  growth(): readonly { readonly name: string; readonly n: number; readonly share: number; readonly peakMb: number }[] {
    return [...this.#samples].map(([name, samples]) => {
      const quarter = Math.floor(samples.length / 4);
      const third = median(samples.slice(2 * quarter, 3 * quarter));
      const last = median(samples.slice(3 * quarter));
      const share = third === 0 ? 0 : last / third - 1;
      return { name, n: samples.length, share, peakMb: Math.max(...samples) / 1e6 };
    });
  }
}

/** Null where there is no such process, or no /proc. */
export function residentBytes(pid: number): number | null {
  try {
    const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kb === undefined ? null : Number(kb) * 1024;
  } catch {
    return null;
  }
}

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
