import pg from 'pg';
import { StoreUnavailable } from '../contracts/inbox.js';

/**
 * SQLSTATE classes in which the server could not do it now, whatever was asked: no connection (08), a refused login
 * (28), no such database (3D), out of disk, memory or connections (53), shutting down or cancelled (57), I/O (58).
 */
const PASSING_CLASSES = new Set(['08', '28', '3D', '53', '57', '58']);
const READ_ONLY = '25006';

/**
 * Whether the store, and not the statement, is at fault. An error of `pg` or of the system that did not come from the
 * server (refused, reset, timed out, pool closed) always is; those are plain `Error`s, and a class of its own, such as
 * `TypeError` or `InvalidCursor`, means something else.
 */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof StoreUnavailable || error instanceof AggregateError) return true;
  if (error instanceof pg.DatabaseError) {
    return error.code === READ_ONLY || PASSING_CLASSES.has((error.code ?? '').slice(0, 2));
  }
  return error instanceof Error && error.constructor === Error;
}

export function unavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  return new StoreUnavailable(
    `The store did not do it (${reasonOf(error)}): check that PostgreSQL runs and has room.`,
    { cause: error },
  );
}

/** What the server says of a refused statement may quote a sender's data; the code is enough to find it there. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  if (error instanceof pg.DatabaseError && !isUnavailable(error)) return `SQLSTATE ${error.code}`;
  return error instanceof Error ? error.message : String(error);
}

/** Runs one piece of work; a store that does not answer throws `StoreUnavailable`, a mistake of ours stays what it is. */
export async function reaching<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isUnavailable(error) ? unavailable(error) : error;
  }
}
