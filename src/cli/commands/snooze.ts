import type { Command } from 'commander';
import type { Escalation } from '../../contracts/api.js';
import { type CliDeps, type Common, deskOf, instant, withCommon } from '../desk.js';
import { CliFailure, EXIT } from '../failure.js';
import { findEscalation } from '../find-escalation.js';
import { when } from '../text.js';

type Options = Common & { readonly by: string; readonly until?: string; readonly for?: string };

/** `slipway snooze <escalation> --by mia --until next-working-morning`: silences it for a while. */
export function snooze(program: Command, deps: CliDeps): void {
  const command = program
    .command('snooze <escalation>')
    .description('silence an escalation until an instant, or for a while')
    .requiredOption('--by <person>', 'who snoozes it: person id or e-mail')
    .option('--until <instant>', 'next-working-morning, or an instant like 2026-12-01T09:00Z', untilOf)
    .option('--for <time>', "e.g. '2 working days' or '4 hours'");
  withCommon(command).action(async (said: string, { by, until, for: span, ...common }: Options) => {
    if ((until === undefined) === (span === undefined)) {
      throw new CliFailure(EXIT.usage, 'Say how long: either --until or --for.');
    }
    const desk = deskOf(deps, common);
    const id = await findEscalation(desk.client, said);
    const path = `/api/v1/escalations/${encodeURIComponent(id)}/snooze`;
    const answer = await desk.client.post<Escalation>(path, { by, until, for: span });
    desk.answer(answer, (told) => `${told.id} is snoozed until ${when(told.snoozed_until)} UTC.\n`);
  });
}

const untilOf = (text: string): string => (text === 'next-working-morning' ? 'next_working_morning' : instant(text));
