import type { Recovery } from './era.js';
import { said, type Spread, spread, upperBound } from './parts/figures.js';
import { type Finding, tableOf } from './parts/finding.js';
import { FAULTS, type FaultName } from './plan.js';
import type { Struck } from './strikes.js';

interface Tally {
  struck: number;
  cut: number;
  violations: number;
  readonly signalledMs: number[];
  readonly appliedMs: number[];
}

const MOST_VIOLATIONS = 500;

/** What an hour came to. Holds numbers and sentences alone, so that it does not grow with the load. */
export class Report {
  readonly violations: string[] = [];
  readonly #faults = new Map<FaultName, Tally>();
  readonly #findings = new Map<string, Finding>();
  readonly #waits: Spread[] = [];
  #events = 0;
  #repeated = 0;

  struck(fault: FaultName, { met, cut = 0, violations = [] }: Struck, recovery: Recovery | undefined): void {
    if (!met) return;
    const tally = this.#faults.get(fault) ?? { struck: 0, cut: 0, violations: 0, signalledMs: [], appliedMs: [] };
    this.#faults.set(fault, tally);
    tally.struck++;
    tally.cut += cut;
    tally.violations += violations.length;
    if (recovery) tally.signalledMs.push(recovery.signalledMs);
    if (recovery) tally.appliedMs.push(recovery.appliedMs);
    for (const violation of violations) this.violated(`${fault}: ${violation}`);
  }

  violated(sentence: string): void {
    if (this.violations.length < MOST_VIOLATIONS && !this.violations.includes(sentence)) this.violations.push(sentence);
  }

  /** The findings over a whole era, and what its sender saw. */
  era(findings: readonly Finding[], events: number, waits: Spread): void {
    for (const finding of findings) {
      const before = this.#findings.get(finding.id);
      this.#findings.set(finding.id, before ? joined(before, finding) : finding);
      for (const violation of finding.violations) this.violated(`${finding.id}: ${violation}`);
    }
    this.#events += events;
    this.#waits.push(waits);
  }

  repeated(events: number): void {
    this.#repeated += events;
  }

  get strikes(): number {
    return [...this.#faults.values()].reduce((sum, one) => sum + one.struck, 0);
  }

  text(): string {
    const worst = this.#waits.reduce((max, { p99 }) => Math.max(max, p99), 0);
    return [
      this.#faultTable(),
      '',
      tableOf([...this.#findings.values()]),
      '',
      `${this.#events} events acknowledged, ${this.#repeated} of them sent once more at the end of their era.`,
      `Acknowledged, from the scheduled time, retries included: p99 of the worst era ${worst.toFixed(0)} ms.`,
      ...this.#waits.slice(-1).map((waits) => `Last era: ${said(waits)}.`),
      this.violations.length === 0 ? 'No violation.' : `${this.violations.length} violations:`,
      ...this.violations.map((one) => `  ${one}`),
    ].join('\n');
  }

  #faultTable(): string {
    const rows = [...this.#faults].map(([fault, tally]) => [
      FAULTS[fault].row,
      fault,
      String(tally.struck),
      tally.cut ? String(tally.cut) : '',
      String(tally.violations),
      tally.violations ? '-' : `< ${(upperBound(tally.struck) * 100).toFixed(1)} %`,
      seconds(spread(tally.signalledMs)),
      seconds(spread(tally.appliedMs)),
    ]);
    const head = ['row', 'fault', 'n', 'cut', 'violations', '95 %', 'signalled p50/max s', 'applied p50/max s'];
    const lines = [head, ...rows.sort((a, b) => (a[0] ?? '').localeCompare(b[0] ?? ''))];
    const widths = head.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
    return lines
      .map((line) =>
        line
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd(),
      )
      .join('\n');
  }
}

function joined(before: Finding, now: Finding): Finding {
  return { ...now, n: before.n + now.n, violations: [...before.violations, ...now.violations] };
}

const seconds = ({ p50, max }: Spread): string => `${(p50 / 1_000).toFixed(1)} / ${(max / 1_000).toFixed(1)}`;
