/** Every way a delivery may fail that can be told from it, in words that programs may rely on. */
export type Cause =
  | 'missing_header'
  | 'mixed_families'
  | 'bad_timestamp'
  | 'clock_skew'
  | 'altered_timestamp'
  | 'altered_id'
  | 'altered_signature'
  | 'comma_joined'
  | 'missing_prefix'
  | 'malformed_secret'
  | 'other_secret'
  | 'wrong_secret'
  | 'reencoded_body'
  | 'truncated_body'
  | 'altered_body'
  | 'other_scheme';

export interface Finding {
  readonly cause: Cause;
  /** A signature matched once this was undone; without one it is what the evidence points to. */
  readonly proved: boolean;
  /** What happened, and how it is known. Never a secret, never more of the body than one byte. */
  readonly what: string;
  /** What to do about it. */
  readonly fix: string;
}

export const proved = (cause: Cause, what: string, fix: string): Finding => ({ cause, proved: true, what, fix });
export const likely = (cause: Cause, what: string, fix: string): Finding => ({ cause, proved: false, what, fix });

/** How long, for people: `7 min 3 s`. */
export function sayLength(seconds: number): string {
  const whole = Math.abs(Math.round(seconds));
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor((whole % 86_400) / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'min'],
    [whole % 60, 's'],
  ] as const;
  const shown = parts.filter(([amount]) => amount > 0).slice(0, 2);
  return shown.length === 0 ? '0 s' : shown.map(([amount, unit]) => `${amount} ${unit}`).join(' ');
}
