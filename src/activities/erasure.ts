import type { AuditLog } from '../contracts/audit.js';
import type { CareActivities, CareGateway, ErasureStore, ErasureWorkflow } from '../contracts/care.js';
import { whileHeartbeating } from './heartbeat.js';
import { passingOutages } from './outage.js';

export interface ErasureDeps {
  readonly erasures: ErasureStore;
  readonly care: Pick<CareGateway, 'deleteRuns'>;
  readonly audit: AuditLog;
  /** Real epoch ms. */
  readonly now: () => number;
}

/** Real, as for retention. */
const WORK_MS = 5_000;

type Ours = 'eraseFrom' | 'settleErasure' | 'concludeErasure';

/** What an erasure does to the world. Every call may be tried again. */
export function createErasureActivities(deps: ErasureDeps): Pick<CareActivities, Ours> {
  return {
    eraseFrom: ({ erasure, pass, cursor: from }) =>
      whileHeartbeating((signal) =>
        passingOutages(async () => {
          const until = deps.now() + WORK_MS;
          let erased = 0;
          let cursor = from;
          do {
            signal.throwIfAborted();
            const page = await deps.erasures.erase(erasure, pass, cursor);
            erased += page.erased;
            cursor = page.cursor;
          } while (cursor !== null && deps.now() < until);
          return { cursor, erased };
        }),
      ),
    settleErasure: ({ erasure }) => whileHeartbeating((signal) => passingOutages(() => settle(deps, erasure, signal))),
    concludeErasure: ({ erasure }) => passingOutages(() => conclude(deps, erasure)),
  };
}

async function settle({ erasures, care }: ErasureDeps, erasure: string, signal: AbortSignal) {
  const settled: ErasureWorkflow[] = [];
  let ended = 0;
  for (const { workflowId, state, mayEnd } of await erasures.workflows(erasure)) {
    signal.throwIfAborted();
    const next = state === 'deleted' ? state : await stateAfter(care, workflowId, mayEnd);
    if (state === 'open' && next !== 'open') ended += 1;
    settled.push({ workflowId, state: next });
  }
  await erasures.note(erasure, settled);
  const count = (state: ErasureWorkflow['state']) => settled.filter((one) => one.state === state).length;
  return { open: count('open'), deleting: count('deleting'), ended };
}

async function stateAfter(
  care: ErasureDeps['care'],
  workflowId: string,
  mayEnd: boolean,
): Promise<ErasureWorkflow['state']> {
  const answer = await care.deleteRuns(workflowId, { evenRunning: mayEnd });
  return answer === 'none' ? 'deleted' : answer;
}

async function conclude({ erasures, audit, now }: ErasureDeps, id: string): Promise<void> {
  const erasure = await erasures.find(id);
  if (!erasure) return;
  const [entered] = (await audit.entries({ subject: id, action: 'erasure.done', limit: 1 })).data;
  if (!entered)
    await audit.record({
      at: now(),
      actor: 'slipway',
      action: 'erasure.done',
      subject: id,
      before: null,
      after: { kind: erasure.kind, workflows: erasure.workflows.length, ...erasure.erased },
      reason: 'Nothing of the person is left that the erasure was asked for.',
    });
  await erasures.conclude(id);
}
