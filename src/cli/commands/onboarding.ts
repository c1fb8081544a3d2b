import type { Command } from 'commander';
import type { Escalation, Onboarding, Timeline } from '../../contracts/api.js';
import type { Query } from '../client.js';
import { type CliDeps, type Common, deskOf, withChoice, withCommon } from '../desk.js';
import { type Column, pairs, table } from '../table.js';
import { plural, when } from '../text.js';

/** `slipway onboarding <id>`: all that is known of one, and with `--timeline` how it came about. */
export function onboarding(program: Command, deps: CliDeps): void {
  const command = program
    .command('onboarding <id>')
    .description('show one onboarding, its escalations, and with --timeline its story')
    .option('--timeline', 'what was heard and what was decided, oldest first');
  withCommon(withChoice(command)).action(
    async (id: string, { timeline, workspace, mode, ...options }: Common & { timeline?: true } & Query) => {
      const desk = deskOf(deps, options);
      const path = `/api/v1/onboardings/${encodeURIComponent(id)}`;
      if (timeline) {
        const story = await desk.client.get<Timeline>(`${path}/timeline`, { workspace, mode, limit: 1000 });
        desk.answer(story, (told) => tellStory(told, desk.columns));
        return;
      }
      const view = await desk.client.get<Onboarding>(path, { workspace, mode });
      desk.answer(view, (told) => describe(told, desk.columns));
    },
  );
}

function describe(one: Onboarding, columns: number): string {
  const facts = pairs([
    ['Onboarding', `${one.name ?? one.id} (${one.id}, ${one.workspace}, ${one.mode})`],
    ['Customer', one.customer_id],
    ['Health', one.health],
    [
      'Phase',
      one.phase && `${one.phase} since ${one.phase_entered_at_least ? 'at least ' : ''}${when(one.phase_entered_at)}`,
    ],
    ['State', one.hold ? `${one.state} (${one.hold})` : one.state],
    ['Owner', one.owner ?? 'unknown'],
    ['Target', target(one)],
    ['Launched', one.launched_at && when(one.launched_at)],
    ['Completed', one.completed_at && when(one.completed_at)],
    ['Next', one.next_wake_at && `${when(one.next_wake_at)} ${one.next_wake_reason ?? ''}`],
    ['Events', `${one.events.applied} applied, ${plural(one.events.duplicates, 'duplicate')}, ${one.events.late} late`],
    ['Workflow', one.workflow_id],
    ['Temporal', one.temporal_url],
  ]);
  return `${facts}${one.escalations.length > 0 ? `\n${table(one.escalations, ESCALATIONS, columns)}` : ''}\nTimes are UTC.\n`;
}

function target({ target: { first, latest, shifts } }: Onboarding): string | null {
  if (latest === null) return first;
  return shifts.length === 0
    ? latest
    : `${latest} (first promised ${first ?? 'never'}, moved ${plural(shifts.length, 'time')})`;
}

const ESCALATIONS: readonly Column<Escalation>[] = [
  { header: 'ESCALATION', of: (one) => one.id },
  { header: 'RULE', of: (one) => one.rule },
  { header: 'STATUS', of: (one) => one.status },
  { header: 'LEVEL', of: (one) => String(one.level) },
  { header: 'OPENED', of: (one) => when(one.opened_at), spare: true },
  { header: 'SENT', of: (one) => String(one.sends.filter(({ status }) => status === 'sent').length), spare: true },
  { header: 'REASON', of: (one) => one.reason, cut: true },
];

function tellStory({ data, next_cursor: next }: Timeline, columns: number): string {
  const story = table(
    data,
    [
      { header: 'WHEN (UTC)', of: (entry) => when(entry.at) },
      { header: 'WHAT', of: (entry) => entry.what },
      { header: 'STORY', of: (entry) => entry.text, cut: true },
    ],
    columns,
  );
  return next === null ? story : `${story}Longer than one page: --json gives the cursor of the next.\n`;
}
