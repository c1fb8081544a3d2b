/**
 * Reads single values out of a sender's record without trusting it: own properties only (a key named `__proto__` is a
 * key like any other), strings well-formed and bounded, and nothing that throws.
 *
 * Three answers everywhere: `undefined` says nothing, `null` clears, a value is a value.
 */
export type Json = Readonly<Record<string, unknown>>;

/** Ids are opaque; a longer one could not be part of a workflow id. */
const ID_BYTES = 120;
/** Names of phases, states and people. */
const WORD_BYTES = 200;
/** Titles and names that only people read. */
const TEXT_BYTES = 400;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function own(record: Json, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** The first of several names a dialect may use that holds a value; `null` where only nulls are there. */
export function firstOf<T>(
  record: Json,
  names: readonly string[],
  read: (value: unknown) => T | null | undefined,
): T | null | undefined {
  let cleared = false;
  for (const name of names) {
    const value = read(own(record, name));
    if (value !== undefined && value !== null) return value;
    cleared ||= value === null;
  }
  return cleared ? null : undefined;
}

/** An id as it may become part of a workflow id: not empty, well-formed, printable, at most 120 bytes of UTF-8. */
export function identity(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'string' || value === '' || !value.isWellFormed()) return undefined;
  return hasControls(value) || utf8Length(value) > ID_BYTES ? undefined : value;
}

/** The name of a phase or state, a status, a person. An empty one is none. */
export function word(value: unknown): string | null | undefined {
  return bounded(value, WORD_BYTES);
}

/** A title or name that only people read. */
export function text(value: unknown): string | null | undefined {
  return bounded(value, TEXT_BYTES);
}

/** A number or text that names a record to people, e.g. `display_id`. */
export function label(value: unknown): string | null | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : word(value);
}

export function flag(value: unknown): boolean | null | undefined {
  return typeof value === 'boolean' || value === null ? value : undefined;
}

export function amount(value: unknown): number | null | undefined {
  if (value === null) return null;
  // Adding 0 turns -0, which JSON would not give back, into 0.
  return typeof value === 'number' && Number.isFinite(value) ? value + 0 : undefined;
}

/** An e-mail in lower case, or a user id as it is; senders write either, or an object that holds them. */
export function person(value: unknown): string | null | undefined {
  if (isObject(value)) return firstOf(value, ['email', 'id'], person);
  const name = label(value);
  return typeof name === 'string' && name.includes('@') ? name.toLowerCase() : name;
}

/** Cuts at a whole character, so that the result has at most `bytes` bytes of UTF-8. */
export function cut(value: string, bytes: number): string {
  if (value.length * 3 <= bytes) return value;
  let used = 0;
  let end = 0;
  for (const char of value) {
    used += utf8Width(char.codePointAt(0) as number);
    if (used > bytes) break;
    end += char.length;
  }
  return value.slice(0, end);
}

function bounded(value: unknown, bytes: number): string | null | undefined {
  if (value === null) return null;
  if (typeof value !== 'string') return undefined;
  // PostgreSQL stores no NUL, and a lone surrogate would change on its way through UTF-8.
  const clean = cut(value.slice(0, bytes).replaceAll('\0', '').toWellFormed(), bytes).trim();
  return clean === '' ? null : clean;
}

function hasControls(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

function utf8Length(value: string): number {
  if (value.length > ID_BYTES) return value.length;
  let bytes = 0;
  for (const char of value) bytes += utf8Width(char.codePointAt(0) as number);
  return bytes;
}

function utf8Width(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

/** Leaves out what says nothing, so that a fact holds only what the record showed. */
export function said<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
