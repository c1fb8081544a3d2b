import type { Command } from 'commander';
import { REJECTION_REASONS, type RejectionList } from '../../contracts/api.js';
import type { Query } from '../client.js';
import { type CliDeps, type Common, commonOf, deskOf, oneOf, withCommon, withPages } from '../desk.js';
import { type Column, table } from '../table.js';
import { when } from '../text.js';

/** `slipway rejections`: what the edge turned away, and why. */
export function rejections(program: Command, deps: CliDeps): void {
  const command = program
    .command('rejections')
    .description('list what the edge turned away, newest first: the first look when a sender gets 401')
    .option('--reason <reason>', REJECTION_REASONS.join(', '), oneOf(...REJECTION_REASONS))
    .option('--source <name>', 'as under `sources` of slipway.yaml');
  withCommon(withPages(command)).action(async (options: Common & Query) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    const page = await desk.client.get<RejectionList>('/api/v1/rejections', rest);
    desk.answer(page, ({ data, next_cursor: next }) => {
      if (data.length === 0) return 'Nothing was turned away.\n';
      return table(data, COLUMNS, desk.columns) + (next === null ? '' : `More: --cursor ${next}\n`);
    });
  });
}

const COLUMNS: readonly Column<RejectionList['data'][number]>[] = [
  { header: 'WHEN (UTC)', of: (one) => when(one.rejected_at) },
  { header: 'SOURCE', of: (one) => one.source, cut: true, spare: true },
  { header: 'REASON', of: (one) => one.reason },
  { header: 'FROM', of: (one) => one.remote ?? '-', cut: true },
  { header: 'DELIVERY', of: (one) => one.delivery_id ?? '-', cut: true, spare: true },
  { header: 'BYTES', of: (one) => String(one.bytes), spare: true },
  { header: 'MESSAGE', of: (one) => one.message, cut: true },
];
