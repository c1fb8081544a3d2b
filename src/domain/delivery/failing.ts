/** Deliveries one after another that used up all their tries. At the last number the endpoint is disabled. */
export const WARNS_AT = [50, 70, 90] as const;
export const DISABLES_AT = 100;

/** What a run of failures that grew from `before` to `after` asks for: of several thresholds the highest; null for none. */
export function crossed(before: number, after: number): 'warn' | 'disable' | null {
  if (after >= DISABLES_AT) return before < DISABLES_AT ? 'disable' : null;
  return WARNS_AT.some((threshold) => before < threshold && after >= threshold) ? 'warn' : null;
}
