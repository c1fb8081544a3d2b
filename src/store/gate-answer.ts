import type { GateQuestion } from '../contracts/activities.js';
import type { Gate } from '../contracts/read-model.js';
import { toReal, toVirtual } from '../domain/time/clock.js';
import { DAY_MS, HOUR_MS } from '../domain/time/duration.js';
import { type HeardSpan, LONGEST_RETRY_MS, type Silence, senderRetryMs, silences } from './silence.js';

export type GateAnswer = Awaited<ReturnType<Gate['ask']>>;

/** What the store knows of the question. Arrivals are virtual instants, spans real ones. */
export interface GateFacts {
  /** Rows of this workflow that are not signalled yet. */
  readonly waiting: number;
  /** The last arrival within `settle` of something that had happened over an hour before: of this onboarding. */
  readonly ownOldArrival: number | null;
  /** The same of a source of which at least three came. */
  readonly sourceOldArrival: number | null;
  readonly heard: readonly HeardSpan[];
}

interface Hold {
  readonly until: number;
  readonly reason: string;
}

/** Virtual. */
const LONGEST_HOLD_MS = 12 * HOUR_MS;
const NOTED_FOR_MS = DAY_MS;

/**
 * Whether a source is still catching up (design section 4, "The gate"). The longest of three holds counts: rows that
 * wait to be signalled, old events that keep arriving, a silence of the edge in which the send fell due. None outlasts
 * 12 hours after the due instant, or after the silence it fell due in; a silence that still lasts holds as long as it
 * does, since whoever is chased then is chased for a state that nobody has heard of for as long.
 */
export function answerGate(question: GateQuestion, facts: GateFacts, nowReal: number): GateAnswer {
  const now = toVirtual(question.clock, nowReal);
  const quiet = silences(facts.heard, nowReal);
  const silence = quiet.findLast((one) => fellDueIn(one, question, nowReal));
  const holds = [
    waitingHold(question, facts, now),
    arrivalHold(question, facts),
    silence && silenceHold(silence, question, nowReal),
  ];
  const longest = holds.filter((hold) => hold !== undefined).reduce<Hold | undefined>(later, undefined);
  const limit = Math.max(question.dueAt, silence ? endOf(silence, question, nowReal) : 0) + LONGEST_HOLD_MS;
  if (longest && Math.min(longest.until, limit) > now) {
    return { open: false, until: Math.min(longest.until, limit), reason: longest.reason };
  }
  const note = noteOf(quiet.at(-1), question, now);
  return note === undefined ? { open: true } : { open: true, note };
}

/** The earliest real instant whose spans can matter to the question, for whoever fetches them. */
export function heardSince(question: GateQuestion, nowReal: number): number {
  const { clock, dueAt, catchUpMs } = question;
  const now = toVirtual(clock, nowReal);
  const afterSilence = Math.min(dueAt, now) - Math.max(catchUpMs, LONGEST_HOLD_MS);
  return Math.min(
    toReal(clock, afterSilence),
    toReal(clock, dueAt) - LONGEST_RETRY_MS,
    toReal(clock, now - NOTED_FOR_MS),
  );
}

function later(one: Hold | undefined, other: Hold): Hold {
  return one === undefined || other.until > one.until ? other : one;
}

function waitingHold({ settleMs }: GateQuestion, { waiting }: GateFacts, now: number): Hold | undefined {
  if (waiting === 0) return undefined;
  return {
    until: now + settleMs,
    reason: `${waiting} received ${waiting === 1 ? 'event waits' : 'events wait'} to be applied`,
  };
}

function arrivalHold({ settleMs }: GateQuestion, { ownOldArrival, sourceOldArrival }: GateFacts): Hold | undefined {
  if (ownOldArrival === null && sourceOldArrival === null) return undefined;
  const last = Math.max(ownOldArrival ?? 0, sourceOldArrival ?? 0);
  return { until: last + settleMs, reason: 'events that happened over an hour ago are still arriving' };
}

function silenceHold(silence: Silence, question: GateQuestion, nowReal: number): Hold {
  const until = caughtUpAt(silence, question, nowReal);
  return { until, reason: `${inWords(silence, question)}; what was missed may come in until ${minute(until)} UTC` };
}

function fellDueIn(silence: Silence, question: GateQuestion, nowReal: number): boolean {
  const { clock, dueAt } = question;
  return dueAt >= toVirtual(clock, silence.from) && dueAt < caughtUpAt(silence, question, nowReal);
}

/** The end of the silence, virtual; of one that lasts, now. */
function endOf({ to }: Silence, { clock }: GateQuestion, nowReal: number): number {
  return toVirtual(clock, to ?? nowReal);
}

/** When what the silence swallowed is here again: after `catch_up`, for a normal send not before the sender's next try. */
function caughtUpAt(silence: Silence, question: GateQuestion, nowReal: number): number {
  const to = silence.to ?? nowReal;
  const caughtUp = toVirtual(question.clock, to) + question.catchUpMs;
  if (question.severity !== 'normal') return caughtUp;
  return Math.max(caughtUp, toVirtual(question.clock, to + senderRetryMs(to - silence.from)));
}

function noteOf(silence: Silence | undefined, question: GateQuestion, now: number): string | undefined {
  if (!silence) return undefined;
  const over = silence.to !== null && now - toVirtual(question.clock, silence.to) > NOTED_FOR_MS;
  return over ? undefined : `${capitalised(inWords(silence, question))}: what happened then may be missing here.`;
}

function inWords({ from, to }: Silence, { clock }: GateQuestion): string {
  const began = minute(toVirtual(clock, from));
  return to === null
    ? `nothing has been heard since ${began} UTC`
    : `nothing was heard from ${began} to ${minute(toVirtual(clock, to))} UTC`;
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `2026-11-23 08:01`. */
const minute = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
