import { continueAsNew, patched, proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import {
  type CareActivities,
  type RetentionInput,
  type RetentionPlan,
  type RetentionTally,
} from '../contracts/care.js';
import { RETENTION_STAGES, type RetentionStage } from '../contracts/retention-stages.js';

/** A page looks at some hundred rows at a time and stops by itself after seconds; what is deleted stays so. */
const activities = proxyActivities<CareActivities>({
  startToCloseTimeout: '1 min',
  heartbeatTimeout: '20 s',
  retry: { initialInterval: '1 s', maximumInterval: '1 min' },
});

const MAX_HISTORY = 1_000;

const WORDS: Readonly<Record<RetentionStage, string>> = {
  events: 'Events beyond the close of their onboarding',
  sends: 'Messages beyond the close of their onboarding',
  rejections: 'Rejections',
  audit: 'Audit log',
  tokens: 'Tokens revoked or expired',
  requests: 'Answers kept for repeats of a request',
  messages: 'Outgoing webhooks and their attempts',
};

/**
 * One run of retention: fixes what is over, deletes it page by page, wakes what erasures wait for, and leaves one entry
 * in the audit log. It has no cut-off of its own: a run that is late goes on, and the schedule skips the next one.
 */
export async function retention(input?: RetentionInput): Promise<RetentionTally> {
  let { plan, stage, cursor, deleted } = input ?? (await begin());
  deleted = { ...NOTHING, ...deleted };
  const maxHistory = input?.maxHistory ?? MAX_HISTORY;
  for (;;) {
    const page = await activities.purge.executeWithOptions({ summary: WORDS[stage] }, [{ stage, plan, cursor }]);
    deleted = { ...deleted, [stage]: deleted[stage] + page.deleted };
    cursor = page.cursor;
    setCurrentDetails(details(deleted, stage));
    if (cursor === null) {
      const next = after(stage, plan);
      if (next === undefined) break;
      stage = next;
    }
    if (workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > maxHistory)
      await continueAsNew<typeof retention>({ plan, stage, cursor, deleted, maxHistory });
  }
  await activities.resumeErasures.executeWithOptions({ summary: 'Have erasures look again' }, []);
  const run = workflowInfo().firstExecutionRunId;
  await activities.concludeRetention.executeWithOptions({ summary: 'Enter it in the audit log' }, [
    { run: `retention/${run}`, deleted },
  ]);
  return deleted;
}

async function begin(): Promise<RetentionInput> {
  const plan = await activities.planRetention.executeWithOptions({ summary: 'What is over now' }, []);
  return { plan, stage: RETENTION_STAGES[0], cursor: null, deleted: NOTHING };
}

const NOTHING: RetentionTally = { events: 0, sends: 0, rejections: 0, audit: 0, tokens: 0, requests: 0, messages: 0 };

/**
 * A run that was planned before there were outgoing messages goes on as it began. The patch is for one that was planned
 * by a worker of this release and carried on by one of the former; it may go with the release after this.
 */
function after(stage: RetentionStage, plan: RetentionPlan): RetentionStage | undefined {
  const next = RETENTION_STAGES[RETENTION_STAGES.indexOf(stage) + 1];
  if (next !== 'messages') return next;
  return plan.messages !== undefined && patched('2026-11-retention-messages') ? next : undefined;
}

function details(deleted: RetentionTally, at: RetentionStage): string {
  const rows = RETENTION_STAGES.map(
    (stage) => `| ${WORDS[stage]} | ${deleted[stage]} | ${stage === at ? 'at it' : ''} |`,
  );
  return ['| Kept long enough | Deleted | |', '|---|---|---|', ...rows].join('\n');
}
