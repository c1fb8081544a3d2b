import type { Command } from 'commander';
import { type Escalation, type EscalationList, RULE_NAMES } from '../../contracts/api.js';
import type { Query } from '../client.js';
import { type CliDeps, type Common, deskOf, oneOf, withCommon } from '../desk.js';
import { type Column, table } from '../table.js';
import { when } from '../text.js';

/** `slipway escalations`: what people have to act on, or what became of it. */
export function escalations(program: Command, deps: CliDeps): void {
  const command = program
    .command('escalations')
    .description('list escalations; those that nobody has closed unless --status says otherwise')
    .option(
      '--status <status>',
      'unresolved, open, acknowledged, snoozed or resolved',
      oneOf('unresolved', 'open', 'acknowledged', 'snoozed', 'resolved'),
      'unresolved',
    )
    .option('--rule <rule>', RULE_NAMES.join(', '), oneOf(...RULE_NAMES))
    .option('--onboarding <id>', 'those of one onboarding')
    .option('--mode <mode>', 'live or test', oneOf('live', 'test'))
    .option('--limit <rows>', 'at most 200')
    .option('--cursor <cursor>', 'go on where the page before ended');
  withCommon(command).action(async ({ url, json, onboarding, ...filter }: Common & Query) => {
    const desk = deskOf(deps, { ...(url === undefined ? {} : { url }), ...(json ? { json } : {}) });
    const page = await desk.client.get<EscalationList>('/api/v1/escalations', {
      ...filter,
      onboarding_id: onboarding,
    });
    desk.answer(page, ({ data, next_cursor: next }) => {
      if (data.length === 0) return 'No escalation is like that.\n';
      return table(data, COLUMNS, desk.columns) + (next === null ? '' : `More: --cursor ${next}\n`);
    });
  });
}

const COLUMNS: readonly Column<Escalation>[] = [
  { header: 'ESCALATION', of: (one) => one.id },
  { header: 'ONBOARDING', of: (one) => one.onboarding_id, cut: true, spare: true },
  { header: 'RULE', of: (one) => one.rule },
  { header: 'SEVERITY', of: (one) => one.severity, spare: true },
  { header: 'STATUS', of: statusOf },
  { header: 'LEVEL', of: (one) => String(one.level) },
  { header: 'OPENED (UTC)', of: (one) => when(one.opened_at), spare: true },
  { header: 'REASON', of: (one) => one.reason, cut: true },
];

function statusOf(one: Escalation): string {
  if (one.status === 'acknowledged' && one.acknowledged) return `acknowledged by ${one.acknowledged.by}`;
  return one.status === 'snoozed' && one.snoozed_until ? `snoozed to ${when(one.snoozed_until)}` : one.status;
}
