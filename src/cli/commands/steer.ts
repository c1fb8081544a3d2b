import type { Command } from 'commander';
import type { Escalation } from '../../contracts/api.js';
import { type CliDeps, type Common, type Desk, deskOf, withCommon } from '../desk.js';
import { findEscalation } from '../find-escalation.js';
import { clean } from '../text.js';

type By = Common & { readonly by: string };

/** `slipway reassign <escalation> --by mia --to ana`: another person is chased, from level 1. */
export function reassign(program: Command, deps: CliDeps): void {
  const command = program
    .command('reassign <escalation>')
    .description('give an escalation to somebody else, from level 1')
    .requiredOption('--by <person>', 'who says so: person id or e-mail')
    .requiredOption('--to <person>', 'who is chased from now on: somebody under `people` of slipway.yaml');
  withCommon(command).action(async (said: string, { by, to, ...common }: By & { to: string }) => {
    const desk = deskOf(deps, common);
    const answer = await act(desk, said, 'reassign', { by, to });
    desk.answer(answer, (told) => `${told.id} is with ${clean(told.assigned_to ?? to)} now, from level 1.\n`);
  });
}

/** `slipway escalate <escalation> --by mia`: the next level now. */
export function escalate(program: Command, deps: CliDeps): void {
  const command = program
    .command('escalate <escalation>')
    .description('go to the next level now')
    .requiredOption('--by <person>', 'who says so: person id or e-mail');
  withCommon(command).action(async (said: string, { by, ...common }: By) => {
    const desk = deskOf(deps, common);
    const answer = await act(desk, said, 'escalate', { by });
    desk.answer(answer, (told) => `${told.id} is at level ${told.level}.\n`);
  });
}

/** `slipway note <escalation> --by mia --text …`: for whoever looks next. */
export function note(program: Command, deps: CliDeps): void {
  const command = program
    .command('note <escalation>')
    .description('add a note for whoever looks next; nothing else changes')
    .requiredOption('--by <person>', 'who writes: person id or e-mail')
    .requiredOption('--text <text>', 'what to note');
  withCommon(command).action(async (said: string, { by, text, ...common }: By & { text: string }) => {
    const desk = deskOf(deps, common);
    const answer = await act(desk, said, 'note', { by, note: text });
    desk.answer(
      answer,
      (told) => `${told.id} has ${told.notes.length === 1 ? 'a note' : `${told.notes.length} notes`}.\n`,
    );
  });
}

async function act(
  desk: Desk,
  said: string,
  verb: string,
  body: Readonly<Record<string, string>>,
): Promise<Escalation> {
  const id = await findEscalation(desk.client, said);
  return desk.client.post<Escalation>(`/api/v1/escalations/${encodeURIComponent(id)}/${verb}`, body);
}
