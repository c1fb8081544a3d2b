import { clean, fit, width } from './text.js';

export interface Column<Row> {
  readonly header: string;
  readonly of: (row: Row) => string;
  /** May be cut where the terminal is too narrow. Ids are not: people copy them. */
  readonly cut?: true;
  /** Left out, the last one first, where cutting alone does not make the table fit. */
  readonly spare?: true;
  /** Left out unless it holds of a row: what is the same everywhere, and as people expect it, tells nothing. */
  readonly onlyWith?: (row: Row) => boolean;
}

const GAP = '  ';
/** Narrower than this a cut column tells nothing. */
const LEAST_COLUMNS = 10;

/** Rows under their headers, aligned, no line wider than the terminal where cutting and leaving out can help it. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], terminal: number): string {
  const telling = columns.filter(({ onlyWith }) => !onlyWith || rows.some(onlyWith));
  return fitted(rows, telling, terminal);
}

function fitted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], terminal: number): string {
  const spare = columns.findLastIndex((column) => column.spare);
  if (spare >= 0 && leastWidth(rows, columns) > terminal) return fitted(rows, columns.toSpliced(spare, 1), terminal);
  const cells = [columns.map(({ header }) => header), ...rows.map((row) => columns.map(({ of }) => clean(of(row))))];
  const widths = shrunk(columns, widest(cells, columns.length), terminal);
  return cells
    .map(
      (line) =>
        `${line
          .map((cell, i) => padded(fit(cell, widths[i] ?? 0), widths[i] ?? 0))
          .join(GAP)
          .trimEnd()}\n`,
    )
    .join('');
}

const widest = (cells: readonly (readonly string[])[], columns: number): readonly number[] =>
  Array.from({ length: columns }, (_, i) => Math.max(...cells.map((line) => width(line[i] ?? ''))));

/** How narrow cutting can make it. */
function leastWidth<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): number {
  const least = columns.map(({ header, of, cut }) => {
    const wanted = Math.max(width(header), ...rows.map((row) => width(clean(of(row)))));
    return cut ? Math.min(wanted, LEAST_COLUMNS) : wanted;
  });
  return least.reduce((sum, one) => sum + one, 0) + GAP.length * (columns.length - 1);
}

const padded = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - width(text)));

/** Takes columns away one at a time, always from the widest that may be cut. */
function shrunk(columns: readonly Column<never>[], wanted: readonly number[], terminal: number): readonly number[] {
  const widths = [...wanted];
  let surplus = widths.reduce((sum, one) => sum + one, 0) + GAP.length * (widths.length - 1) - terminal;
  while (surplus > 0) {
    const widestCut = columns.reduce(
      (best, { cut }, i) => (cut && (widths[i] ?? 0) > (widths[best] ?? LEAST_COLUMNS) ? i : best),
      -1,
    );
    if (widestCut < 0) break;
    widths[widestCut] = (widths[widestCut] ?? 0) - 1;
    surplus -= 1;
  }
  return widths;
}

/** `Name  value` lines with the values aligned; a line without a value is left out. */
export function pairs(lines: readonly (readonly [name: string, value: string | null])[]): string {
  const shown = lines.filter((line): line is readonly [string, string] => line[1] !== null);
  const columns = Math.max(...shown.map(([name]) => width(name)));
  return shown.map(([name, value]) => `${padded(name, columns)}${GAP}${clean(value)}\n`).join('');
}
