import pg from 'pg';
import { StoreUnavailable } from '../contracts/inbox.js';

/**
 * SQLSTATE classes in which the server could not do it now, whatever was asked: no connection (08), a refused login
 * (28), no such database (3D), out of disk, memory or connections (53), shutting down or cancelled (57), I/O (58).
 */
const PASSING_CLASSES = new Set(['08', '28', '3D', '53', '57', '58']);
const READ_ONLY = '25006';

/**
 * Whether the store, and not the statement, is at fault. An error that did not come from the server at all (refused,
 * reset, timed out, pool closed) always is, unless it is a mistake of our own code.
 */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return true;
  if (error instanceof pg.DatabaseError) {
    return error.code === READ_ONLY || PASSING_CLASSES.has((error.code ?? '').slice(0, 2));
  }
  return (
    error instanceof Error &&
    !(error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError)
  );
}

export function unavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  const detail = error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
  return new StoreUnavailable(`The store did not do it: ${detail}. Check that PostgreSQL runs and has room.`, {
    cause: error,
  });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Runs one piece of work; a store that does not answer throws `StoreUnavailable`, a mistake of ours stays what it is. */
export async function reaching<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isUnavailable(error) ? unavailable(error) : error;
  }
}
