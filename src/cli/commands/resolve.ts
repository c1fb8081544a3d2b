import type { Command } from 'commander';
import type { Escalation } from '../../contracts/api.js';
import { type CliDeps, type Common, deskOf, withCommon } from '../desk.js';
import { findEscalation } from '../find-escalation.js';

type Options = Common & { readonly by: string; readonly note?: string };

/** `slipway resolve <escalation> --by mia`: closes the episode. */
export function resolve(program: Command, deps: CliDeps): void {
  const command = program
    .command('resolve <escalation>')
    .description('close an escalation; it comes back only when there is news')
    .requiredOption('--by <person>', 'who closes it: person id or e-mail')
    .option('--note <text>', 'for whoever looks next');
  withCommon(command).action(async (said: string, { by, note, ...common }: Options) => {
    const desk = deskOf(deps, common);
    const id = await findEscalation(desk.client, said);
    const path = `/api/v1/escalations/${encodeURIComponent(id)}/resolve`;
    const answer = await desk.client.post<Escalation>(path, { by, note });
    desk.answer(answer, (told) => `${told.id} is resolved.\n`);
  });
}
