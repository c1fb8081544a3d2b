/** How the simulator's time relates to the wall's; Slipway's own clock has the same three numbers. */
export interface VirtualClock {
  /** Epoch ms on the wall. */
  readonly anchorReal: number;
  /** Epoch ms in the story at that moment. */
  readonly anchorVirtual: number;
  /** Story milliseconds that pass in one of the wall. */
  readonly speed: number;
}

export function virtualNow(clock: VirtualClock): number {
  return Math.round(clock.anchorVirtual + (Date.now() - clock.anchorReal) * clock.speed);
}
