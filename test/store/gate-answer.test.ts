import { describe, expect, it } from 'vitest';
import type { GateQuestion } from '../../src/contracts/activities.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time/duration.js';
import { answerGate, type GateFacts, heardSince } from '../../src/store/gate-answer.js';
import { MONDAY_9AM } from './arrivals.js';
import { gateQuestion } from './gate-questions.js';

const DUE = MONDAY_9AM;
const SETTLE = 2 * MINUTE_MS;
const CATCH_UP = 30 * MINUTE_MS;

/** The edge has heard without a pause for a year, and nothing is catching up. */
const CALM: GateFacts = {
  waiting: 0,
  ownOldArrival: null,
  sourceOldArrival: null,
  heard: [{ from: DUE - 365 * DAY_MS, last: DUE + 365 * DAY_MS }],
};

/** The edge was silent in `[from, to)`. */
const silent = (from: number, to: number | null): GateFacts => ({
  ...CALM,
  heard: [{ from: DUE - 365 * DAY_MS, last: from }, ...(to === null ? [] : [{ from: to, last: to + 365 * DAY_MS }])],
});

const ask = (facts: GateFacts, now = DUE, change: Partial<GateQuestion> = {}) =>
  answerGate(gateQuestion(change), facts, now);
const untilOf = (facts: GateFacts, now = DUE, change: Partial<GateQuestion> = {}) => {
  const answer = ask(facts, now, change);
  return answer.open ? 'open' : answer.until;
};

describe('the gate', () => {
  it('is open when nothing is catching up', () => {
    expect(ask(CALM)).toEqual({ open: true });
  });

  describe('while rows of the workflow wait', () => {
    it('holds for one settle time from now, however long ago the send fell due', () => {
      expect(untilOf({ ...CALM, waiting: 1 }, DUE + HOUR_MS)).toBe(DUE + HOUR_MS + SETTLE);
    });

    it('says so in words', () => {
      expect(ask({ ...CALM, waiting: 1 })).toMatchObject({ reason: '1 received event waits to be applied' });
      expect(ask({ ...CALM, waiting: 2 })).toMatchObject({ reason: '2 received events wait to be applied' });
    });

    it('opens 12 hours after the due instant all the same', () => {
      expect(untilOf({ ...CALM, waiting: 1 }, DUE + 12 * HOUR_MS - 1_000)).toBe(DUE + 12 * HOUR_MS);
      expect(untilOf({ ...CALM, waiting: 1 }, DUE + 12 * HOUR_MS)).toBe('open');
    });
  });

  describe('while old events arrive', () => {
    it('holds until one settle time after the last of them', () => {
      const last = DUE - MINUTE_MS;
      expect(untilOf({ ...CALM, ownOldArrival: last })).toBe(last + SETTLE);
      expect(untilOf({ ...CALM, sourceOldArrival: last })).toBe(last + SETTLE);
      expect(untilOf({ ...CALM, ownOldArrival: last - 1, sourceOldArrival: last })).toBe(last + SETTLE);
    });

    it('opens 12 hours after the due instant all the same', () => {
      const now = DUE + 12 * HOUR_MS;
      expect(untilOf({ ...CALM, sourceOldArrival: now }, now)).toBe('open');
    });
  });

  describe('for what fell due while the edge was silent', () => {
    it.each([
      // severity, minutes the silence began before and ended after the due instant, hold after its end
      ['high', 5, 5.1, CATCH_UP],
      ['high', 200, 200, CATCH_UP],
      ['normal', 5, 5.1, 2 * HOUR_MS],
      ['normal', 15, 20, 2 * HOUR_MS],
      ['normal', 20, 20, 5 * HOUR_MS],
      ['normal', 100, 55, 5 * HOUR_MS],
      ['normal', 100, 56, 10 * HOUR_MS],
      ['normal', 2_000, 1_000, 10 * HOUR_MS],
    ] as const)('holds a %s send: silent from %d minutes before to %d after', (severity, before, after, hold) => {
      const end = DUE + after * MINUTE_MS;
      const facts = silent(DUE - before * MINUTE_MS, end);

      expect(untilOf(facts, end, { severity })).toBe(end + hold);
      expect(untilOf(facts, end + hold - 1, { severity })).toBe(end + hold);
      expect(untilOf(facts, end + hold, { severity })).toBe('open');
    });

    it('holds at least for catch_up where that is longer than the next try', () => {
      const end = DUE + 10 * MINUTE_MS;
      expect(untilOf(silent(DUE - MINUTE_MS, end), end, { catchUpMs: 3 * HOUR_MS })).toBe(end + 3 * HOUR_MS);
    });

    it('takes up to ten minutes for no silence', () => {
      expect(untilOf(silent(DUE - 5 * MINUTE_MS, DUE + 5 * MINUTE_MS), DUE + 5 * MINUTE_MS)).toBe('open');
    });

    it('holds what falls due while it is still catching up, and nothing later', () => {
      const end = DUE - HOUR_MS;
      const facts = silent(end - 20 * MINUTE_MS, end);
      expect(untilOf(facts, DUE)).toBe(end + 2 * HOUR_MS);
      expect(untilOf(facts, DUE, { severity: 'high' })).toBe('open');
      expect(untilOf(silent(DUE - 3 * HOUR_MS, DUE - 2.5 * HOUR_MS), DUE)).toBe('open');
    });

    it('leaves alone what fell due before it', () => {
      expect(untilOf(silent(DUE + 1, DUE + HOUR_MS), DUE + HOUR_MS)).toBe('open');
    });

    it('holds for no more than 12 hours after its end', () => {
      const end = DUE + HOUR_MS;
      const facts = { ...silent(DUE - HOUR_MS, end), waiting: 1 };
      expect(untilOf(facts, end + 12 * HOUR_MS - 1, { catchUpMs: DAY_MS })).toBe(end + 12 * HOUR_MS);
      expect(untilOf(facts, end + 12 * HOUR_MS, { catchUpMs: DAY_MS })).toBe('open');
    });

    it('lets a backlog settle after a weekend, although the due instant is long past', () => {
      const monday = DUE + 2 * DAY_MS;
      const facts = { ...silent(DUE - HOUR_MS, monday), sourceOldArrival: monday + 40 * MINUTE_MS };
      expect(untilOf(facts, monday + 41 * MINUTE_MS, { severity: 'high' })).toBe(monday + 42 * MINUTE_MS);
    });

    it('holds as long as the silence lasts: before the edge is heard again nothing can be known', () => {
      const facts = silent(DUE - HOUR_MS, null);
      const now = DUE + 3 * DAY_MS;
      expect(untilOf(facts, now, { severity: 'high' })).toBe(now + CATCH_UP);
      expect(untilOf(facts, now)).toBe(now + 10 * HOUR_MS);
    });
  });

  describe('what is sent after a silence', () => {
    const from = DUE - 3 * HOUR_MS;
    const to = DUE - 2 * HOUR_MS;

    it('says from when to when nothing was heard, for 24 hours', () => {
      const now = to + DAY_MS;
      const note =
        'Nothing was heard from 2026-11-23 05:00 to 2026-11-23 06:00 UTC: what happened then may be missing here.';
      expect(ask(silent(from, to), now, { dueAt: now })).toEqual({ open: true, note });
      expect(ask(silent(from, to), now + 1, { dueAt: now + 1 })).toEqual({ open: true });
    });

    it('says so too of one that lasts', () => {
      const answer = ask(silent(DUE + 1, null), DUE + HOUR_MS);
      expect(answer).toMatchObject({
        open: true,
        note: expect.stringContaining('Nothing has been heard since 2026-11-23 08:00 UTC'),
      });
    });
  });

  describe('on a fast clock', () => {
    /** A virtual day passes in a real minute; virtual and real are the same at the due instant. */
    const clock = { anchorReal: DUE, anchorVirtual: DUE, speed: 1_440 };

    it('measures waits of its own in virtual time', () => {
      const nowVirtual = DUE + HOUR_MS;
      const nowReal = DUE + HOUR_MS / 1_440;
      expect(untilOf({ ...CALM, waiting: 1 }, nowReal, { clock })).toBe(nowVirtual + SETTLE);
      expect(untilOf({ ...CALM, waiting: 1 }, DUE + 30_000, { clock })).toBe('open');
    });

    it('measures a silence in real time and shows it in virtual time', () => {
      const facts = silent(DUE - 5 * MINUTE_MS, DUE + 6 * MINUTE_MS);
      const endVirtual = DUE + 6 * DAY_MS;
      expect(untilOf(facts, DUE + 6 * MINUTE_MS, { clock, severity: 'high' })).toBe(endVirtual + CATCH_UP);
      // The sender's next try lies two real hours away, 120 virtual days: the longest hold comes first.
      expect(untilOf(facts, DUE + 6 * MINUTE_MS, { clock })).toBe(endVirtual + 12 * HOUR_MS);
      expect(untilOf(silent(DUE - MINUTE_MS, DUE + MINUTE_MS), DUE + MINUTE_MS, { clock })).toBe('open');
    });

    it('asks for spans far enough back', () => {
      expect(heardSince(gateQuestion({ clock }), DUE)).toBeLessThanOrEqual(DUE - 10 * HOUR_MS);
      expect(heardSince(gateQuestion(), DUE + 10 * DAY_MS)).toBeLessThanOrEqual(DUE - 12 * HOUR_MS);
      expect(heardSince(gateQuestion({ dueAt: DUE }), DUE)).toBeLessThanOrEqual(DUE - DAY_MS);
    });
  });
});
