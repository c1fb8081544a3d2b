import type { Wake } from '../domain/decision.js';
import type { LogEntry } from '../domain/onboarding/log.js';
import type { EscalationView, OnboardingView } from '../domain/onboarding/present.js';
import { cell, minute, table, withoutAddresses } from './markdown.js';

/** What an operator reads on the workflow's page in the Temporal UI: markdown, business ids, no address. */
export function currentDetails(
  view: OnboardingView,
  wake: Wake | null,
  recent: readonly LogEntry[],
  unread: number,
): string {
  const rows: [string, string][] = [
    [
      'Phase',
      `${view.phase ?? 'not seen yet'}${view.phase_entered_at ? ` since ${minute(view.phase_entered_at)}` : ''}`,
    ],
    ['State', view.hold ? `held: ${view.hold}` : view.state],
    ['Health', `**${view.health}**`],
    ['Owner', owner(view.owner)],
    ['Target', target(view)],
    ['Next wake', wake ? `${minute(new Date(wake.at).toISOString())}: ${wake.label}` : 'none: waits for events'],
    ['Events', `${view.events.applied} applied, ${view.events.duplicates} repeats, ${view.events.late} late`],
  ];
  if (unread > 0) rows.push(['Left out', `${unread} messages that could not be read`]);
  return [
    `### ${cell(view.name ?? view.id)}`,
    table(['', ''], rows),
    escalations(view.escalations.filter((one) => one.status !== 'resolved')),
    recent.length
      ? `Latest\n\n${recent.map((entry) => `- ${minute(new Date(entry.at).toISOString())} ${cell(withoutAddresses(entry.text))}`).join('\n')}`
      : '',
  ]
    .filter(Boolean)
    .join('\n\n');
}

function escalations(open: readonly EscalationView[]): string {
  if (open.length === 0) return 'No open escalation.';
  const rows = open.map((one) => [one.rule, one.status, String(one.level), one.reason]);
  return table(['Escalation', 'Status', 'Level', 'Reason'], rows);
}

function target(view: OnboardingView): string {
  const { first, latest, shifts } = view.target;
  if (latest === null) return 'none';
  return shifts.length ? `${latest} (first promise ${first ?? 'none'}, moved ${shifts.length}×)` : latest;
}

/** The person's id where the policy knows them; an owner named only by address is not written out. */
function owner(id: string | null): string {
  if (id === null) return 'nobody';
  return id.includes('@') ? 'not among the people of the policy' : id;
}
