/** `skipped`: what it needs could not be looked at, which another finding tells; it changes no exit code. */
export type Level = 'ok' | 'warn' | 'fail' | 'skipped';

/** What one check found, for the person who has to act. */
export interface Finding {
  /** The check, a stable word for programs. */
  readonly check: string;
  readonly level: Level;
  /** What is so. */
  readonly what: string;
  /** Why it matters; absent where all is well. */
  readonly why?: string;
  /** What to do; absent where there is nothing to do. */
  readonly fix?: string;
}

/** A finding as a check words it; its name is put in front when all are collected. */
export type Said = Omit<Finding, 'check'>;

export const ok = (what: string): Said => ({ level: 'ok', what });
export const skipped = (what: string): Said => ({ level: 'skipped', what });
export const warn = (what: string, why: string, fix: string): Said => ({ level: 'warn', what, why, fix });
export const fail = (what: string, why: string, fix: string): Said => ({ level: 'fail', what, why, fix });
