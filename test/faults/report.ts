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

export interface EraFigures {
  readonly findings: readonly Finding[];
  /** Acknowledged. */
  readonly events: number;
  readonly waits: Spread;
}

const MOST_VIOLATIONS = 500;

/** What an hour came to. Holds numbers and sentences alone, so that it does not grow with the load. */
export class Report {
  readonly violations: string[] = [];
  readonly #faults = new Map<FaultName, Tally>();
  readonly #eras = new Map<string, EraFigures>();
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

  /** What was found over an era so far; the last word about it counts. */
  era(name: string, figures: EraFigures): void {
    this.#eras.set(name, figures);
    for (const { id, violations } of figures.findings) for (const one of violations) this.violated(`${id}: ${one}`);
  }

  repeated(events: number): void {
    this.#repeated += events;
  }

  get strikes(): number {
    return [...this.#faults.values()].reduce((sum, one) => sum + one.struck, 0);
  }

  text(): string {
    const eras = [...this.#eras.values()];
    const events = eras.reduce((sum, one) => sum + one.events, 0);
    return [
      this.#faultTable(),
      '',
      tableOf(joined(eras.flatMap(({ findings }) => findings))),
      '',
      `${events} events acknowledged, ${this.#repeated} sent once more at the end of their era.`,
      ...[...this.#eras].map(([name, { waits }]) => `${name}: acknowledged, retries included, after ${said(waits)}.`),
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

/** The findings of several eras as one each: their trials add up, and each era has its note. */
function joined(findings: readonly Finding[]): readonly Finding[] {
  const byId = new Map<string, Finding>();
  for (const finding of findings) {
    const before = byId.get(finding.id);
    const violations = [...(before?.violations ?? []), ...finding.violations];
    const note = [before?.note, finding.note].filter(Boolean).join(' | ');
    byId.set(finding.id, { ...finding, n: (before?.n ?? 0) + finding.n, violations, note });
  }
  return [...byId.values()];
}

const seconds = ({ p50, max }: Spread): string => `${(p50 / 1_000).toFixed(1)} / ${(max / 1_000).toFixed(1)}`;
