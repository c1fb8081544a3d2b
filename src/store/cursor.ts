import { InvalidCursor, type Page } from '../contracts/read-model.js';

/** Where a page ended: the values its list is ordered by, under the name of that order. Opaque to the caller. */
export type CursorValue = string | number;

/** The most rows a page of any list holds. */
export const MAX_PAGE = 200;

export function encodeCursor(order: string, values: readonly CursorValue[]): string {
  return Buffer.from(JSON.stringify([order, ...values])).toString('base64url');
}

/** The values behind a cursor of this order, `kinds` being their JavaScript types. Throws `InvalidCursor` for any other. */
export function decodeCursor(
  cursor: string,
  order: string,
  kinds: readonly ('string' | 'number')[],
): readonly CursorValue[] {
  const [named, ...values] = parts(cursor);
  const fits =
    named === order && values.length === kinds.length && values.every((value, nth) => fitsKind(value, kinds[nth]));
  if (!fits) throw new InvalidCursor('This cursor is of another list or another order: start again without one.');
  return values as readonly CursorValue[];
}

/** Strings with NUL or a whole number beyond 2^53 come from nobody's list, and the database would refuse them. */
function fitsKind(value: unknown, kind: string | undefined): boolean {
  return kind === 'number' ? Number.isSafeInteger(value) : typeof value === 'string' && !value.includes('\0');
}

function parts(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** Cuts one page from rows of which one more than the page was asked for: that one tells whether there is a next page. */
export function pageOf<Row, T>(
  rows: readonly Row[],
  limit: number,
  show: (row: Row) => T,
  cursorOf: (row: Row) => string,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { data: shown.map(show), next_cursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}

export function pageSize(limit: number): number {
  return Math.max(1, Math.min(limit, MAX_PAGE));
}
