/** What went wrong with the data directory or one of the two servers that `start` brings along; a closed list. */
export type EmbeddedProblem =
  | 'data_directory'
  | 'already_running'
  | 'port_taken'
  | 'no_postgres'
  | 'postgres'
  | 'no_temporal'
  | 'temporal'
  | 'backup';

/** Start cannot go on. The message is one sentence for the person who typed it: what, why and what next. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
  constructor(
    readonly problem: EmbeddedProblem,
    message: string,
    options?: { cause: unknown },
  ) {
    super(message, options);
  }
}

/** Told in a few words what start is busy with, at every step that may take a second. */
export type Progress = (text: string) => void;

/** The reason a system call or a program gives, on one line; for the middle of a sentence. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n').join(' ').trim();
}
