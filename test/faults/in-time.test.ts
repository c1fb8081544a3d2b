import { describe, expect, it } from 'vitest';
import type { Onboarding } from '../../src/contracts/api.js';
import { lateTimers, type WorkflowSeen } from './parts/histories.js';
import type { Observed } from './parts/observe.js';
import type { Outage } from './parts/outage.js';
import { at, escalation, judged, listed, type Plant, violated, workflow } from './parts/planted-run.js';

/** I5: what keeps a chase from leaving excuses it, for so long and no longer. */
describe('the checker of lateness', () => {
  const broken = (stops: Outage['stops'], fromMs = -1_000): Outage => ({ from: at + fromMs, to: at + 50_000, stops });
  const lateBy = (afterMs: number, over: Partial<WorkflowSeen> = {}): Partial<Observed> => ({
    workflows: [workflow(over)],
    escalations: [escalation({ at: new Date(at + afterMs).toISOString() })],
  });

  it('allows for an outage of who acts that began in time, and not for longer', async () => {
    expect(violated(await judged({ outage: broken('acts'), observed: lateBy(54_000) }))).toEqual([]);
    expect(violated(await judged({ outage: broken('acts'), observed: lateBy(56_000) }))).toEqual(['I5']);
    expect(violated(await judged({ outage: broken('acts', 6_000), observed: lateBy(54_000) }))).toEqual(['I5']);
  });

  it('allows while a server is gone for what waited for an event, and for nothing else', async () => {
    const outage = broken('hears');
    const late = (signalledAt: readonly number[]) => judged({ outage, observed: lateBy(30_000, { signalledAt }) });

    expect(violated(await late([at + 26_000]))).toEqual([]);
    expect(violated(await late([at + 24_000, at + 31_000]))).toEqual(['I5']);
    expect(violated(await late([]))).toEqual(['I5']);
    expect(violated(await judged({ observed: lateBy(30_000, { signalledAt: [at + 26_000] }) }))).toEqual(['I5']);
  });

  it('finds (I5) a send that was due and never tried, unless its clock stands still or its time is not over', async () => {
    const waiting = (over: object, hold: Onboarding['hold'] = null, dueAgoMs = 6_000): Plant => ({
      taken: [],
      observed: {
        onboardings: listed({ hold }),
        escalations: [
          { ...escalation({ status: 'waiting', at: null, tries: 0, due_at: ago(dueAgoMs) }), rule: 'at_risk', ...over },
        ],
      },
    });
    const ago = (ms: number): string => new Date(at - ms).toISOString();

    expect(violated(await judged(waiting({})))).toEqual(['I5']);
    expect(violated(await judged(waiting({}, 'waiting')))).toEqual(['I5']);
    expect(violated(await judged(waiting({}, 'paused')))).toEqual([]);
    expect(violated(await judged(waiting({}, null, 4_000)))).toEqual([]);
    expect(violated(await judged(waiting({ status: 'resolved' })))).toEqual([]);
  });

  it('reads from a history which timers Temporal fired late', () => {
    const seconds = (n: number) => ({ seconds: n as never, nanos: 0 });
    const started = (timerId: string, from: number) => ({
      eventTime: seconds(from),
      timerStartedEventAttributes: { timerId, startToFireTimeout: seconds(3) },
    });
    const fired = (timerId: string, when: number) => ({
      eventTime: seconds(when),
      timerFiredEventAttributes: { timerId },
    });

    const late = lateTimers([started('1', 10), started('2', 10), fired('2', 14), started('3', 20), fired('1', 39)]);

    expect(late).toEqual([{ due: 13_000, fired: 39_000 }]);
  });

  it('tells beside I5 what Temporal itself fired late, and no more than that', async () => {
    const timer = { due: at + 300, fired: at + 30_000 };
    const sent = (afterMs: number, timers = [timer]): Plant => ({
      observed: {
        workflows: [workflow({ lateTimers: timers })],
        escalations: [escalation({ at: new Date(at + afterMs).toISOString() })],
      },
    });

    const excused = await judged(sent(34_000));

    expect(violated(excused)).toEqual([]);
    expect(excused.find(({ id }) => id === 'I5')?.note).toMatch(/; 1 waited for timers that Temporal fired late$/);
    expect(violated(await judged(sent(36_000)))).toEqual(['I5']);
    expect(violated(await judged(sent(34_000, [{ due: at - 60_000, fired: at - 1 }])))).toEqual(['I5']);
    expect(violated(await judged(sent(34_000, [{ due: at + 2_000, fired: at + 30_000 }])))).toEqual(['I5']);
  });
});
