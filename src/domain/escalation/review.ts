import { decidesAs } from '../core.js';
import { escalationIdOf } from './escalation-id.js';
import { hasEnded } from '../onboarding/grace.js';
import { phaseLabel } from './label.js';
import { RULES } from '../rules/index.js';
import { type Condition, type Finding, type Rule, sameEpisode } from '../rules/rule.js';
import { sayInstant, sayUsed } from '../time/say.js';
import type { Turn } from '../turn.js';
import { absorb } from './absorb.js';
import { resolved } from './change.js';
import type { Escalation } from './escalation.js';
import { ladderOf } from './ladder.js';
import { mayOpen, openEscalation } from './opening.js';
import { sayUnsent } from './say-unsent.js';

/** Compares what every rule finds with what is open: ends what is over, opens what is due, says why for the rest. */
export function reviewRules(turn: Turn): void {
  let stuckHolds = false;
  for (const rule of RULES) {
    const finding = rule.look(turn.s);
    const holds = isDue(turn, finding);
    if (rule.name === 'stuck_in_phase') stuckHolds = holds;
    if (rule.name === 'no_activity' && stuckHolds) absorbSilence(turn);
    else reviewRule(turn, rule, finding);
  }
}

function isDue(turn: Turn, finding: Finding): boolean {
  return 'condition' in finding && finding.condition.dueAt !== null && finding.condition.dueAt <= turn.s.now;
}

function reviewRule(turn: Turn, rule: Rule, finding: Finding): void {
  const open = openOf(turn, rule);
  if ('none' in finding) {
    if (open) end(turn, open, endReason(turn, finding.none));
    const text = () => (finding.more ? `${finding.none} ${finding.more}` : finding.none);
    turn.say({ about: rule.name, fires: false, text, dueAt: null });
    return;
  }
  const { condition } = finding;
  const holds = isDue(turn, finding);
  if (open && holds && sameEpisode(condition, open)) {
    wakeAtEnd(turn, rule, condition);
    if (grew(condition, open))
      turn.put({
        ...open,
        reason: condition.reason,
        evidence: condition.evidence,
        episode: { ...open.episode, weight: condition.episode.weight },
      });
    turn.say({
      about: rule.name,
      fires: true,
      text: () =>
        `${condition.reason}: ${open.status}, level ${open.level}${clockSum(turn, condition)}.${sayUnsent(turn, rule, open.id)}`,
      dueAt: condition.dueAt,
    });
    return;
  }
  if (open) end(turn, open, holds ? 'a new episode began' : 'the condition ended');
  if (holds && hasEnded(turn.s)) sayOver(turn, rule, condition);
  else if (holds) openOrSay(turn, rule, condition);
  else notYet(turn, rule, condition);
}

/** Nothing opens on the last turn: it would be resolved in the same breath, and what was just told would not end. */
function sayOver(turn: Turn, rule: Rule, condition: Condition): void {
  turn.say({
    about: rule.name,
    fires: false,
    text: () => `${condition.reason}, but the onboarding is over.`,
    dueAt: null,
  });
}

function openOrSay(turn: Turn, rule: Rule, condition: Condition): void {
  const leave = mayOpen({ ...turn.s, state: { ...turn.s.state, escalations: turn.escalations } }, rule, condition);
  if (!leave.open) {
    if (leave.from !== null)
      turn.wakeAt(
        leave.from,
        `${rule.name}/${condition.episode.subject}`,
        () => `${phaseLabel(condition.headline)}: opens ${sayInstant(turn.s.calendar, leave.from as number)}`,
      );
    turn.say({
      about: rule.name,
      fires: false,
      text: () => `${condition.reason}, but ${leave.text}.`,
      dueAt: leave.from,
    });
    return;
  }
  const escalation = openEscalation(
    turn.s,
    rule,
    condition,
    leave.since,
    escalationIdOf(turn.s.state.key, turn.nextEscalation),
  );
  turn.nextEscalation++;
  turn.put(escalation);
  wakeAtEnd(turn, rule, condition);
  turn.log('opened', escalation, `${condition.reason}: escalation opened.`);
  turn.say({
    about: rule.name,
    fires: true,
    text: () => `${condition.reason}: opened now.${sayUnsent(turn, rule, escalation.id)}`,
    dueAt: condition.dueAt,
  });
}

/**
 * What the clock ends is ended at its instant, also while a hold keeps everything else from coming due. The cause comes
 * after those of other rules, one of which may begin at that very instant and says more.
 */
function wakeAtEnd(turn: Turn, rule: Rule, { endsAt, headline }: Condition): void {
  if (endsAt === undefined || !decidesAs(turn.s.state, 3)) return;
  const label = () => `${phaseLabel(headline)}: over ${sayInstant(turn.s.calendar, endsAt)}`;
  turn.wakeAt(endsAt, `until/${rule.name}`, label);
}

function notYet(turn: Turn, rule: Rule, condition: Condition): void {
  const { dueAt } = condition;
  if (dueAt === null) {
    turn.say({
      about: rule.name,
      fires: false,
      text: () => `Its clock stands still while the onboarding is held${clockSum(turn, condition)}.`,
      dueAt: null,
    });
    return;
  }
  const when = () => sayInstant(turn.s.calendar, dueAt);
  turn.wakeAt(
    dueAt,
    `${rule.name}/${condition.episode.subject}`,
    () => `${phaseLabel(condition.headline)} ${when()} if nothing changes`,
  );
  turn.say({
    about: rule.name,
    fires: false,
    text: () => `Not yet: ${condition.headline} on ${when()} if nothing changes${clockSum(turn, condition)}.`,
    dueAt,
  });
}

/** What of the clock is used, holds and closed time left out. */
const clockSum = (turn: Turn, condition: Condition): string =>
  condition.clock ? `; ${sayUsed(condition.clock, turn.s.now)}` : '';

/** While a phase is stuck, silence says nothing new: an open one hands on what was done about it. */
function absorbSilence(turn: Turn): void {
  const silent = openByName(turn, 'no_activity');
  if (silent) {
    const stuck = openByName(turn, 'stuck_in_phase');
    if (stuck) turn.put(absorb(turn.s, silent, stuck, ladderOf(turn.s, stuck).length));
    const ended = absorbed(turn, silent, stuck);
    turn.put(ended);
    turn.log('resolved', ended, 'Silence is part of the stuck phase now.');
  }
  turn.say({
    about: 'no_activity',
    fires: false,
    text: () => 'The phase is stuck, which says more than silence.',
    dueAt: null,
  });
}

/**
 * Nothing is over for whoever was told of the silence: they hear of an end when the stuck phase ends. Where nothing is
 * open for that (a person resolved it, or it cools down), the silence ends here for them too.
 */
function absorbed({ s }: Turn, silent: Escalation, stuck: Escalation | undefined): Escalation {
  const reason = 'the phase is stuck, which says more';
  if (!decidesAs(s.state, 3)) return resolved(silent, 'absorbed', s.now, reason, null);
  if (!stuck) return resolved(silent, 'condition_ended', s.now, reason, null);
  return { ...resolved(silent, 'absorbed', s.now, reason, null), absorbedBy: stuck.id };
}

function end(turn: Turn, escalation: Escalation, reason: string): void {
  const ended = resolved(escalation, turn.s.life === 'closed' ? 'closed' : 'condition_ended', turn.s.now, reason, null);
  turn.put(ended);
  turn.log('resolved', ended, `Resolved by itself: ${reason}.`);
}

const endReason = (turn: Turn, none: string): string =>
  turn.s.life === 'closed'
    ? 'the onboarding was closed'
    : none.replace(/\.$/, '').replace(/^./, (first) => first.toLowerCase());

const grew = (condition: Condition, open: Escalation): boolean => condition.episode.weight !== open.episode.weight;

const openOf = (turn: Turn, rule: Rule): Escalation | undefined => openByName(turn, rule.name);

const openByName = (turn: Turn, name: Rule['name']): Escalation | undefined =>
  turn.escalations.find((one) => one.rule === name && one.status !== 'resolved');
