import type { Outage } from './parts/outage.js';
import type { FaultName, Strike } from './plan.js';

/** What a fault takes with it. */
interface Consequences {
  /** See `Outage`; null where only the receiver was in trouble, which no send met that needed one try. */
  readonly stops: Outage['stops'] | null;
  /** What became of a call on the wire may be lost with whoever made it. */
  readonly cutsCalls: boolean;
  /** How long what it held up is worked off once all is ready again, real ms. */
  readonly afterMs: number;
}

const RECEIVER: Consequences = { stops: null, cutsCalls: false, afterMs: 0 };
/** The lease on events that a server has taken in ends after 30 s: then they are another one's. */
const SERVER: Consequences = { stops: 'hears', cutsCalls: false, afterMs: 40_000 };
/** A task that was cut off is given out again after 10 s. */
const WORKER: Consequences = { stops: 'acts', cutsCalls: true, afterMs: 15_000 };
/** A worker may sleep for 10 s between two tries to reach a server that was away. */
const AWAY: Consequences = { stops: 'acts', cutsCalls: false, afterMs: 15_000 };
/** A worker takes 45 s to see that a silent connection is dead. */
const SILENT: Consequences = { ...AWAY, afterMs: 65_000 };

function consequencesOf(fault: FaultName): Consequences {
  if (fault.startsWith('receiver_')) return RECEIVER;
  if (fault === 'server_killed' || fault === 'server_rolled') return SERVER;
  // One that is told to end finishes its calls first.
  if (fault === 'worker_rolled') return { ...WORKER, cutsCalls: false };
  if (fault.endsWith('_half_open')) return SILENT;
  const isProcess = fault.startsWith('worker') || fault === 'all_killed' || fault === 'output_closed';
  return isProcess ? WORKER : AWAY;
}

const allOf = ({ fault, within }: Strike): readonly Consequences[] => [
  consequencesOf(fault),
  ...(within ? allOf(within) : []),
];

/** Of a strike that began then, with all ready again at `readyAt`; real epoch ms. */
export const outagesOf = (strike: Strike, from: number, readyAt: number): readonly Outage[] =>
  allOf(strike).flatMap(({ stops, afterMs }) => (stops ? [{ from, to: readyAt + afterMs, stops }] : []));

export const cutsCalls = (strike: Strike): boolean => allOf(strike).some((one) => one.cutsCalls);
