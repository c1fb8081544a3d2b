import type { Command } from 'commander';
import type { ErasureList, ErasureView } from '../../contracts/api.js';
import type { Query } from '../client.js';
import { type CliDeps, type Common, commonOf, confirmed, deskOf, withCommon, withPages } from '../desk.js';
import { CliFailure, EXIT } from '../failure.js';
import { type Column, pairs, table } from '../table.js';
import { clean, when, wrapped } from '../text.js';

const PATH = '/api/v1/erasures';

interface Options extends Common {
  readonly customer?: string;
  readonly contact?: string;
  readonly email?: string;
  readonly by: string;
  readonly reason: string;
  readonly yes?: true;
}

/** `slipway erase --email … --by … --reason …`: forgets a person, for good. */
export function erase(program: Command, deps: CliDeps): void {
  const command = program
    .command('erase')
    .description('erase a customer or a contact from archive, lists and logs, and in time from Temporal; for good')
    .option('--customer <id>', 'a customer with everything that is theirs, in every workspace')
    .option('--contact <id>', "the sender's id of a contact")
    .option('--email <address>', 'an address of a person, wherever it stands')
    .requiredOption('--by <person>', 'who asks for it: person id or e-mail')
    .requiredOption('--reason <text>', 'why; it is kept, so it must not name the person')
    .option('--yes', 'do not ask');
  withCommon(command).action(async (options: Options) => {
    const { customer, contact, email, by, reason, yes, ...common } = options;
    const given = [customer, contact, email].filter((one) => one !== undefined);
    if (given.length !== 1) throw new CliFailure(EXIT.usage, 'Say whom: one of --customer, --contact and --email.');
    const desk = deskOf(deps, common);
    await confirmed(deps, yes, `${clean(given[0] ?? '')} is erased for good; only a backup from before still has it.`);
    const asked = await desk.client.post<ErasureView>(PATH, {
      customer_id: customer,
      contact_id: contact,
      email,
      by,
      reason,
    });
    desk.answer(
      asked,
      (told) => `Erasure ${told.id} has begun; \`slipway erasures ${told.id}\` tells how far it is.\n`,
    );
  });
}

/** `slipway erasures [id]`: how far each is, and what remains until when. */
export function erasures(program: Command, deps: CliDeps): void {
  const command = program
    .command('erasures [id]')
    .description('list the erasures that were asked for, or show how far one is and what remains');
  withCommon(withPages(command)).action(async (id: string | undefined, options: Common & Query) => {
    const { common, rest } = commonOf(options);
    const desk = deskOf(deps, common);
    if (id !== undefined) {
      const one = await desk.client.get<ErasureView>(`${PATH}/${encodeURIComponent(id)}`);
      desk.answer(one, (told) => describe(told, desk.columns));
      return;
    }
    const page = await desk.client.get<ErasureList>(PATH, rest);
    desk.answer(page, ({ data, next_cursor: next }) => {
      if (data.length === 0) return 'Nobody was erased.\n';
      return table(data, COLUMNS, desk.columns) + (next === null ? '' : `More: --cursor ${next}\n`);
    });
  });
}

const COLUMNS: readonly Column<ErasureView>[] = [
  { header: 'ERASURE', of: (one) => one.id },
  { header: 'KIND', of: (one) => one.kind },
  { header: 'STATE', of: (one) => one.state },
  { header: 'ASKED (UTC)', of: (one) => when(one.asked_at) },
  { header: 'BY', of: (one) => one.by, cut: true },
  { header: 'REASON', of: (one) => one.reason, cut: true },
];

function describe(one: ErasureView, columns: number): string {
  const cleaned = Object.entries(one.erased).map(([kind, count]) => `${kind} ${count}`);
  const facts = pairs([
    ['Erasure', `${one.id} of a ${one.kind}`],
    ['State', one.state],
    ['Asked', `${when(one.asked_at)} by ${one.by}: ${one.reason}`],
    ['Done', one.done_at && when(one.done_at)],
    ['Cleaned', cleaned.length > 0 ? cleaned.join(', ') : 'nothing yet'],
    ...one.workflows.map(({ workflow_id, state }) => ['Workflow', `${workflow_id}: ${state}`] as const),
  ]);
  const remains = one.remains.map((what) => wrapped(clean(what), columns, '  ')).join('');
  return `${facts}${remains && `\nWhat remains\n${remains}`}\nTimes are UTC.\n`;
}
