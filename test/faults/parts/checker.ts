import { risksToTell } from './at-risk.js';
import type { Divergence } from './divergence.js';
import type { Finding } from './finding.js';
import { type Punctuality, sendsInTime, slowestOf } from './in-time.js';
import {
  booksBalance,
  type Forged,
  memoryIsFlat,
  noneDiverged,
  noneDoubled,
  noneForged,
  noneLost,
} from './invariants.js';
import type { Ledger } from './ledger.js';
import type { MemoryLog } from './memory.js';
import { observe, type Observed, type Sources, untilQuiet } from './observe.js';
import { type Remade, sameRemade } from './remade.js';
import { eachSendOnce, type Heard, type Script } from './sent-once.js';
import { noneStuck } from './stuck.js';
import type { Told } from './subscription.js';
import { eachTold } from './told.js';

export interface Evidence extends Sources {
  readonly ledger: Ledger;
  readonly forged: Forged;
  readonly hooks: readonly Heard[];
  readonly script: Script;
  readonly time: Punctuality;
  readonly divergence?: Divergence;
  readonly remade?: readonly Remade[];
  readonly memory?: MemoryLog;
  /** Of each process, resident. */
  readonly mostMb?: number;
  /** What somebody who subscribes to all of it was told. */
  readonly told?: Told;
  /** How long the system may take to become quiet, real ms. */
  readonly quietWithinMs?: number;
}

/**
 * I0 to I10 from outside: the console API, Temporal's histories, the receivers' books, the workers' logs and the processes'
 * memory. Of I8 only that a state follows from archive and log: `sameEnds` compares runs with one another. Waits until the
 * system is quiet first.
 */
export async function check(evidence: Evidence): Promise<readonly Finding[]> {
  await untilQuiet(evidence, evidence.quietWithinMs ?? 120_000);
  return judge(evidence, await observe(evidence));
}

/** The same over what was gathered already. */
export function judge(evidence: Omit<Evidence, keyof Sources>, observed: Observed): readonly Finding[] {
  const { ledger, forged, hooks, script, time, divergence, remade, memory, mostMb, told } = evidence;
  const risks = risksToTell(ledger, script, time, slowestOf(observed, time.clock));
  return [
    booksBalance(ledger),
    noneLost(ledger, observed),
    noneDoubled(observed),
    eachSendOnce(observed, hooks, script, risks),
    noneForged(ledger, forged, observed),
    sendsInTime(observed, time),
    noneStuck(observed, script.ladder),
    noneDiverged(observed, divergence),
    ...(remade ? [sameRemade(remade)] : []),
    ...(memory ? [memoryIsFlat(memory, mostMb)] : []),
    ...(told ? [eachTold(told, observed)] : []),
  ];
}
