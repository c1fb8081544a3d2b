import { createHash } from 'node:crypto';

/** B-tree entries end at 2,704 bytes; ids that people and machines really use are far below this. */
const MAX_INDEXED_BYTES = 1_000;

/**
 * The text as a column takes it: NUL, which `text` cannot hold, and half a surrogate pair become U+FFFD, so that one odd
 * event cannot spoil the commit it shares.
 */
export function storable(text: string): string;
export function storable(text: string | null): string | null;
export function storable(text: string | null): string | null {
  if (text === null || (text.isWellFormed() && !text.includes('\0'))) return text;
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** `storable`, cut to `limit` characters: for what people read and nothing is looked up by. */
export function brief(text: string, limit: number): string {
  return storable(text.length > limit ? `${text.slice(0, limit - 1)}…` : text);
}

/**
 * The text as an indexed column takes it, and as it must be asked for: one beyond 1,000 bytes is cut and told apart by
 * its digest, since an index refuses it and the event would be refused with it.
 */
export function indexed(text: string): string {
  const kept = storable(text);
  if (kept.length * 3 <= MAX_INDEXED_BYTES || Buffer.byteLength(kept) <= MAX_INDEXED_BYTES) return kept;
  return `${kept.slice(0, 200)}…${createHash('sha256').update(kept).digest('hex')}`;
}

/** The last instant a JavaScript date knows; beyond it a sender's number is no instant. */
const LAST_INSTANT = 8_640_000_000_000_000;

/** An instant as a `bigint` column takes it: whole milliseconds; null for what is none. */
export function instant(at: number | null): number | null {
  if (at === null || !Number.isFinite(at) || Math.abs(at) > LAST_INSTANT) return null;
  return Math.trunc(at);
}
