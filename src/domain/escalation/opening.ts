import { clockDue, type Situation } from '../onboarding/situation.js';
import { formatDuration } from '../time/duration.js';
import type { Condition, Rule } from '../rules/rule.js';
import { sameEpisode } from '../rules/rule.js';
import type { Escalation } from './escalation.js';
import { lastHeardAt } from './last-heard.js';
import { recordOwner } from './recipients.js';

/**
 * Whether a condition that holds may open an escalation now, and since when it might (0: always could); if not, from
 * when on (null: never in this episode). Virtual epoch ms.
 */
export type Leave =
  | { readonly open: true; readonly since: number }
  | { readonly open: false; readonly from: number | null; readonly text: string };

/**
 * Between episodes of one rule lies the cool-down. A person's resolve closes the episode: it comes back only with new
 * evidence, or, for rules that return, once `still_true_after` has passed (design section 4, "Episodes").
 */
export function mayOpen(s: Situation, rule: Rule, condition: Condition): Leave {
  const past = s.state.escalations
    .filter((one) => one.rule === rule.name && one.resolved)
    .sort((a, b) => at(b) - at(a));
  const [last] = past;
  if (!last) return { open: true, since: 0 };
  const cooled = clockDue(s, at(last), s.policy.coolDown, 'none') ?? at(last);
  const byPerson = past.find((one) => one.resolved?.how === 'person' && sameEpisode(condition, one));
  if (byPerson && !hasNews(s, condition, byPerson)) return settled(s, rule, byPerson, cooled);
  if (s.now < cooled)
    return {
      open: false,
      from: cooled,
      text: `cooling down for ${formatDuration(s.policy.coolDown)} after the last one`,
    };
  return { open: true, since: cooled };
}

function settled(s: Situation, rule: Rule, escalation: Escalation, cooled: number): Leave {
  const said = `resolved by ${escalation.resolved?.by?.name ?? 'a person'}`;
  const returns =
    rule.returns && s.policy.stillTrueAfter ? clockDue(s, at(escalation), s.policy.stillTrueAfter, rule.stops) : null;
  if (returns === null) return { open: false, from: null, text: `${said}; nothing reopens in this episode` };
  const from = Math.max(returns, cooled);
  return s.now >= from
    ? { open: true, since: from }
    : { open: false, from, text: `${said}; comes back if still true later` };
}

/** One more shift, or a risk event later than the cool-down after the resolve. */
function hasNews(s: Situation, condition: Condition, escalation: Escalation): boolean {
  if (!condition.evidenceAt) return condition.episode.weight > escalation.episode.weight;
  const cooled = clockDue(s, at(escalation), s.policy.coolDown, 'none') ?? at(escalation);
  return condition.evidenceAt.some((instant) => instant > cooled);
}

const at = (escalation: Escalation): number => escalation.resolved?.at ?? 0;

/** A new escalation, its ladder standing before level 1. `since` is when it might open, however long it was true before. */
export function openEscalation(s: Situation, rule: Rule, condition: Condition, since: number, id: string): Escalation {
  const settings = s.policy.rules[rule.name];
  const dueAt = Math.min(s.now, Math.max(condition.dueAt ?? s.now, lastHeardAt(s), since));
  return {
    id,
    rule: rule.name,
    severity: settings?.severity ?? 'normal',
    episode: condition.episode,
    openedAt: s.now,
    dueAt,
    reason: condition.reason,
    evidence: condition.evidence,
    status: 'open',
    ladder: settings?.ladder ?? '',
    level: 0,
    levelAt: s.now,
    levelDueAt: dueAt,
    levelRound: 0,
    repeats: 0,
    round: 0,
    startedFor: recordOwner(s)?.id ?? null,
    notes: [],
    sends: [],
  };
}
