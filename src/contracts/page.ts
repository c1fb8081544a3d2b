/** One page of a list; `next_cursor` asks for the next one, and is null at the end. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}
