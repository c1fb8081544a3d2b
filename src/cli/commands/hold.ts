import type { Command } from 'commander';
import type { Onboarding } from '../../contracts/api.js';
import { type CliDeps, type Common, type Desk, deskOf, instant, oneOf, withChoice, withCommon } from '../desk.js';
import { clean, when } from '../text.js';

interface Choice extends Common {
  readonly by: string;
  readonly workspace?: string;
  readonly mode?: string;
}
type HoldOptions = Choice & { readonly state: string; readonly reason: string; readonly until?: string };

/** `slipway hold <onboarding> --by mia --state waiting --reason …`: stops its clocks as the sender's own hold would. */
export function hold(program: Command, deps: CliDeps): void {
  const command = program
    .command('hold <onboarding>')
    .description('declare that an onboarding waits, is blocked or is paused: its clocks stop')
    .requiredOption('--by <person>', 'who says so: person id or e-mail')
    .requiredOption('--state <state>', 'waiting, blocked or paused', oneOf('waiting', 'blocked', 'paused'))
    .requiredOption('--reason <text>', 'shown in its story')
    .option('--until <instant>', 'e.g. 2026-12-01T09:00Z; until somebody releases it where not given', instant);
  withCommon(withChoice(command)).action(
    async (id: string, { by, state, reason, until, workspace, mode, ...common }: HoldOptions) => {
      const desk = deskOf(deps, common);
      const view = await act(desk, id, 'hold', { by, state, reason, until }, { workspace, mode });
      desk.answer(view, (told) => {
        const end = until === undefined ? 'until somebody releases it' : `until ${when(until)} UTC`;
        return `${clean(told.id)} is ${state} ${end}: ${next(told)}.\n`;
      });
    },
  );
}

/** `slipway release <onboarding> --by mia`: ends a hold that a person declared. */
export function release(program: Command, deps: CliDeps): void {
  const command = program
    .command('release <onboarding>')
    .description('end a hold that a person declared; its clocks go on')
    .requiredOption('--by <person>', 'who says so: person id or e-mail');
  withCommon(withChoice(command)).action(async (id: string, { by, workspace, mode, ...common }: Choice) => {
    const desk = deskOf(deps, common);
    const view = await act(desk, id, 'release', { by }, { workspace, mode });
    desk.answer(view, (told) => `${clean(told.id)} is ${held(told)}: ${next(told)}.\n`);
  });
}

/** `slipway close <onboarding> --by mia --reason …`: for deleted or abandoned ones, of which no webhook tells. */
export function close(program: Command, deps: CliDeps): void {
  const command = program
    .command('close <onboarding>')
    .description('close a deleted or abandoned onboarding; a later move of it opens it again')
    .requiredOption('--by <person>', 'who says so: person id or e-mail')
    .requiredOption('--reason <text>', 'shown in its story');
  withCommon(withChoice(command)).action(
    async (id: string, { by, reason, workspace, mode, ...common }: Choice & { reason: string }) => {
      const desk = deskOf(deps, common);
      const view = await act(desk, id, 'close', { by, reason }, { workspace, mode });
      desk.answer(view, (told) => `${clean(told.id)} is closed; every escalation of it is resolved.\n`);
    },
  );
}

type Body = Readonly<Record<string, string | undefined>>;

const act = (
  desk: Desk,
  id: string,
  verb: 'hold' | 'release' | 'close',
  body: Body,
  choice: Body,
): Promise<Onboarding> =>
  desk.client.post<Onboarding>(`/api/v1/onboardings/${encodeURIComponent(id)}/${verb}`, body, choice);

/** A hold of the sender's own may still be there after a person's ended. */
const held = ({ hold: still }: Onboarding): string => (still === null ? 'released' : `still held (${still})`);

const next = ({ next_wake_at: at, next_wake_reason: why }: Onboarding): string =>
  at === null ? 'nothing is due' : `next, ${when(at)} UTC, ${clean(why ?? 'a look')}`;
