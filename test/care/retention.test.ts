import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RETENTION_SCHEDULE, type RetentionTally } from '../../src/contracts/care.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { DAY_MS } from '../../src/domain/time/duration.js';
import { ensureRetentionSchedule } from '../../src/temporal/schedules.js';
import { arrival, ping } from '../store/arrivals.js';
import { eventually } from '../support/temporal.js';
import { type CareStand, careStand, untilDone } from './care-stand.js';

describe('retention by schedule', () => {
  let stand: CareStand;
  beforeAll(async () => {
    stand = await careStand({ clock: REAL_CLOCK, settings: { sources: { sandbox: 14 * DAY_MS } } });
  });
  afterAll(() => stand.close());

  const ensure = (speed = 1) =>
    ensureRetentionSchedule({ ...stand, clock: { anchorReal: 0, anchorVirtual: 0, speed } });
  const described = () => stand.client.schedule.getHandle(RETENTION_SCHEDULE).describe();
  const entries = async () => (await stand.store.audit.entries({ action: 'retention.run', limit: 10 })).data;

  it('is made once, by however many servers start at once, and brought up to date', async () => {
    const made = await Promise.all([ensure(), ensure(), ensure()]);

    expect(made.filter((one) => one === 'created')).toHaveLength(1);
    const { policies, spec, info } = await described();
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: DAY_MS });
    expect(spec.jitter).toBe(30 * 60_000);
    const next = info.nextActionTimes[0] as Date;
    expect(next.getUTCHours()).toBe(4);
    expect(await stand.care.nextRetention()).toBe(next.getTime());
  });

  it('runs once a day of a fast clock, a minute apart at the least', async () => {
    await ensure(24);
    expect((await described()).spec.intervals).toMatchObject([{ every: 3_600_000 }]);
    await ensure(86_400);
    expect((await described()).spec.intervals).toMatchObject([{ every: 60_000 }]);
    await ensure();
    expect((await described()).spec.intervals ?? []).toEqual([]);
  });

  it('stays paused where an operator paused it', async () => {
    const handle = stand.client.schedule.getHandle(RETENTION_SCHEDULE);
    await handle.pause('looking into something');

    await ensure();
    expect((await described()).state).toMatchObject({ paused: true, note: 'looking into something' });
    expect(await stand.care.nextRetention()).toBeNull();
    await handle.unpause();
  });

  it('deletes what is over when it is triggered, and leaves one entry in the audit log', async () => {
    const old = Date.now() - 20 * DAY_MS;
    for (let n = 0; n < 3; n++)
      await stand.store.inbox.accept({ ...ping(`evt_${n}`), source: 'sandbox', receivedAt: old, receivedVirtual: old });
    await stand.store.inbox.accept({ ...arrival('evt_kept'), receivedAt: old, receivedVirtual: old });

    await stand.care.runRetention();
    const [entry] = await eventually(async () => {
      const found = await entries();
      return found.length > 0 ? found : undefined;
    });

    expect(entry).toMatchObject({ actor: 'slipway', after: { events: 3, sends: 0 }, before: null });
    expect(entry?.subject).toMatch(/^retention\/[0-9a-f-]{36}$/);
    expect((await stand.store.events.events({ limit: 10 })).data.map((row) => row.eventId)).toEqual(['evt_kept']);
  });

  it('goes on in a new run where its history grows long, and still leaves one entry', async () => {
    const before = (await entries()).length;
    const handle = await stand.client.workflow.start('retention', {
      workflowId: 'retention-long',
      taskQueue: stand.taskQueue,
      args: [
        {
          plan: { clock: REAL_CLOCK, events: 0, eventsBySource: {}, sends: 0, rejections: 0, audit: 0 },
          stage: 'events',
          cursor: null,
          deleted: { events: 5, sends: 0, rejections: 0, audit: 0, tokens: 0, requests: 0 },
          maxHistory: 8,
        },
      ],
    });

    const tally: RetentionTally = await handle.result();
    expect(tally.events).toBe(5);
    expect((await entries()).length).toBe(before + 1);
    const runs: string[] = [];
    for await (const run of stand.client.workflow.list({ query: "WorkflowId = 'retention-long'" }))
      runs.push(run.status.name);
    expect(runs.filter((status) => status === 'CONTINUED_AS_NEW').length).toBeGreaterThan(1);
  });

  it('has erasures that nobody works on begun, and those that wait look again', async () => {
    // As after a start on which Temporal was away: it was asked for, and no workflow knows of it.
    const { id } = await stand.store.erasures.ask({
      subject: { kind: 'contact', email: 'nobody@customer.example' },
      by: 'dpo',
      reason: 'x',
    });

    await stand.care.runRetention();
    await untilDone(stand, id);
  });
});
