import type { Escalation, Send } from './escalation.js';

/** Resolved escalations kept for each rule: what `mayOpen` asks about, and what a person looks back on. */
const KEPT_OF_A_RULE = 3;
/** Sends kept of one escalation; a ladder that is acknowledged and expires for a year must not fill the state. */
const KEPT_SENDS = 40;

/** The state of an onboarding of years stays small: what is over and projected long ago lives on in the store alone. */
export function prune(escalations: readonly Escalation[]): readonly Escalation[] {
  const kept = escalations.filter(
    (one, index) => one.status !== 'resolved' || isBusy(one) || laterOfRule(escalations, one, index) < KEPT_OF_A_RULE,
  );
  const small = kept.map(withFewSends);
  return kept.length === escalations.length && small.every((one, index) => one === escalations[index])
    ? escalations
    : small;
}

function laterOfRule(escalations: readonly Escalation[], escalation: Escalation, index: number): number {
  return escalations.filter((other, at) => at > index && other.rule === escalation.rule).length;
}

function withFewSends(escalation: Escalation): Escalation {
  const surplus = escalation.sends.length - KEPT_SENDS;
  if (surplus <= 0) return escalation;
  const oldest = new Set(escalation.sends.filter(isConcluded).slice(0, surplus));
  return oldest.size ? { ...escalation, sends: escalation.sends.filter((one) => !oldest.has(one)) } : escalation;
}

const isConcluded = (send: Send): boolean => send.status !== 'waiting' && send.status !== 'calling';
const isBusy = (escalation: Escalation): boolean => escalation.sends.some((send) => !isConcluded(send));
