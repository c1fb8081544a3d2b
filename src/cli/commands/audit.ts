import type { Command } from 'commander';
import type { AuditEntryView, AuditList } from '../../contracts/api.js';
import type { Query } from '../client.js';
import { type CliDeps, type Common, commonOf, deskOf, instant, withCommon, withPages } from '../desk.js';
import { type Column, table } from '../table.js';
import { when } from '../text.js';

/** `slipway audit`: who changed what, and what Slipway decided by itself. */
export function audit(program: Command, deps: CliDeps): void {
  const command = program
    .command('audit')
    .description('list every change and every decision, newest first: who, what, and why')
    .option(
      '--actor <actor>',
      'exactly: token:<name>, bootstrap, local, slipway, person:<id>, or token:<name> for <id>',
    )
    .option('--action <action>', 'e.g. policy.publish, escalation.acknowledge, decision.opened')
    .option('--subject <id>', 'of an escalation, an onboarding, a token, a policy')
    .option('--since <instant>', 'e.g. 2026-12-01T09:00Z', instant);
  withCommon(withPages(command)).action(async (options: Common & Query) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    const page = await desk.client.get<AuditList>('/api/v1/audit', rest);
    desk.answer(page, ({ data, next_cursor: next }) => {
      if (data.length === 0) return 'Nothing was changed.\n';
      return table(data, COLUMNS, desk.columns) + (next === null ? '' : `More: --cursor ${next}\n`);
    });
  });
}

const COLUMNS: readonly Column<AuditEntryView>[] = [
  { header: 'WHEN (UTC)', of: (one) => when(one.at) },
  { header: 'ACTOR', of: (one) => one.actor, cut: true },
  { header: 'ACTION', of: (one) => one.action },
  { header: 'SUBJECT', of: (one) => one.subject, cut: true },
  { header: 'CHANGE', of: changeOf, cut: true },
  { header: 'REASON', of: (one) => one.reason ?? '-', cut: true, spare: true },
];

/** `status open -> acknowledged, level 1 -> 2`; what was not there before stands alone. */
function changeOf({ before, after }: AuditEntryView): string {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const parts = names.flatMap((name) => {
    const [was, is] = [before?.[name], after?.[name]];
    if (was === is) return [];
    return [was === undefined || was === null ? `${name} ${is ?? '-'}` : `${name} ${was} -> ${is ?? '-'}`];
  });
  return parts.join(', ') || '-';
}
