import type { Command } from 'commander';
import { type CliDeps, type Common, deskOf, withCommon } from '../desk.js';
import { CliFailure, EXIT } from '../failure.js';
import { clean, plural } from '../text.js';

interface Outcome {
  readonly id: string;
  readonly redelivered: boolean;
  /** Why not. */
  readonly error?: string;
}

/** `slipway redeliver <ids…>`: hands events to their workflows once more. */
export function redeliver(program: Command, deps: CliDeps): void {
  const command = program
    .command('redeliver <ids...>')
    .description('hand events to their workflows once more; what was applied already counts as a duplicate there');
  withCommon(command).action(async (ids: readonly string[], options: Common) => {
    const desk = deskOf(deps, options);
    const outcomes: Outcome[] = [];
    let worst: CliFailure | undefined;
    for (const id of ids) {
      try {
        await desk.client.post(`/api/v1/events/${encodeURIComponent(id)}/redeliver`, {});
        outcomes.push({ id, redelivered: true });
      } catch (error) {
        // Where nobody answers, the rest would wait in vain as well.
        if (!(error instanceof CliFailure) || error.exit === EXIT.unreachable) throw error;
        worst ??= error;
        outcomes.push({ id, redelivered: false, error: error.message });
      }
    }
    desk.answer({ data: outcomes }, ({ data }) =>
      data
        .filter(({ redelivered }) => redelivered)
        .map(tell)
        .join(''),
    );
    if (worst) throw new CliFailure(worst.exit, sentence(outcomes));
  });
}

const tell = ({ id }: Outcome): string => `${clean(id)} is on its way to its workflow again.\n`;

function sentence(outcomes: readonly Outcome[]): string {
  const failed = outcomes.filter(({ redelivered }) => !redelivered);
  const why = failed.map(({ error }) => error).join(' ');
  return outcomes.length === 1 ? why : `${failed.length} of ${plural(outcomes.length, 'event')} went nowhere. ${why}`;
}
