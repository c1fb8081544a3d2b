import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { type CareDeps, createCareActivities } from '../../src/activities/care.js';
import type { AuditEntry } from '../../src/contracts/audit.js';
import { GatewayError } from '../../src/contracts/gateway.js';
import { StoreUnavailable } from '../../src/contracts/inbox.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { DAY_MS } from '../../src/domain/time/duration.js';
import { ObserverDouble } from './send-doubles.js';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const unexpected = (): never => expect.fail('nobody expected this call');

function depsOf(more: Partial<CareDeps> = {}): CareDeps & { readonly entries: AuditEntry[] } {
  const entries: AuditEntry[] = [];
  return {
    entries,
    retention: { purge: unexpected },
    erasures: {
      ask: unexpected,
      find: unexpected,
      list: unexpected,
      unfinished: unexpected,
      erase: unexpected,
      workflows: unexpected,
      note: unexpected,
      conclude: unexpected,
    },
    care: { resumeErasure: unexpected, deleteRuns: unexpected },
    audit: {
      record: async (entry) => void entries.push(entry),
      entries: async ({ subject }) => ({
        data: entries.filter((one) => one.subject === subject).map((one) => ({ ...one, seq: '1' })),
        next_cursor: null,
      }),
    },
    retentionSettings: async () => ({
      eventsMs: 90 * DAY_MS,
      rejectionsMs: 30 * DAY_MS,
      sendsMs: 60 * DAY_MS,
      auditMs: 400 * DAY_MS,
      messagesMs: 45 * DAY_MS,
      sources: { sandbox: 14 * DAY_MS },
    }),
    clock: REAL_CLOCK,
    now: () => NOW,
    observer: new ObserverDouble(),
    ...more,
  };
}

const run = <T>(work: () => Promise<T>): Promise<T> => new MockActivityEnvironment().run<[], T, () => Promise<T>>(work);
const PAGE = { stage: 'events', cursor: null } as const;

describe('a run of retention', () => {
  it('counts days on the virtual clock, also for what is noted on the wall’s', async () => {
    const tenTimes = { anchorReal: NOW - DAY_MS, anchorVirtual: NOW - DAY_MS, speed: 10 };
    const virtual = NOW + 9 * DAY_MS;
    const { planRetention } = createCareActivities(depsOf({ clock: tenTimes }));

    expect(await run(planRetention)).toEqual({
      clock: tenTimes,
      events: virtual - 90 * DAY_MS,
      eventsBySource: { sandbox: virtual - 14 * DAY_MS },
      sends: virtual - 60 * DAY_MS,
      // 30 virtual days are 3 real ones.
      rejections: NOW - 3 * DAY_MS,
      audit: NOW - 40 * DAY_MS,
      messages: virtual - 45 * DAY_MS,
      at: virtual,
    });
  });

  it('deletes for some seconds in one call, counts what, and says where to go on', async () => {
    let now = NOW;
    const observer = new ObserverDouble();
    const purge: CareDeps['retention']['purge'] = async ({ cursor }) => {
      now += 2_000;
      return { cursor: String(Number(cursor) + 500), deleted: 500 };
    };
    const activities = createCareActivities(depsOf({ observer, now: () => now, retention: { purge } }));
    const plan = await run(activities.planRetention);

    expect(await run(() => activities.purge({ ...PAGE, plan }))).toEqual({ cursor: '1500', deleted: 1_500 });
    expect(observer.counted).toEqual(Array(3).fill('slipway_retention_deleted_total events'));
  });

  it('is tried again by the server where the store is away', async () => {
    const purge = () => Promise.reject(new StoreUnavailable('away'));
    const activities = createCareActivities(depsOf({ retention: { purge } }));
    const plan = await run(activities.planRetention);

    await expect(run(() => activities.purge({ ...PAGE, plan }))).rejects.toMatchObject({ type: 'StoreUnavailable' });
  });

  it('leaves one entry in the audit log, however often that is tried', async () => {
    const deps = depsOf();
    const { concludeRetention } = createCareActivities(deps);
    const deleted = { events: 5, sends: 0, rejections: 0, audit: 0, tokens: 0, requests: 0, messages: 0 };

    for (let n = 0; n < 3; n++) await run(() => concludeRetention({ run: 'retention/1', deleted }));
    expect(deps.entries).toMatchObject([
      { actor: 'slipway', action: 'retention.run', subject: 'retention/1', after: deleted },
    ]);
  });
});

describe('an erasure', () => {
  it('deletes what has closed, waits for what is open, and asks of nothing twice that is gone', async () => {
    const asked: string[] = [];
    const noted: unknown[] = [];
    const base = depsOf();
    const answers = { a: 'open', b: 'deleting', c: 'none' } as const;
    const { settleErasure } = createCareActivities({
      ...base,
      erasures: {
        ...base.erasures,
        workflows: async () => [
          { workflowId: 'a', state: 'open', mayEnd: false },
          { workflowId: 'b', state: 'open', mayEnd: true },
          { workflowId: 'c', state: 'deleting', mayEnd: false },
          { workflowId: 'd', state: 'deleted', mayEnd: true },
        ],
        note: async (_, workflows) => void noted.push(...workflows),
      },
      care: {
        ...base.care,
        deleteRuns: async (id, { evenRunning }) => {
          asked.push(`${id} ${evenRunning}`);
          return answers[id as keyof typeof answers];
        },
      },
    });

    expect(await run(() => settleErasure({ erasure: 'era_1' }))).toEqual({ open: 1, deleting: 1, ended: 1 });
    expect(asked).toEqual(['a false', 'b true', 'c false']);
    expect(noted).toEqual([
      { workflowId: 'a', state: 'open' },
      { workflowId: 'b', state: 'deleting' },
      { workflowId: 'c', state: 'deleted' },
      { workflowId: 'd', state: 'deleted' },
    ]);
  });

  it('is tried again by the server where Temporal does not answer', async () => {
    const base = depsOf();
    const { resumeErasures } = createCareActivities({
      ...base,
      erasures: { ...base.erasures, unfinished: async () => ['era_1'] },
      care: { ...base.care, resumeErasure: () => Promise.reject(new GatewayError('away')) },
    });

    await expect(run(resumeErasures)).rejects.toMatchObject({ type: 'TemporalUnavailable' });
  });
});
