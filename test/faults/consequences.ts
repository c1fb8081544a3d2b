import type { FaultName, Strike } from './plan.js';

/** Faults that end or hold a worker in mid-call. One that is told to end finishes its calls first. */
const CUTTING: ReadonlySet<FaultName> = new Set([
  'worker_killed_before_call',
  'worker_killed_after_call',
  'worker_killed_in_heartbeat',
  'worker_killed_in_task',
  'worker_stalled',
  'workers_away',
  'all_killed',
  'output_closed',
]);

const faultsOf = ({ fault, within }: Strike): readonly FaultName[] => [fault, ...(within ? faultsOf(within) : [])];

/** Whether what became of a call on the wire may be lost with whoever made it. */
export const cutsCalls = (strike: Strike): boolean => faultsOf(strike).some((fault) => CUTTING.has(fault));
