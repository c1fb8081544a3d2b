import {
  condition,
  continueAsNew,
  log,
  proxyActivities,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type CareActivities,
  ERASURE_STAGES,
  type ErasureInput,
  type ErasureProgress,
  type ErasureStage,
  lookAgainSignal,
} from '../contracts/care.js';

const activities = proxyActivities<CareActivities>({
  startToCloseTimeout: '1 min',
  heartbeatTimeout: '20 s',
  retry: { initialInterval: '1 s', maximumInterval: '1 min' },
});

const MAX_HISTORY = 1_000;
/** Real. The server deletes a history once its close is on every list, which took it 20 s here; it is asked ever less often. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * One erasure, until nothing of the person is left: cleans the store page by page, then deletes the histories of what has
 * closed. What is open goes on and projects what it knows again, so the store is cleaned once more after it has closed.
 * It waits without a timer: every run of retention has it look again.
 */
export async function erasure(input: ErasureInput): Promise<void> {
  let { stage, cursor, ended } = input;
  let isToLook = false;
  let pauseMs = FIRST_PAUSE_MS;
  setHandler(lookAgainSignal, () => void (isToLook = true), { description: 'Something may have closed: look again' });
  setDefaultSignalHandler((name) => log.warn('A signal of an unknown name came in and was left alone', { name }));

  for (;;) {
    if (stage === 'settle') {
      isToLook = false;
      const progress = await settle(input.erasure);
      ended += progress.ended;
      if (progress.deleting > 0) {
        await sleep(pauseMs, { summary: 'Until Temporal has let go of the histories' });
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      } else if (ended > 0) [stage, ended] = [CLEANING, 0];
      else if (progress.open > 0) {
        await condition(() => isToLook);
        stage = CLEANING;
      } else break;
    } else {
      const page = await activities.eraseFrom.executeWithOptions({ summary: `Clean: ${stage.replace('_', ' ')}` }, [
        { erasure: input.erasure, pass: stage, cursor },
      ]);
      cursor = page.cursor;
      if (cursor === null) stage = after(stage);
    }
    if (workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > (input.maxHistory ?? MAX_HISTORY))
      await continueAsNew<typeof erasure>({ ...input, stage, cursor, ended });
  }
  await activities.concludeErasure.executeWithOptions({ summary: 'Forget whom it was of' }, [
    { erasure: input.erasure },
  ]);
}

/** The archive is cleaned once: what arrives after that is new. */
const CLEANING = 'onboardings';

function after(stage: (typeof ERASURE_STAGES)[number]): ErasureStage {
  return ERASURE_STAGES[ERASURE_STAGES.indexOf(stage) + 1] ?? 'settle';
}

async function settle(erasure_: string): Promise<ErasureProgress> {
  const progress = await activities.settleErasure.executeWithOptions(
    { summary: 'Delete the histories of what closed' },
    [{ erasure: erasure_ }],
  );
  setCurrentDetails(
    progress.open > 0
      ? `Waits for ${progress.open} workflows that know the person and are still open.`
      : `${progress.deleting} histories are on their way out.`,
  );
  return progress;
}
