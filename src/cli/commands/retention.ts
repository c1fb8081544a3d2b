import type { Command } from 'commander';
import type { RetentionView } from '../../contracts/api.js';
import { type CliDeps, type Common, deskOf, withCommon } from '../desk.js';
import { pairs } from '../table.js';
import { when } from '../text.js';

const PATH = '/api/v1/retention';

/** `slipway retention [run]`: what was deleted because it was old enough, and when that happens next. */
export function retention(program: Command, deps: CliDeps): void {
  const command = program
    .command('retention')
    .description('tell what the last run of retention deleted and when the next one is; `run` runs it now')
    // Both have --json and --url: one behind `run` is of `run`.
    .enablePositionalOptions();
  withCommon(command).action(async (options: Common) => {
    const desk = deskOf(deps, options);
    desk.answer(await desk.client.get<RetentionView>(PATH), describe);
  });
  const now = command
    .command('run')
    .description('run it now; a run that is under way is left alone')
    .requiredOption('--by <person>', 'who asks for it: person id or e-mail')
    .option('--reason <text>', 'kept in the audit log');
  withCommon(now).action(async ({ by, reason, ...common }: Common & { by: string; reason?: string }) => {
    const desk = deskOf(deps, common);
    const answer = await desk.client.post<{ triggered: true }>(`${PATH}/run`, { by, reason });
    desk.answer(answer, () => 'Retention runs; `slipway retention` tells what it deleted.\n');
  });
}

function describe({ last_run: last, next_run_at: next }: RetentionView): string {
  const deleted = Object.entries(last?.deleted ?? {}).map(([kind, count]) => `${kind} ${count}`);
  return pairs([
    ['Last run', last === null ? 'never' : `${when(last.at)} UTC`],
    ['Deleted', last === null ? null : deleted.join(', ') || 'nothing'],
    ['Next run', next === null ? 'none: its schedule is paused' : `${when(next)} UTC`],
  ]);
}
