import { type RawBuilder, sql } from 'kysely';
import { InvalidCursor } from '../../contracts/read-model.js';
import type { Listed, ListQuery } from '../../contracts/webhooks.js';

/** Svix's most. */
const MAX_PAGE = 250;

/** What one page reads: rows beyond a place, in one direction, and one more than it shows. */
export interface Stretch {
  /** A condition on the column that the list is ordered by. */
  beyond(column: string): RawBuilder<boolean>;
  readonly direction: 'asc' | 'desc';
  readonly rows: number;
}

export interface List<Row, T> {
  read(stretch: Stretch): Promise<readonly Row[]>;
  /** Where an item stands that a caller names by its id alone; undefined where it is none of the list's. */
  seqOf(id: string): Promise<number | undefined>;
  idOf(row: Row): string;
  show(row: Row): T;
}

/**
 * A page as Svix gives it: `iterator` is that of the last item and leads on, `prevIterator` that of the first and leads
 * back; both are there on every page that shows something, since a list may grow at either end. `done` is of the
 * direction that was asked for. An iterator is an item's id, and says beside it where the item stood: a caller who
 * deletes what a page showed goes on from there. Throws `InvalidCursor`.
 */
export async function listed<Row extends { readonly seq: number }, T>(
  { limit, iterator, order }: ListQuery,
  list: List<Row, T>,
): Promise<Listed<T>> {
  const place = iterator === null ? null : await placeOf(iterator, list);
  const isBack = place?.isBack ?? false;
  const direction = (order === 'ascending') === isBack ? 'desc' : 'asc';
  const size = Math.max(1, Math.min(limit, MAX_PAGE));
  const read = await list.read({ beyond: beyond(place?.seq ?? null, direction), direction, rows: size + 1 });
  const shown = isBack ? read.slice(0, size).reverse() : read.slice(0, size);
  const [first, last] = [shown.at(0), shown.at(-1)];
  return {
    data: shown.map((row) => list.show(row)),
    iterator: last ? textOf(list.idOf(last), last.seq) : null,
    prevIterator: first ? `${BACK}${textOf(list.idOf(first), first.seq)}` : null,
    done: read.length <= size,
  };
}

const BACK = '-';
/** In no id and no name. */
const STANDS_AT = '~';

const textOf = (id: string, seq: number): string => `${id}${STANDS_AT}${seq}`;

const beyond =
  (seq: number | null, direction: 'asc' | 'desc') =>
  (column: string): RawBuilder<boolean> => {
    if (seq === null) return sql<boolean>`true`;
    return direction === 'asc' ? sql<boolean>`${sql.ref(column)} > ${seq}` : sql<boolean>`${sql.ref(column)} < ${seq}`;
  };

async function placeOf(
  iterator: string,
  { seqOf }: Pick<List<never, never>, 'seqOf'>,
): Promise<{ readonly seq: number; readonly isBack: boolean }> {
  const isBack = iterator.startsWith(BACK);
  const [id, stoodAt] = iterator.slice(isBack ? BACK.length : 0).split(STANDS_AT) as [string, string?];
  const seq = stoodAt === undefined ? await seqOf(id) : Number(stoodAt);
  if (seq !== undefined && Number.isSafeInteger(seq)) return { seq, isBack };
  throw new InvalidCursor('This iterator is of another list, or what it named is gone: start again without one.');
}
