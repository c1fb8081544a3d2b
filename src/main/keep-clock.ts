import { type Clock, toVirtual } from '../domain/time/clock.js';
import type { Meta } from '../store/meta.js';
import { SettingError } from './settings.js';

/** Virtual now of a clock that is kept in the very store that asks for it: the real one until it was read. */
export class StoreClock {
  #clock: Clock | undefined;

  readonly now = (): number => (this.#clock ? toVirtual(this.#clock, Date.now()) : Date.now());

  set(clock: Clock): Clock {
    this.#clock = clock;
    return clock;
  }
}

/**
 * The clock of a data directory: the first start fixes anchor and speed, every later one goes on from them. Another
 * speed is refused, because every deadline that is stored was counted with the first.
 */
export async function keepClock(meta: Meta, speed: number, now: number): Promise<Clock> {
  const wanted: Clock =
    speed === 1 ? { anchorReal: 0, anchorVirtual: 0, speed: 1 } : { anchorReal: now, anchorVirtual: now, speed };
  const kept = (await meta.keep('clock', wanted)) as Clock;
  if (kept.speed !== speed) {
    throw new SettingError(
      `This store runs at clock speed ${kept.speed}, and SLIPWAY_CLOCK_SPEED asks for ${speed}: its deadlines were counted at the first; start with SLIPWAY_CLOCK_SPEED=${kept.speed}, or use another data directory.`,
    );
  }
  return kept;
}
