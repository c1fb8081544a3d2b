import type { Command } from 'commander';
import { EVENT_STATUSES, type EventList, type EventView } from '../../contracts/api.js';
import type { Query } from '../client.js';
import { type CliDeps, type Common, commonOf, deskOf, oneOf, withCommon, withPages, withPlace } from '../desk.js';
import { type Column, table } from '../table.js';
import { when } from '../text.js';

type Options = Common & Query & { readonly onboarding?: string; readonly customer?: string };

/** `slipway events`: what arrived, newest first, and what became of it. */
export function events(program: Command, deps: CliDeps): void {
  const command = program
    .command('events')
    .description('list received events, newest first, and what became of them')
    .option('--type <type>', 'e.g. onboarding.phase_changed')
    .option('--source <name>', 'as under `sources` of slipway.yaml')
    .option('--status <status>', EVENT_STATUSES.join(', '), oneOf(...EVENT_STATUSES))
    .option('--onboarding <id>', 'those of one onboarding')
    .option('--customer <id>', 'those of one customer');
  withCommon(withPages(withPlace(command, '; beside an id, which one, where several hold it'))).action(
    async (options: Options) => {
      const { common, rest } = commonOf(options);
      const { onboarding, customer, ...filter } = rest;
      const desk = deskOf(deps, common);
      const page = await desk.client.get<EventList>('/api/v1/events', {
        ...filter,
        onboarding_id: onboarding,
        customer_id: customer,
      });
      desk.answer(page, ({ data, next_cursor: next }) => {
        if (data.length === 0) return 'No event is like that.\n';
        return table(data, COLUMNS, desk.columns) + (next === null ? '' : `More: --cursor ${next}\n`);
      });
    },
  );
}

/** The sequence number stands for the event everywhere, and is short: the sender's ids may fill a line. */
const COLUMNS: readonly Column<EventView>[] = [
  { header: 'SEQ', of: (one) => one.seq },
  { header: 'MODE', of: (one) => one.mode ?? '-', onlyWith: (one) => one.mode === 'test' },
  { header: 'RECEIVED (UTC)', of: (one) => when(one.received_at) },
  { header: 'TYPE', of: (one) => one.type ?? '-', cut: true },
  { header: 'ABOUT', of: (one) => one.onboarding_id ?? one.customer_id ?? '-', cut: true },
  { header: 'STATUS', of: statusOf },
  { header: 'WHAT IT SAYS', of: (one) => one.text ?? '-', cut: true },
];

function statusOf({ status, quarantined, duplicates }: EventView): string {
  return `${quarantined ?? status}${duplicates > 0 ? ` x${duplicates + 1}` : ''}`;
}
