import { messageId } from '../../../src/channels/message-id.js';
import type { Escalation } from '../../../src/contracts/api.js';
import { type Risk, sayRisk, untold } from './at-risk.js';
import type { Finding } from './finding.js';
import { grouped } from './grouped.js';
import type { Arrival, HookDouble, Taken } from './hook-double.js';
import type { Ladder } from './ladder.js';
import type { Observed } from './observe.js';
import type { Span } from './outage.js';

export interface Heard {
  /** The channel's name in the policy. */
  readonly channel: string;
  readonly double: HookDouble;
  /** When calls could be cut: a worker was killed or held still, or the wire to the receiver was. */
  readonly cuts: readonly Span[];
}

/** What is known of the load without asking Slipway. */
export interface Script {
  readonly ladder: Ladder;
  /** An onboarding of one owner throughout, about which nobody acts: no ladder of it begins anew. */
  readonly isSteady: (onboarding: string) => boolean;
}

/** A call counts as failed after this, real ms: what became of it is written down by then, or never. */
const OUTCOME_WITHIN_MS = 15_000;
/** More rounds than a ladder goes through in an era. */
const MOST_ROUNDS = 100;

/**
 * I3: each send reached the receiver once, or again under the same id where a fault left no other way; none that is
 * called sent is missing, none has two ids, none was given up that could be delivered, and the receiver was not surprised.
 * `risks` are those that somebody must have been told of.
 */
export function eachSendOnce(
  observed: Observed,
  hooks: readonly Heard[],
  script: Script,
  risks: readonly Risk[],
): Finding {
  const repeats = hooks.flatMap(repeatsOf);
  const violations = [
    ...hooks.flatMap((hook) => oddOf(hook, observed, script)),
    ...repeats.filter(({ why }) => why === null).map(({ words }) => words),
    ...untold(risks, observed, hooks).map(sayRisk),
  ];
  const n = hooks.reduce((sum, { channel }) => sum + sendsOf(observed.escalations, channel).size, 0);
  const of = (cause: Repeat['why']) => repeats.filter(({ why }) => why === cause).length;
  const note = `${risks.length} risks to tell; ${repeats.length} repeats under one id: ${of('lost reply')} after a lost reply, ${of('cut')} of calls that were cut`;
  return { id: 'I3', what: 'sends doubled, missing or odd', n, violations, note };
}

function oddOf({ channel, double }: Heard, observed: Observed, script: Script): readonly string[] {
  const known = sendsOf(observed.escalations, channel);
  const taken = [...double.taken.values()];
  const missing = [...known].filter(([id, send]) => send.status === 'sent' && !double.taken.has(id));
  const strange = taken.filter(({ id, escalation }) => !known.has(id) && !isPruned(observed, escalation));
  return [
    ...missing.map(([, { key }]) => `${key} counts as sent and never arrived`),
    ...strange.map(({ id, escalation }) => `${id} of ${escalation} arrived and is none of its sends`),
    ...taken.flatMap((one) => (isOfItsSend(one) ? [] : [`${one.id} of ${one.escalation} is the id of another send`])),
    ...underManyIds(taken, script),
    ...givenUp(known, double),
    ...double.surprises.map((surprise) => `channel ${channel}: ${surprise}`),
  ];
}

/** An arrival after the first, and what left no other way: the outcome of the one before never reached who had called. */
interface Repeat {
  readonly why: 'lost reply' | 'cut' | null;
  readonly words: string;
}

function repeatsOf({ double, cuts }: Heard): readonly Repeat[] {
  return [...double.taken.values()].flatMap(({ id, escalation, arrivals }) =>
    arrivals.slice(1).map(({ at }, nth) => {
      const before = arrivals[nth] as Arrival;
      const later = `${((at - before.at) / 1_000).toFixed(1)} s`;
      const words = `${id} of ${escalation} arrived again after ${later}, and nothing had cut the call before`;
      return { why: whyAgain(before, cuts), words };
    }),
  );
}

function whyAgain({ at, isReplyLost }: Arrival, cuts: readonly Span[]): Repeat['why'] {
  if (isReplyLost) return 'lost reply';
  return cuts.some(({ from, to }) => from <= at + OUTCOME_WITHIN_MS && to >= at) ? 'cut' : null;
}

/** The id is made of what the message says of itself and of its round, which it does not say. */
function isOfItsSend({ id, escalation, type, level, channel, recipient }: Taken): boolean {
  const kind = type.replace('escalation.', '');
  for (let round = 0; round < MOST_ROUNDS; round++)
    if (id === messageId([escalation, kind, level, round, channel, recipient].join('/'))) return true;
  return false;
}

/** One recipient hears once of each level, and of the last as often as it repeats; of an end once. */
function underManyIds(taken: readonly Taken[], { ladder, isSteady }: Script): readonly string[] {
  const steady = taken.filter(({ onboarding }) => isSteady(onboarding));
  const groups = grouped(steady, ({ escalation, type, level, recipient }) =>
    [type, escalation, level, recipient].join(' '),
  );
  return [...groups].flatMap(([what, all]) => {
    const [{ type, level }] = all as [Taken];
    const most = type === 'escalation.notified' && level === ladder.levels ? 1 + ladder.repeats : 1;
    return all.length > most ? [`${what} arrived under ${all.length} ids, ${most} may`] : [];
  });
}

/** Only a receiver that fails for hours is given up. */
function givenUp(known: ReadonlyMap<string, SendSeen>, { wasTroubled }: HookDouble): readonly string[] {
  if (wasTroubled) return [];
  const failed = [...known.values()].filter(({ status }) => status === 'failed');
  return failed.map(({ key }) => `${key} was given up, and its receiver never failed`);
}

interface SendSeen {
  readonly key: string;
  readonly status: string;
}

function sendsOf(escalations: readonly Escalation[], channel: string): ReadonlyMap<string, SendSeen> {
  const mine = escalations.flatMap(({ sends }) => sends.filter((send) => send.channel === channel));
  return new Map(mine.map(({ key, status }) => [messageId(key), { key, status }]));
}

/** An escalation keeps its last 40 sends. */
const isPruned = ({ escalations }: Observed, id: string): boolean =>
  (escalations.find((one) => one.id === id)?.sends.length ?? 0) >= 40;
