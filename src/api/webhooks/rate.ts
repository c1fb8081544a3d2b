interface Rates {
  readonly rateLimit?: number | null | undefined;
  readonly throttleRate?: number | null | undefined;
}

/** `throttleRate` is the newer name of `rateLimit`. Null takes the limit away; where neither is named it stays. */
export function rateOf({ rateLimit, throttleRate }: Rates, before: number | null): number | null {
  if (throttleRate !== undefined) return throttleRate;
  return rateLimit === undefined ? before : rateLimit;
}
