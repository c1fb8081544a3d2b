import type { Heard } from './receiver.js';
import { type Line, sayMoment } from './story.js';

/** Rules in the words of the story. */
const RULES: Readonly<Record<Heard['data']['escalation']['rule'], string>> = {
  stuck_in_phase: 'stuck in a phase',
  no_activity: 'no activity',
  at_risk: 'at risk',
  target_near: 'target near',
  target_passed: 'target passed',
  target_moved: 'target moved',
  waiting_too_long: 'waiting too long',
  launched_not_completed: 'launched, not completed',
  customer_at_risk: 'customer at risk',
  customer_churned: 'customer lost',
};

export interface ChaseLines {
  /** The lines that a message of Slipway is worth: none for the copy of an update that somebody else had too. */
  of(message: Heard): Line | null;
}

/** Tells from Slipway's own signed messages, and from nothing else, who was chased and who acted. */
export function createChaseLines(zone: string, nameOf: (person: string) => string): ChaseLines {
  const told = new Set<string>();
  return {
    of: (message) => {
      const at = Date.parse(message.timestamp);
      if (message.type === 'escalation.notified') {
        const chase = `${message.data.escalation.id} ${message.data.recipient.id}`;
        const again = told.has(chase);
        told.add(chase);
        return { at, ...chased(message, again) };
      }
      const { escalation } = message.data;
      const key = `${escalation.id} ${message.type} ${escalation.acknowledged?.at ?? ''} ${escalation.snoozed_until ?? ''}`;
      if (told.has(key)) return null;
      told.add(key);
      return { at: actedAt(message) ?? at, ...acted(message, zone, nameOf) };
    },
  };
}

function chased({ data }: Heard, again: boolean): Omit<Line, 'at'> {
  const { escalation, onboarding, level, fallback, recipient } = data;
  const title = onboarding.name ?? onboarding.id;
  const rule = RULES[escalation.rule];
  const why = sameSense(escalation.reason, rule) ? '' : `: ${lowered(escalation.reason)}`;
  return {
    label: `CHASE ${level}${fallback ? '!' : ''}`,
    colour: level === 1 ? 'yellow' : 'red',
    text: `→ ${recipient.name}${again ? ' again' : ''} · ${title} · ${rule}${why}`,
  };
}

/** The update leaves a little after the act. */
function actedAt({ type, data }: Heard): number | null {
  const { acknowledged, resolved } = data.escalation;
  if (type === 'escalation.acknowledged' && acknowledged) return Date.parse(acknowledged.at);
  return type === 'escalation.resolved' && resolved ? Date.parse(resolved.at) : null;
}

function acted({ type, data }: Heard, zone: string, nameOf: (person: string) => string): Omit<Line, 'at'> {
  const { escalation, onboarding } = data;
  const about = `${onboarding.name ?? onboarding.id} · ${RULES[escalation.rule]}`;
  const until = (iso: string) => sayMoment(Date.parse(iso), zone);
  if (type === 'escalation.acknowledged' && escalation.acknowledged) {
    const { by, expires_at } = escalation.acknowledged;
    return { label: 'takes it', colour: 'cyan', text: `${nameOf(by)} · ${about} · quiet until ${until(expires_at)}` };
  }
  if (type === 'escalation.snoozed') {
    const by = / snoozed by (.+)\.$/.exec(data.text)?.[1] ?? data.recipient.name;
    const quiet = escalation.snoozed_until ? ` · quiet until ${until(escalation.snoozed_until)}` : '';
    return { label: 'snoozes', colour: 'cyan', text: `${by} · ${about}${quiet}` };
  }
  const by = escalation.resolved?.by;
  if (by) return { label: 'resolves', colour: 'cyan', text: `${nameOf(by)} · ${about}` };
  return { label: 'settled', colour: 'dim', text: `${about} · ${ended(escalation)}` };
}

/** Somebody gave the onboarding up: no webhook of the sender tells that. */
export function closingLine({ onboarding, recipient }: Heard['data']): Omit<Line, 'at'> {
  return {
    label: 'closes',
    colour: 'cyan',
    text: `${recipient.name} · ${onboarding.name ?? onboarding.id} · the customer does not answer any more`,
  };
}

/** Why nobody is chased any more. The bare end of a condition says least, so that it is said as what it means. */
function ended({ resolved }: Heard['data']['escalation']): string {
  const reason = resolved?.reason ?? 'the condition ended';
  return reason === 'the condition ended' ? 'it goes on, nobody is chased any more' : lowered(reason);
}

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
const sameSense = (reason: string, rule: string): boolean => reason.toLowerCase().replace('flagged ', '') === rule;
