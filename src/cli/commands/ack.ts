import type { Command } from 'commander';
import type { Acknowledged } from '../../contracts/api.js';
import { type CliDeps, type Common, deskOf, withCommon } from '../desk.js';
import { findEscalation } from '../find-escalation.js';
import { clean, plural, when } from '../text.js';

type Options = Common & { readonly by: string; readonly for?: string; readonly all?: true; readonly note?: string };

/** `slipway ack <escalation> --by mia`: takes it on. */
export function ack(program: Command, deps: CliDeps): void {
  const command = program
    .command('ack <escalation>')
    .description('take an escalation on: nothing more of it is sent until the acknowledge expires')
    .requiredOption('--by <person>', 'who takes it on: person id or e-mail')
    .option('--for <time>', "how long, e.g. '3 working days'; the policy's `acknowledge` says where this does not")
    .option('--all', "the onboarding's other open escalations too")
    .option('--note <text>', 'for whoever looks next');
  withCommon(command).action(async (said: string, { by, for: span, all, note, ...common }: Options) => {
    const desk = deskOf(deps, common);
    const id = await findEscalation(desk.client, said);
    const body = { by, for: span, all, note };
    const answer = await desk.client.post<Acknowledged>(
      `/api/v1/escalations/${encodeURIComponent(id)}/acknowledge`,
      body,
    );
    desk.answer(answer, (told) => tell(told, all));
  });
}

function tell({ id, acknowledged, others }: Acknowledged, all: true | undefined): string {
  const by = acknowledged ? ` by ${clean(acknowledged.by)} until ${when(acknowledged.expires_at)} UTC` : '';
  const taken = `${id} is acknowledged${by}; nothing more of it is sent until then.\n`;
  const open = others.filter(({ status }) => status === 'open');
  if (all || open.length === 0) return taken;
  const names = open.map((one) => `  ${one.id}  ${clean(one.reason)}\n`).join('');
  return `${taken}Still open of this onboarding (${plural(open.length, 'other')}; --all takes them too):\n${names}`;
}
