import type { Command } from 'commander';
import type { Escalation } from '../../contracts/api.js';
import { type CliDeps, type Common, deskOf, withCommon } from '../desk.js';
import { findEscalation } from '../find-escalation.js';
import { type Column, pairs, table } from '../table.js';
import { clean, when } from '../text.js';

type Send = Escalation['sends'][number];

/** `slipway escalation <id>`: all that is known of one: why, who has it, and what became of every message. */
export function escalation(program: Command, deps: CliDeps): void {
  const command = program
    .command('escalation <escalation>')
    .description('show one escalation: why, who has it, and what became of every message');
  withCommon(command).action(async (said: string, options: Common) => {
    const desk = deskOf(deps, options);
    const id = await findEscalation(desk.client, said);
    const one = await desk.client.get<Escalation>(`/api/v1/escalations/${encodeURIComponent(id)}`);
    desk.answer(one, (told) => describe(told, desk.columns));
  });
}

function describe(one: Escalation, columns: number): string {
  const facts = pairs([
    ['Escalation', one.id],
    ['Onboarding', one.onboarding_id],
    ['Rule', `${one.rule}, ${one.severity}`],
    ['Reason', one.reason],
    ...one.evidence.map((text): [string, string] => ['Evidence', text]),
    ['Opened', when(one.opened_at)],
    ['Status', `${one.status}, level ${one.level}`],
    ['Acknowledged', one.acknowledged && acknowledgedBy(one.acknowledged)],
    ['Snoozed', one.snoozed_until && `until ${when(one.snoozed_until)}`],
    ['Resolved', one.resolved && resolvedBy(one.resolved)],
    ['Assigned to', one.assigned_to],
  ]);
  return `${facts}${notes(one)}\n${sends(one, columns)}\nTimes are UTC.\n`;
}

const acknowledgedBy = ({ by, at, expires_at: until }: NonNullable<Escalation['acknowledged']>): string =>
  `by ${by} ${when(at)}, until ${when(until)}`;

const resolvedBy = ({ by, at, reason }: NonNullable<Escalation['resolved']>): string =>
  `${by === null ? 'by itself' : `by ${by}`} ${when(at)}: ${reason}`;

const notes = ({ notes: all }: Escalation): string =>
  all.length === 0 ? '' : `\n${all.map(({ by, at, text }) => `${when(at)}  ${clean(`${by}: ${text}`)}\n`).join('')}`;

const sends = ({ sends: all }: Escalation, columns: number): string =>
  all.length === 0 ? 'No message of it has fallen due.\n' : table(all, SENDS, columns);

const SENDS: readonly Column<Send>[] = [
  { header: 'MESSAGE', of: messageOf },
  { header: 'TO', of: ({ recipient }) => recipient, cut: true },
  { header: 'BY', of: ({ channel }) => channel },
  { header: 'STATUS', of: ({ status }) => status },
  { header: 'ARRIVED', of: ({ at }) => when(at) },
  { header: 'DUE', of: ({ due_at: due }) => when(due), spare: true },
  { header: 'TRIES', of: ({ tries }) => String(tries) },
  { header: 'ERROR', of: ({ error }) => error ?? '-', onlyWith: ({ error }) => error !== null, cut: true },
];

/** A chase by its level; what tells that somebody acted by that act. */
function messageOf({ kind, level, fallback }: Send): string {
  return `${kind === 'notified' ? `level ${level}` : kind}${fallback ? ', fallback' : ''}`;
}
