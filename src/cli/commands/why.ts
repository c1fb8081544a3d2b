import type { Command } from 'commander';
import type { Why } from '../../contracts/api.js';
import type { Query } from '../client.js';
import { type CliDeps, type Common, deskOf, instant, withChoice, withCommon } from '../desk.js';
import { clean, when } from '../text.js';

/** `slipway why <id>`: why somebody is chased, or is not. */
export function why(program: Command, deps: CliDeps): void {
  const command = program
    .command('why <onboarding>')
    .description('explain what each rule decides of an onboarding, now or at an instant of the past')
    .option('--at <instant>', 'e.g. 2026-12-01T09:00Z', instant);
  withCommon(withChoice(command)).action(async (id: string, { at, workspace, mode, ...common }: Common & Query) => {
    const desk = deskOf(deps, common);
    const answer = await desk.client.get<Why>(`/api/v1/onboardings/${encodeURIComponent(id)}/why`, {
      at,
      workspace,
      mode,
    });
    desk.answer(answer, (told) => tell(id, told));
  });
}

function tell(id: string, { at, lines, wake }: Why): string {
  const columns = Math.max(0, ...lines.map(({ about }) => about.length));
  const rules = lines.map(({ about, fires, text, due_at: due }) => {
    const later = due === null ? '' : ` (due ${when(due)})`;
    return `${fires ? '!' : ' '} ${about.padEnd(columns)}  ${clean(text)}${later}\n`;
  });
  const next = wake ? `Next look: ${when(wake.at)}, ${clean(wake.label)}` : 'Nothing changes until something is heard';
  return `${clean(id)} at ${when(at)} UTC; ! marks what holds\n\n${rules.join('')}\n${next}.\n`;
}
