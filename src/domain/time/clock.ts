/**
 * The affine clock of a run: identity in production, faster in demos and tests. Rules, ladders and events live in
 * virtual time; retry waits, leases and heartbeats in real time (design section 5 lists which is which).
 */
export interface Clock {
  readonly anchorReal: number;
  readonly anchorVirtual: number;
  /** Virtual milliseconds that pass in one real millisecond; 1 in production. */
  readonly speed: number;
}

export const REAL_CLOCK: Clock = { anchorReal: 0, anchorVirtual: 0, speed: 1 };

/** The virtual instant at a real one, whole ms. */
export function toVirtual(clock: Clock, realAt: number): number {
  return Math.round(clock.anchorVirtual + (realAt - clock.anchorReal) * clock.speed);
}

/** The real instant at which a virtual one is reached, rounded up so that a timer never fires before it. */
export function toReal(clock: Clock, virtualAt: number): number {
  return Math.ceil(clock.anchorReal + (virtualAt - clock.anchorVirtual) / clock.speed);
}

/** How much virtual time passes in a real span. */
export function virtualSpan(clock: Clock, realMs: number): number {
  return realMs * clock.speed;
}
