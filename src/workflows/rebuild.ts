import { continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import {
  progressQuery,
  type RebuildActivities,
  type RebuildInput,
  type RebuildProgress,
} from '../contracts/rebuild.js';

const { rebuildReadModel } = proxyActivities<RebuildActivities>({
  startToCloseTimeout: '15 min',
  heartbeatTimeout: '30 s',
  retry: { initialInterval: '1 s', maximumInterval: '1 min' },
});

const PAGE = 100;
const EXAMPLES = 20;

/** Writes every row of the read model again, page by page; started once more it begins at the front. */
export async function rebuild(input: RebuildInput): Promise<RebuildProgress> {
  let { cursor, progress } = input;
  setHandler(progressQuery, () => progress, { description: 'How far it has come' });
  do {
    const page = await rebuildReadModel.executeWithOptions(
      { summary: cursor === null ? 'First page' : `After ${cursor}`.slice(0, 100) },
      [{ cursor, limit: PAGE }],
    );
    cursor = page.cursor;
    progress = {
      rebuilt: progress.rebuilt + page.rebuilt,
      unanswered: progress.unanswered + page.unanswered.length,
      examples: [...progress.examples, ...page.unanswered].slice(0, EXAMPLES),
    };
    if (cursor === null) return progress;
  } while (!isFull(input));
  return await continueAsNew<typeof rebuild>({ ...input, cursor, progress });
}

function isFull({ maxHistory }: RebuildInput): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || (maxHistory !== undefined && historyLength > maxHistory);
}
