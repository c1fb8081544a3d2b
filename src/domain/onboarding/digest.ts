import { decidesAs } from '../core.js';
import { type Escalation, MOST_NOTES } from '../escalation/escalation.js';
import type { Health } from './health.js';
import type { Situation } from './situation.js';

/**
 * What a list shows, in one string: when it changes, the view is projected. Tasks and counts are left out on purpose:
 * a projection for every event would double what an onboarding costs.
 */
export function digest(s: Situation, health: Health, escalations: readonly Escalation[]): string {
  const { history } = s;
  const open = escalations.map(
    (one) =>
      `${one.id}:${one.status}:${one.level}:${one.round}:${one.assigned?.id ?? ''}:${notesOf(s, one)}:${one.sends.filter((send) => send.status === 'sent' || send.status === 'failed').length}`,
  );
  const risk = history.risks.at(-1);
  return [
    s.life,
    health,
    s.stay?.phase,
    s.stay?.from,
    s.hold?.state,
    risk && risk.to === null,
    history.targets.at(-1)?.date,
    history.targets.length,
    history.roles.owner ?? history.roles.csm,
    history.name,
    history.customerId,
    decidesAs(s.state, 3) ? s.launchedAt : history.launchedAt,
    history.completedAt,
    s.state.counts.late,
    ...open,
  ].join('|');
}

/** Their number, until they are as many as are kept; the newest tells then. */
const notesOf = (s: Situation, { notes }: Escalation): string =>
  decidesAs(s.state, 2) && notes.length >= MOST_NOTES ? `@${notes.at(-1)?.at}` : String(notes.length);
