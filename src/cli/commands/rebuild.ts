import type { Command } from 'commander';
import type { OnboardingRebuildView, ReadModelRebuildView } from '../../contracts/api.js';
import { type CliDeps, type Common, confirmed, type Desk, deskOf, withChoice, withCommon } from '../desk.js';
import { CliFailure, EXIT } from '../failure.js';
import { clean, plural } from '../text.js';

interface Options extends Common {
  readonly by?: string;
  readonly reason?: string;
  readonly confirm?: string;
  readonly yes?: true;
  readonly workspace?: string;
  readonly mode?: string;
}

/** `slipway rebuild [onboarding]`: makes anew what follows from the archive, an onboarding's workflow or the lists. */
export function rebuild(program: Command, deps: CliDeps): void {
  const command = program
    .command('rebuild [onboarding]')
    .description('make an onboarding anew from archive and decision log, shown first; without one, the lists')
    .option('--by <person>', 'who asks for it: person id or e-mail')
    .option('--reason <text>', 'why; kept in the decision log and the audit log')
    .option('--confirm <digest>', 'do what was shown under this digest, and nothing else')
    .option('--yes', 'do not ask');
  withCommon(withChoice(command)).action(async (id: string | undefined, options: Options) => {
    const { by, reason, confirm, yes, workspace, mode, ...common } = options;
    const desk = deskOf(deps, common);
    if (id === undefined) return lists(desk, { by, reason });
    if (by === undefined || reason === undefined)
      throw new CliFailure(EXIT.usage, 'An onboarding is made anew in the name of somebody: give --by and --reason.');
    const path = `/api/v1/onboardings/${encodeURIComponent(id)}/rebuild`;
    const ask = (digest?: string): Promise<OnboardingRebuildView> =>
      desk.client.post<OnboardingRebuildView>(path, { by, reason, confirm: digest }, { workspace, mode });
    const digest = confirm ?? (await look(deps, desk, await ask(), common.json === true, yes));
    if (digest !== undefined) desk.answer(await ask(digest), sayDone);
  });
}

/** Shows what would change, and answers the digest of it where that is meant to happen. */
async function look(
  deps: CliDeps,
  desk: Desk,
  shown: OnboardingRebuildView,
  json: boolean,
  yes: true | undefined,
): Promise<string | undefined> {
  if (yes && json) return shown.confirm;
  desk.answer(shown, sayShown);
  const nothingToDo = shown.workflow === 'running' && shown.differences_in_all === 0;
  if (json || (nothingToDo && !yes)) return undefined;
  if (shown.missing > 0)
    throw new CliFailure(
      EXIT.refused,
      `${plural(shown.missing, 'event')} that the decision log names are not in the archive any more: without them it cannot be made anew.`,
    );
  await confirmed(
    deps,
    yes,
    `${clean(shown.onboarding_id)} goes on in a new workflow; --confirm ${shown.confirm} does just this.`,
  );
  return shown.confirm;
}

const STATES = {
  running: 'runs',
  ended: 'has ended',
  stuck: 'runs and does not answer',
  unknown: 'is not on this Temporal server',
} as const;
const LEFT_OUT = ' …';

function sayShown(told: OnboardingRebuildView): string {
  const { onboarding_id: id, workflow, differences, differences_in_all: all, present_digest: present, unlogged } = told;
  const head = `${clean(id)} ${STATES[workflow]}. `;
  const more = unlogged.events + unlogged.told;
  const tail = more > 0 ? `${plural(more, 'fact')} that no log has yet would go in too.\n` : '';
  if (present === null) return `${head}It cannot be asked, so there is nothing to compare with.\n${tail}`;
  if (all === 0) return `${head}Made anew it would be the same.\n${tail}`;
  const lines = differences.map(sayDifference).join('');
  const rest = all > differences.length ? `${LEFT_OUT} ${all - differences.length} more\n` : '';
  return `${head}Made anew, ${plural(all, 'thing')} would change:\n${lines}${rest}${tail}`;
}

function sayDifference({ field, present, rebuilt }: OnboardingRebuildView['differences'][number]): string {
  if (present === null) return `+ ${clean(`${field}: ${rebuilt ?? ''}`)}\n`;
  if (rebuilt === null) return `- ${clean(`${field}: ${present}`)}\n`;
  return `~ ${clean(`${field}: ${present} -> ${rebuilt}`)}\n`;
}

const sayDone = ({ onboarding_id: id, workflow_id: workflow }: OnboardingRebuildView): string =>
  `${clean(id)} was made anew and goes on as ${clean(workflow)}.\n`;

type Who = { readonly by: string | undefined; readonly reason: string | undefined };

/** The lists: begun in the name of somebody, else only told of. */
async function lists(desk: Desk, { by, reason }: Who): Promise<void> {
  const path = '/api/v1/rebuild';
  const answer = await (by === undefined
    ? desk.client.get<ReadModelRebuildView>(path)
    : desk.client.post<ReadModelRebuildView>(path, { by, reason }));
  desk.answer(answer, sayLists);
}

function sayLists({ state, rebuilt, unanswered, examples }: ReadModelRebuildView): string {
  if (state === 'never') return 'The lists were never made anew; `slipway rebuild --by <person>` does so.\n';
  const count = `${plural(rebuilt, 'onboarding')} written again`;
  const alone =
    unanswered > 0
      ? `, ${unanswered} from archive and log because no workflow answered: ${clean(examples.join(', '))}`
      : '';
  return state === 'running'
    ? `The lists are being made anew: ${count} so far${alone}. \`slipway rebuild\` tells how far it is.\n`
    : `The lists were made anew: ${count}${alone}.\n`;
}
