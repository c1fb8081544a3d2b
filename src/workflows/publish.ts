import { continueAsNew, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../contracts/activities.js';
import type { PublishInput } from '../contracts/messages.js';

const { announcePolicy } = proxyActivities<Pick<Activities, 'announcePolicy'>>({
  startToCloseTimeout: '1 min',
  retry: { initialInterval: '1 s', maximumInterval: '1 min' },
});

/** Real seconds of signals in one page. */
const PAGE_SECONDS = 5;

/** Tells every open onboarding of a new policy, so many a second: each fetches its cut when told, so the store sees no herd. */
export async function publish(input: PublishInput): Promise<void> {
  const { hash, perSecond } = input;
  const limit = Math.max(1, Math.round(perSecond * PAGE_SECONDS));
  let cursor = input.cursor ?? null;
  do {
    const page = await announcePolicy.executeWithOptions(
      { summary: cursor === null ? 'First page' : `After ${cursor}`.slice(0, 100) },
      [{ hash, cursor, limit }],
    );
    cursor = page.cursor;
    if (cursor === null) return;
    await sleep((page.told / perSecond) * 1_000, { summary: 'Spread the load' });
  } while (!workflowInfo().continueAsNewSuggested);
  await continueAsNew<typeof publish>({ ...input, cursor });
}
