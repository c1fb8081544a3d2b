import { grouped } from './grouped.js';
import { PUNCTUAL_MS, type Punctuality } from './in-time.js';
import type { EventAccount, Ledger } from './ledger.js';
import type { Observed } from './observe.js';
import { mayLeaveUntil } from './outage.js';
import type { Heard, Script } from './sent-once.js';

/** What the sender's own books say, real epoch ms; `to` is null while it lasts. */
export interface Risk {
  readonly onboarding: string;
  readonly from: number;
  readonly to: number | null;
}

const ENDS: ReadonlySet<string> = new Set(['onboarding.back_on_track', 'onboarding.completed']);

/**
 * Risks that somebody must have been told of, whatever Slipway says of itself: they last now that all is quiet, or lasted
 * for longer than anything may hold a message back and the slowest chase of this era took (`slowestMs`), since a machine
 * with other work is late for all. The policy chases a risk at once.
 */
export function risksToTell(
  ledger: Ledger,
  script: Script,
  { outages, withinMs = PUNCTUAL_MS }: Punctuality,
  slowestMs: number,
): readonly Risk[] {
  const within = Math.max(withinMs, slowestMs);
  return risksOf(ledger, script).filter(({ from, to }) => to === null || to > mayLeaveUntil(from, outages, within));
}

/** Those that no receiver was told a word of. What failed once may wait longer for its next try than the risk lasts. */
export function untold(risks: readonly Risk[], { escalations }: Observed, hooks: readonly Heard[]): readonly Risk[] {
  const messages = hooks.flatMap(({ double }) => [...double.taken.values()]);
  const notified = messages.filter(({ type }) => type === 'escalation.notified');
  const failing = escalations.filter(({ sends }) => sends.some(({ status, tries }) => status !== 'sent' && tries > 0));
  const known = new Set([
    ...notified.map(({ onboarding }) => onboarding),
    ...failing.map(({ onboarding_id }) => onboarding_id),
  ]);
  return risks.filter(({ onboarding }) => !known.has(onboarding));
}

export function sayRisk({ onboarding, from, to }: Risk): string {
  const lasting = to === null ? 'and still is' : `for ${((to - from) / 1_000).toFixed(1)} s`;
  return `${onboarding} was at risk from ${new Date(from).toISOString()} ${lasting}, and nobody was told`;
}

function risksOf(ledger: Ledger, { isSteady }: Script): readonly Risk[] {
  const steady = ledger.accounts.filter(({ message: { subject } }) => subject !== null && isSteady(subject.id));
  const lives = grouped(steady, ({ message }) => message.subject?.id ?? '');
  return [...lives].flatMap(([onboarding, accounts]) => {
    const flagged = accounts.find(({ message }) => message.type === 'onboarding.at_risk');
    if (!flagged || flagged.ackedAt === null) return [];
    return [{ onboarding, from: flagged.ackedAt, to: endOf(accounts) }];
  });
}

/** When the first end of it may have arrived, answered or not. */
function endOf(accounts: readonly EventAccount[]): number | null {
  const ends = accounts.filter(({ message }) => ENDS.has(message.type));
  return ends.length === 0 ? null : Math.min(...ends.map(({ firstAt }) => firstAt));
}
