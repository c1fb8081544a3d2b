import type { ColumnType } from 'kysely';

/** Read parsed, written as text. */
export type Json<T> = ColumnType<T, string, string>;
export type NullableJson<T> = ColumnType<T | null, string | null, string | null>;
