import type { AuditLog } from '../contracts/audit.js';
import type {
  CareActivities,
  CareGateway,
  ErasureStore,
  Purged,
  RetentionPlan,
  RetentionStore,
} from '../contracts/care.js';
import type { Observer } from '../contracts/observer.js';
import type { RetentionSettings } from '../domain/policy/retention.js';
import { type Clock, toReal, toVirtual } from '../domain/time/clock.js';
import { whileHeartbeating } from './heartbeat.js';
import { passingOutages } from './outage.js';

export interface RetentionDeps {
  readonly retention: RetentionStore;
  readonly erasures: Pick<ErasureStore, 'unfinished'>;
  readonly care: Pick<CareGateway, 'resumeErasure'>;
  readonly audit: AuditLog;
  /** Of the policy in force. */
  readonly retentionSettings: () => Promise<RetentionSettings>;
  readonly clock: Clock;
  /** Real epoch ms. */
  readonly now: () => number;
  readonly observer: Observer;
}

/** Real. One call of a page works this long at the most, so that a history holds calls and not every few rows. */
const WORK_MS = 5_000;

type Ours = 'planRetention' | 'purge' | 'resumeErasures' | 'concludeRetention';

/** What a run of retention does to the world. Every call may be tried again: what is deleted stays deleted. */
export function createRetentionActivities(deps: RetentionDeps): Pick<CareActivities, Ours> {
  return {
    planRetention: () => passingOutages(() => plan(deps)),
    purge: (page) =>
      whileHeartbeating((signal) =>
        passingOutages(async () => {
          const until = deps.now() + WORK_MS;
          let done: Purged = { cursor: page.cursor, deleted: 0 };
          do {
            signal.throwIfAborted();
            const next = await deps.retention.purge({ ...page, cursor: done.cursor });
            if (next.deleted > 0)
              deps.observer.count('slipway_retention_deleted_total', { what: page.stage }, next.deleted);
            done = { cursor: next.cursor, deleted: done.deleted + next.deleted };
          } while (done.cursor !== null && deps.now() < until);
          return done;
        }),
      ),
    resumeErasures: () =>
      whileHeartbeating((signal) =>
        passingOutages(async () => {
          const unfinished = await deps.erasures.unfinished();
          for (const erasure of unfinished) {
            signal.throwIfAborted();
            await deps.care.resumeErasure(erasure);
          }
          return { resumed: unfinished.length };
        }),
      ),
    concludeRetention: ({ run, deleted }) =>
      passingOutages(async () => {
        const [entered] = (await deps.audit.entries({ subject: run, limit: 1 })).data;
        if (entered) return;
        await deps.audit.record({
          at: deps.now(),
          actor: 'slipway',
          action: 'retention.run',
          subject: run,
          before: null,
          after: deleted,
          reason: 'What was kept long enough was deleted.',
        });
      }),
  };
}

/** Days of retention are days of the virtual clock; what is noted on the wall's clock is looked up by it. */
async function plan({ retentionSettings, clock, now }: RetentionDeps): Promise<RetentionPlan> {
  const settings = await retentionSettings();
  const at = toVirtual(clock, now());
  const ago = (ms: number): number => at - ms;
  return {
    clock,
    events: ago(settings.eventsMs),
    eventsBySource: Object.fromEntries(Object.entries(settings.sources).map(([name, ms]) => [name, ago(ms)])),
    sends: ago(settings.sendsMs),
    rejections: toReal(clock, ago(settings.rejectionsMs)),
    audit: toReal(clock, ago(settings.auditMs)),
    messages: ago(settings.messagesMs),
    at,
  };
}
