import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TurnLost } from '../../src/contracts/delivery.js';
import { MINUTE_MS } from '../../src/domain/time/duration.js';
import { type DeliveryStand, openStand } from './delivery-stand.js';

const SECOND = 1_000;
/** Real: what is not heard of would be found after a second; below it, it was heard of, on a busy machine too. */
const LOOKS_ANYWAY_MS = 900;

describe('a turn of an endpoint, beside what it posts', () => {
  let stand: DeliveryStand;
  beforeEach(async () => {
    stand = await openStand();
  });
  afterEach(() => stand.close());

  const receiver = () => stand.queue.of(stand.key).receiver;
  const states = () => stand.rows.map(({ state }) => state);
  const ns = () => stand.got.map(({ n }) => n);

  describe('places', () => {
    it('are 32 for one endpoint, and all are used', async () => {
      let release = () => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      stand.answer = () => held.then(() => 204);
      stand.queue.send(stand.key, 100);
      const { report } = stand.begin();
      await expect.poll(() => stand.got.length).toBe(32);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(stand.got).toHaveLength(32);

      release();
      await report;

      expect(stand.mostAtOnce()).toBe(32);
      expect(states()).toEqual(Array.from({ length: 100 }, () => 'delivered'));
    });

    it('are half kept from a backlog that hangs, so that a live message goes out at once', async () => {
      stand.answer = ({ n }) => (n <= 100 ? 'hang' : 204);
      const old = stand.queue.send(stand.key, 100);
      for (const seq of old)
        Object.assign(stand.queue.row(stand.key, seq), { tries: 1, firstAt: stand.now(), lane: 1 });
      const turn = stand.begin();
      await expect.poll(() => stand.got.length).toBe(16);

      const [live = ''] = stand.queue.send(stand.key);
      await expect.poll(() => stand.queue.row(stand.key, live).state).toBe('delivered');

      expect(stand.got.filter(({ n }) => n <= 100)).toHaveLength(16);
      turn.cancel();
      await stand.close();
      await turn.report;
      stand = await openStand();
    });

    it('are shared in turn where a backlog and live messages wait', async () => {
      const old = stand.queue.send(stand.key, 300);
      for (const seq of old)
        Object.assign(stand.queue.row(stand.key, seq), { tries: 1, firstAt: stand.now(), lane: 1 });
      stand.queue.send(stand.key, 300);
      await stand.deliver();

      const live = ns().filter((n) => n > 300).length;
      const early = ns().slice(0, 200);
      expect(live).toBe(300);
      expect(early.filter((n) => n > 300).length).toBeGreaterThan(70);
      expect(early.filter((n) => n <= 300).length).toBeGreaterThan(70);
    });

    it('of an ordered endpoint are one for each line, and a failure holds its own line alone', async () => {
      stand.queue.change(stand.key, { ordered: true });
      stand.queue.send(stand.key, 5, { orderKey: 'onb_1' });
      stand.queue.send(stand.key, 5, { orderKey: 'onb_2' });
      const tries = new Map<number, number>();
      stand.answer = ({ n }) => {
        tries.set(n, (tries.get(n) ?? 0) + 1);
        return n === 2 ? 500 : 204;
      };
      await stand.deliver({ mostMs: 400 });

      expect(ns().filter((n) => n <= 5)).toEqual([1, 2]);
      expect(ns().filter((n) => n > 5)).toEqual([6, 7, 8, 9, 10]);
      expect(states().filter((state) => state === 'pending')).toHaveLength(4);
    });
  });

  describe('a rate limit', () => {
    it('is kept to, attempts of every kind counted', async () => {
      stand.queue.change(stand.key, { rateLimit: 50 });
      stand.queue.send(stand.key, 30);
      await stand.deliver();

      const [first, last] = [stand.got[0]?.at ?? 0, stand.got.at(-1)?.at ?? 0];
      expect(last - first).toBeGreaterThanOrEqual(450);
      expect(stand.got).toHaveLength(30);
    });
  });

  describe('the record', () => {
    it('is written in batches while posts go on', async () => {
      stand.queue.send(stand.key, 500);
      await stand.deliver();

      expect(stand.log).toHaveLength(500);
      expect(stand.queue.of(stand.key).batches.length).toBeLessThan(30);
      expect(stand.queue.looks).toBeLessThan(20);
    });

    it('is kept while the store is away, and written when it is back: nothing is posted twice', async () => {
      stand.queue.send(stand.key, 20);
      stand.answer = () => {
        stand.queue.isAway = true;
        return 204;
      };
      const { report } = stand.begin();
      await expect.poll(() => stand.got.length).toBe(20);
      expect(stand.log).toEqual([]);
      stand.queue.isAway = false;
      await report;

      expect(stand.got).toHaveLength(20);
      expect(stand.log).toHaveLength(20);
    });

    it('of one that cannot be kept takes no other with it, and it is not posted again and again', async () => {
      stand.queue.refuses = ({ attempt }) => attempt.messageId === 'msg_7';
      stand.queue.send(stand.key, 20);
      await stand.deliver({ mostMs: 500 });

      expect(states().filter((state) => state === 'delivered')).toHaveLength(19);
      expect(stand.got).toHaveLength(20);
      expect(stand.observer.lines).toMatchObject([{ level: 'error', fields: { message: 'msg_7' } }]);
    });

    it('does not undo what an operator asked while the call was out', async () => {
      let asked = false;
      stand.answer = () => {
        if (!asked) stand.queue.resend(stand.key, '1');
        asked = true;
        return 204;
      };
      stand.queue.send(stand.key);
      const before = Date.now();
      await stand.deliver({ lingerMs: 3_000, mostMs: 1_500 });

      expect(stand.log.map(({ trigger }) => trigger)).toEqual(['scheduled', 'manual']);
      expect((stand.got[1]?.at ?? 0) - before).toBeLessThan(LOOKS_ANYWAY_MS);
      expect(states()).toEqual(['delivered']);
    });
  });

  describe('an operator’s attempt', () => {
    it('of a delivery that had failed is one alone, and counts for nothing where it fails', async () => {
      stand.answer = () => 500;
      stand.queue.send(stand.key);
      Object.assign(stand.queue.row(stand.key, '1'), { state: 'failed', tries: 8 });
      stand.queue.resend(stand.key, '1');
      await stand.deliver();

      expect(stand.log).toMatchObject([{ trigger: 'manual', nextAt: null }]);
      expect(states()).toEqual(['failed']);
      expect(receiver().failures).toBe(0);
    });

    it('between two tries uses none of them up', async () => {
      stand.answer = () => 500;
      stand.queue.send(stand.key);
      Object.assign(stand.queue.row(stand.key, '1'), { tries: 3, firstAt: stand.now() - MINUTE_MS, lane: 1 });
      stand.queue.resend(stand.key, '1');
      await stand.deliver();

      expect(stand.rows).toMatchObject([{ state: 'pending', tries: 3, manual: false }]);
      expect(stand.log).toMatchObject([{ trigger: 'manual', nextAt: (stand.log[0]?.at ?? 0) + 30 * MINUTE_MS }]);
    });
  });

  describe('its end', () => {
    it('comes when nothing has come for a while, asleep', async () => {
      const report = await stand.deliver();

      expect(report).toMatchObject({ gone: false, attempts: 0, pending: 0, nextAt: null, lastFailure: null });
      expect(report.at).toBeLessThanOrEqual(stand.now());
      expect(stand.queue.of(stand.key).isAsleep).toBe(true);
    });

    it('waits for what comes meanwhile, which it hears of at once', async () => {
      const { report } = stand.begin({ lingerMs: 1_500 });
      await new Promise((resolve) => setTimeout(resolve, 100));
      const sentAt = Date.now();
      stand.queue.send(stand.key);

      expect(await report).toMatchObject({ attempts: 1 });
      expect((stand.got[0]?.at ?? 0) - sentAt).toBeLessThan(LOOKS_ANYWAY_MS);
    });

    it('waits for a try that falls due within ten seconds, and for none beyond', async () => {
      stand.answer = ({ number }) => (number === 1 ? 500 : 204);
      stand.queue.send(stand.key, 2);
      Object.assign(stand.queue.row(stand.key, '1'), {
        tries: 1,
        firstAt: stand.now(),
        nextAt: stand.now() + 300,
        lane: 1,
      });
      const far = stand.now() + 30 * SECOND;
      Object.assign(stand.queue.row(stand.key, '2'), { tries: 1, firstAt: stand.now(), nextAt: far, lane: 1 });
      const report = await stand.deliver();

      expect(ns()).toEqual([1]);
      expect(report.nextAt).toBe(far);
    });

    it('comes after a while though work flows, and says to go on at once', async () => {
      stand.queue.send(stand.key, 50);
      stand.answer = () => {
        stand.queue.send(stand.key);
        return 204;
      };
      const report = await stand.deliver({ mostMs: 300 });

      expect(report.attempts).toBeGreaterThan(30);
      expect(report.nextAt).toBeLessThanOrEqual(report.at);
      expect(report.pending).toBeGreaterThan(0);
      expect(stand.log).toHaveLength(report.attempts);
    });

    it('does not come while something was queued as it was going to sleep', async () => {
      let late = 1;
      stand.queue.meanwhile = (call) => {
        if (call !== 'rest' || late-- <= 0) return;
        // Due at the instant that the turn asks about, though that was a moment ago.
        const [seq] = stand.queue.send(stand.key);
        Object.assign(stand.queue.row(stand.key, seq ?? ''), { nextAt: stand.now() - SECOND });
      };
      const report = await stand.deliver();

      expect(report).toMatchObject({ attempts: 1, pending: 0 });
    });

    it('is at once where the endpoint is disabled', async () => {
      stand.queue.send(stand.key);
      stand.queue.switchOff(stand.key);
      const before = Date.now();
      const report = await stand.deliver({ lingerMs: 5_000 });

      expect(report).toMatchObject({ disabled: 'operator', pending: 1, nextAt: null, attempts: 0 });
      expect(Date.now() - before).toBeLessThan(4_000);
    });

    it('tells of an endpoint that is gone, before it or in the middle of it', async () => {
      const { report } = stand.begin({ lingerMs: 5_000 });
      await expect.poll(() => stand.queue.looks).toBe(1);
      stand.queue.remove(stand.key);

      const before = Date.now();
      expect(await report).toMatchObject({ gone: true });
      expect(Date.now() - before).toBeLessThan(LOOKS_ANYWAY_MS);
      expect(await stand.deliver()).toMatchObject({ gone: true });
    });
  });

  describe('taken away', () => {
    it('by another turn, it stops at once and writes nothing more', async () => {
      stand.answer = () => 'hang';
      stand.queue.send(stand.key, 5);
      const { report } = stand.begin();
      await expect.poll(() => stand.got.length).toBe(5);

      await stand.queue.takeTurn(stand.key);
      stand.queue.send(stand.key);

      await expect(report).rejects.toThrow(TurnLost);
      expect(stand.log).toEqual([]);
      expect(states()).toEqual(Array.from({ length: 6 }, () => 'pending'));
    });

    it('by a stop, it sees to an end what is on the wire, begins nothing new, and answers', async () => {
      let release = () => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      stand.answer = () => held.then(() => 204);
      stand.queue.send(stand.key, 40);
      const turn = stand.begin({ lingerMs: 5_000 });
      await expect.poll(() => stand.got.length).toBe(32);

      turn.cancel();
      release();
      const report = await turn.report;

      expect(report).toMatchObject({ attempts: 32, pending: 8 });
      expect(report.nextAt).toBeLessThanOrEqual(report.at);
      expect(stand.log).toHaveLength(32);
      expect(stand.got).toHaveLength(32);
    });

    it('before anything left, it has made no attempt', async () => {
      stand.queue.send(stand.key, 3);
      const turn = stand.begin();
      turn.cancel();

      expect(await turn.report).toMatchObject({ attempts: 0, pending: 3 });
      expect(stand.got).toEqual([]);
      expect(stand.rows).toMatchObject(Array.from({ length: 3 }, () => ({ state: 'pending', tries: 0 })));
    });

    it('by an outage, it is tried again by the server, and what had left is written first', async () => {
      stand.answer = () => {
        stand.queue.isAway = true;
        stand.queue.send(stand.key);
        setTimeout(() => (stand.queue.isAway = false), 300);
        return 204;
      };
      stand.queue.send(stand.key);

      await expect(stand.deliver()).rejects.toMatchObject({ type: 'StoreUnavailable' });
      expect(stand.log).toHaveLength(1);
    });
  });
});
