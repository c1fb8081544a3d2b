import { OWNERS } from './cast.js';
import type { Json, SentEvent } from './event.js';
import type { Line } from './story.js';

/** What an event means to somebody who has never seen one; null for those that are not worth a line. */
export function lineOfEvent(event: SentEvent, company: string): Omit<Line, 'at'> | null {
  const now = (field: string) => said(event.record[field]);
  const before = (field: string) => said(event.previous?.[field]);
  switch (event.type) {
    case 'onboarding.created':
      return { label: 'begins', colour: null, text: `${company} is to launch by ${now('target_launch_date')}` };
    case 'onboarding.phase_changed':
      return moveLine(company, before('phase'), now('phase'));
    case 'onboarding.state_changed':
      return stateLine(company, before('state'), now('state'));
    case 'onboarding.at_risk':
      return { label: 'at risk', colour: 'magenta', text: `${company} was flagged at risk` };
    case 'onboarding.back_on_track':
      return { label: 'recovers', colour: 'green', text: `${company} is back on track` };
    case 'onboarding.launched':
      return { label: 'LAUNCHED', colour: 'green', text: `${company} is live with its users` };
    case 'onboarding.completed':
      return { label: 'COMPLETED', colour: 'green', text: `${company} is done` };
    case 'onboarding.updated':
      return event.previous?.['owner_email'] === undefined
        ? { label: 'shifts', colour: 'magenta', text: `${company}: target date moved to ${now('target_launch_date')}` }
        : { label: 'new owner', colour: null, text: `${company} goes to ${ownerName(now('owner_email'))}` };
    case 'customer.health_score_dropped':
      return {
        label: 'at risk',
        colour: 'magenta',
        text: `${company}: health score fell to ${now('health_score')}`,
      };
    case 'customer.churned':
      return { label: 'churns', colour: 'magenta', text: `${company} left: its clocks stop` };
    case 'customer.archived':
      return { label: 'archived', colour: 'magenta', text: `${company} was archived: its clocks stop` };
    default:
      return null;
  }
}

/** The last two moves go with a launch or a completion, which say more. */
function moveLine(company: string, from: string, to: string): Omit<Line, 'at'> | null {
  if (to === 'completed' || (from === 'launch' && to === 'adoption')) return null;
  return { label: 'moves', colour: null, text: `${company}: ${from} → ${to}` };
}

function stateLine(company: string, from: string, to: string): Omit<Line, 'at'> | null {
  if (to === 'completed') return null;
  if (to !== 'active') return { label: 'holds', colour: 'magenta', text: `${company} is ${to}: its stall clocks stop` };
  return from === 'completed'
    ? { label: 'reopens', colour: 'magenta', text: `${company} was sent back: it is not done after all` }
    : { label: 'resumes', colour: null, text: `${company} goes on: its clocks run again` };
}

const said = (value: Json | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '?';

const ownerName = (email: string): string => OWNERS.find((one) => one.email === email)?.name ?? email;
