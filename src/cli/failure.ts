/** What a command ends with; documented in `slipway --help`, and frozen: scripts decide by them. */
export const EXIT = {
  done: 0,
  /** Slipway said no, or failed. */
  refused: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** The console, or a server behind it, does not answer: trying again may help. */
  unreachable: 3,
  /** Nothing has this id. */
  notFound: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command that ends early, with one sentence for the person who ran it. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  constructor(
    readonly exit: ExitCode,
    message: string,
  ) {
    super(message);
  }
}
