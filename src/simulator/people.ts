import type { Agenda } from './agenda.js';
import { castMember, type Temper } from './cast.js';
import type { Console } from './console.js';
import { Dice } from './dice.js';
import type { Heard } from './receiver.js';
import { DAY_MS, HOUR_MS, isWeekend, offWeekend } from './workday.js';

/** What a chased person does about it, and when: story ms after the message. */
export interface Reaction {
  readonly verb: 'acknowledge' | 'snooze' | 'resolve' | 'close' | 'none';
  readonly afterMs: number;
  /** Sees to it that the onboarding goes on, so long after that. */
  readonly movesOnAfterMs?: number;
}

/** What somebody was chased about: all that the decision depends on. */
export interface Chase {
  readonly recipient: string;
  readonly rule: string;
  readonly onboarding: string;
  readonly level: number;
  /** How often this person was told of this escalation, this time included. */
  readonly time: number;
  /** Whether anything of this onboarding is still to come by itself. */
  readonly hasFuture: boolean;
}

const CONFLICT = 409;
/** UTC, like the working hours of the scenario. */
const FIRST_ANSWER_HOUR = 8;
const LAST_ANSWER_HOUR = 13;
const NOTHING: Reaction = { verb: 'none', afterMs: 0 };

/** The same person does the same about the same chase in every run of a seed, whatever else happened before. */
export function decide(seed: number, chase: Chase): Reaction {
  const member = castMember(chase.recipient);
  if (!member) return NOTHING;
  const dice = new Dice(seed, chase.recipient, chase.onboarding, chase.rule, chase.level, chase.time);
  return TEMPERS[member.temper](chase, dice);
}

const soon = (dice: Dice): number => dice.between(20, 120) * 60_000;
const takes = (dice: Dice, days: number): Reaction => ({
  verb: 'acknowledge',
  afterMs: soon(dice),
  movesOnAfterMs: dice.between(1, days) * DAY_MS,
});

const TEMPERS: Readonly<Record<Temper, (chase: Chase, dice: Dice) => Reaction>> = {
  prompt: (_, dice) => {
    if (dice.chance(0.2)) return { verb: 'resolve', afterMs: soon(dice), movesOnAfterMs: DAY_MS };
    return dice.chance(0.8) ? takes(dice, 2) : NOTHING;
  },
  /** Reads the first message and has no time; the second one counts. */
  overloaded: ({ time }, dice) => (dice.chance(time === 1 ? 0.2 : 0.6) ? takes(dice, 3) : NOTHING),
  hesitant: ({ time }, dice) => {
    if (time === 1 && dice.chance(0.4)) return { verb: 'snooze', afterMs: soon(dice) };
    return dice.chance(0.6) ? takes(dice, 3) : NOTHING;
  },
  /** Leaves it to the owner now and then. */
  manager: (_, dice) => (dice.chance(0.5) ? takes(dice, 1) : NOTHING),
  sponsor: ({ hasFuture }, dice) =>
    hasFuture
      ? { verb: 'resolve', afterMs: soon(dice), movesOnAfterMs: DAY_MS }
      : { verb: 'close', afterMs: soon(dice) },
};

export interface PeopleDeps {
  readonly seed: number;
  readonly agenda: Agenda;
  readonly console: Console;
  /** Story time. */
  readonly now: () => number;
  /** Somebody closed the onboarding that the message is about. */
  readonly closed: (message: Heard, at: number) => void;
}

/** The five at the vendor: they hear what Slipway sends and act through its API, or do not. */
export class People {
  /** What the API refused, beside what had ended already. */
  readonly failures: string[] = [];
  readonly #times = new Map<string, number>();

  constructor(private readonly deps: PeopleDeps) {}

  hear(message: Heard): void {
    if (message.type !== 'escalation.notified') return;
    const { escalation, onboarding, recipient, level } = message.data;
    const key = `${escalation.id} ${recipient.id}`;
    const time = (this.#times.get(key) ?? 0) + 1;
    this.#times.set(key, time);
    const hasFuture = this.deps.agenda.awaits(onboarding.id);
    const chase = { recipient: recipient.id, rule: escalation.rule, onboarding: onboarding.id, level, time, hasFuture };
    const reaction = decide(this.deps.seed, chase);
    if (reaction.verb === 'none') return;
    const at = inDaytime(this.deps.now(), reaction.afterMs);
    this.deps.agenda.add({ at, run: () => this.#act(message, reaction, at) });
  }

  async #act(message: Heard, reaction: Reaction, at: number): Promise<void> {
    const { escalation, onboarding, recipient } = message.data;
    const [path, body] = request(reaction, escalation.id, onboarding.id);
    const asked = this.deps.now();
    const { status, message: why } = await this.deps.console.post(path, { by: recipient.id, ...body });
    // A conflict: somebody else was faster, or the condition ended meanwhile. Nothing is left to do.
    if (status >= 400 && status !== CONFLICT) this.failures.push(`${reaction.verb} was answered ${status}: ${why}`);
    if (status >= 400) return;
    if (reaction.verb === 'close') this.deps.closed(message, asked);
    if (reaction.movesOnAfterMs === undefined) return;
    this.deps.agenda.bringForward(onboarding.id, workday(at + reaction.movesOnAfterMs));
  }
}

function request(reaction: Reaction, escalation: string, onboarding: string): [string, Record<string, unknown>] {
  const path = `/api/v1/escalations/${encodeURIComponent(escalation)}/${reaction.verb}`;
  switch (reaction.verb) {
    case 'snooze':
      return [path, { until: 'next_working_morning' }];
    case 'resolve':
      return [path, { note: 'Talked to the customer; it goes on tomorrow.' }];
    case 'close':
      return [
        `/api/v1/onboardings/${encodeURIComponent(onboarding)}/close`,
        { reason: 'The customer does not answer any more.' },
      ];
    default:
      return [path, {}];
  }
}

/** Whoever is told late answers the next morning. The answer itself takes hours of a clock that runs a day a second. */
function inDaytime(now: number, afterMs: number): number {
  const at = now + afterMs;
  const hour = (at % DAY_MS) / HOUR_MS;
  if (hour >= FIRST_ANSWER_HOUR && hour < LAST_ANSWER_HOUR && !isWeekend(at)) return at;
  const morning = Math.floor(at / DAY_MS) * DAY_MS + FIRST_ANSWER_HOUR * HOUR_MS + (afterMs % HOUR_MS);
  return offWeekend(hour < FIRST_ANSWER_HOUR ? morning : morning + DAY_MS);
}

const workday = (at: number): number => (isWeekend(at) ? offWeekend(at) + HOUR_MS : at);
