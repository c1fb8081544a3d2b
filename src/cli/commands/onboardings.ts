import { type Command, Option } from 'commander';
import { HEALTHS, ONBOARDING_SORTS, type Onboarding, type OnboardingList } from '../../contracts/api.js';
import type { Query } from '../client.js';
import { type CliDeps, type Common, deskOf, oneOf, withCommon, withPlace } from '../desk.js';
import { type Column, table } from '../table.js';
import { when } from '../text.js';

interface Options extends Common {
  readonly escalated?: true;
  readonly open?: true;
  readonly closed?: true;
  readonly customer?: string;
  readonly search?: string;
}

/** `slipway onboardings`: the list, a line each. */
export function onboardings(program: Command, deps: CliDeps): void {
  const command = program
    .command('onboardings')
    .description('list onboardings')
    .option('--health <health>', HEALTHS.join(', '), oneOf(...HEALTHS))
    .option('--phase <phase>', 'as slipway.yaml names it')
    .option(
      '--state <state>',
      'running, held, launched or completed',
      oneOf('running', 'held', 'launched', 'completed'),
    )
    .option('--owner <person>', 'person id, or the e-mail or user id of the record')
    .option('--escalated', 'only those with an escalation that nobody has closed')
    .addOption(new Option('--open', 'only those that are not closed').conflicts('closed'))
    .option('--closed', 'only those that are closed')
    .option('--customer <id>', 'those of one customer')
    .option('--search <text>', 'part of the name or an id')
    .option(
      '--sort <by>',
      'id, name, health, phase, phase_entered_at, target, next_wake_at or updated; descending with - before it',
      oneOf(...ONBOARDING_SORTS),
    )
    .option('--limit <rows>', 'at most 200')
    .option('--cursor <cursor>', 'go on where the page before ended');
  withCommon(withPlace(command)).action(async ({ url, json, customer, search, open, ...filter }: Options & Query) => {
    const desk = deskOf(deps, { ...(url === undefined ? {} : { url }), ...(json ? { json } : {}) });
    const page = await desk.client.get<OnboardingList>('/api/v1/onboardings', {
      ...filter,
      ...(open ? { closed: false } : {}),
      customer_id: customer,
      q: search,
    });
    desk.answer(page, ({ data, next_cursor: next }) => {
      if (data.length === 0) return 'No onboarding is like that.\n';
      return table(data, COLUMNS, desk.columns) + (next === null ? '' : `More: --cursor ${next}\n`);
    });
  });
}

const COLUMNS: readonly Column<Onboarding>[] = [
  { header: 'ID', of: (one) => one.id },
  { header: 'MODE', of: (one) => one.mode, onlyWith: (one) => one.mode === 'test' },
  { header: 'NAME', of: (one) => one.name ?? '-', cut: true },
  { header: 'PHASE', of: (one) => one.phase ?? '-', cut: true },
  { header: 'HEALTH', of: (one) => one.health },
  { header: 'CLOSED', of: (one) => (one.closed ? 'closed' : '-'), onlyWith: (one) => one.closed, spare: true },
  { header: 'OWNER', of: (one) => one.owner ?? '-', cut: true },
  { header: 'TARGET', of: (one) => one.target.latest ?? '-', spare: true },
  { header: 'ESCALATED', of: escalated },
  { header: 'NEXT (UTC)', of: (one) => when(one.next_wake_at) },
  { header: 'WHAT IS NEXT', of: (one) => one.next_wake_reason ?? '-', cut: true, spare: true },
];

/** `2 open, level 3`: how many nobody has closed, and how far the highest went. */
function escalated({ escalations }: Onboarding): string {
  const unresolved = escalations.filter(({ status }) => status !== 'resolved');
  if (unresolved.length === 0) return '-';
  return `${unresolved.length}, level ${Math.max(...unresolved.map(({ level }) => level))}`;
}
