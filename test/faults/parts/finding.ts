import { upperBound } from './figures.js';

/** What one invariant came to: never a bare yes, always with the number of trials that it rests on. */
export interface Finding {
  readonly id: `I${number}`;
  readonly what: string;
  /** What was tried: events, sends, workflows … A 0 of few is worth little. */
  readonly n: number;
  /** One sentence each, with the ids that it is about. */
  readonly violations: readonly string[];
  readonly note?: string;
}

const SHOWN = 5;

/** A table for people: each 0 with its n and what that n can tell at 95 %. */
export function tableOf(findings: readonly Finding[]): string {
  const rows = findings.map(({ id, what, n, violations, note }) => [
    id,
    what,
    String(violations.length),
    String(n),
    violations.length > 0 || n === 0 ? '-' : `< ${bound(n)}`,
    note ?? '',
  ]);
  const head = ['', 'invariant', 'violations', 'n', '95 % bound', 'note'];
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  const faults = findings.flatMap(({ id, violations }) => [
    ...violations.slice(0, SHOWN).map((one) => `${id}: ${one}`),
    ...(violations.length > SHOWN ? [`${id}: ... and ${violations.length - SHOWN} more`] : []),
  ]);
  return [line(head), ...rows.map(line), ...faults].join('\n');
}

/** Nothing was violated, and nothing was found by not looking. */
export function holds(findings: readonly Finding[]): boolean {
  return findings.every(({ violations }) => violations.length === 0);
}

const bound = (n: number): string => {
  const percent = upperBound(n) * 100;
  return `${percent >= 1 ? percent.toFixed(1) : percent.toPrecision(2)} %`;
};
