import { Webhook } from 'svix';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../src/domain/time/duration.js';
import { type Answer, type DeliveryStand, openStand } from './delivery-stand.js';

const SECOND = 1_000;

describe('a turn of an endpoint', () => {
  let stand: DeliveryStand;
  beforeEach(async () => {
    stand = await openStand();
  });
  afterEach(() => stand.close());

  const receiver = () => stand.queue.of(stand.key).receiver;
  const states = () => stand.rows.map(({ state }) => state);

  describe('what is posted', () => {
    it('is the payload as it is, signed so that the library of receivers takes it, by either family of headers', async () => {
      stand.queue.send(stand.key, 1, { payload: '{"text":"Grüße · 日本", "n": 1.0}' });
      await stand.deliver();

      const { body, headers } = stand.first;
      expect(body).toBe('{"text":"Grüße · 日本", "n": 1.0}');
      for (const family of ['svix', 'webhook']) {
        const signed = Object.fromEntries(
          ['id', 'timestamp', 'signature'].map((name) => [`svix-${name}`, String(headers[`${family}-${name}`])]),
        );
        expect(new Webhook(receiver().secrets[0] ?? '').verify(body, signed)).toEqual({ text: 'Grüße · 日本', n: 1 });
      }
      expect(headers).toMatchObject({
        'svix-id': 'msg_1',
        'user-agent': 'Slipway',
        'content-type': 'application/json',
      });
    });

    it('is signed by each secret while two are good', async () => {
      const secrets = ['one', 'two'].map(
        (name) => `whsec_${Buffer.from(`the key of number ${name}`).toString('base64')}`,
      );
      stand.queue.change(stand.key, { secrets });
      stand.queue.send(stand.key);
      await stand.deliver();

      const { body, headers } = stand.first;
      for (const secret of secrets) new Webhook(secret).verify(body, headers as Record<string, string>);
    });

    it("has the endpoint's own headers, of which none takes the place of ours and none is shown in the log", async () => {
      const custom = { 'X-Team': 'hunter2', 'Svix-Id': 'msg_other', 'Content-Type': 'text/plain', Host: 'elsewhere' };
      stand.queue.change(stand.key, { headers: custom });
      stand.queue.send(stand.key);
      await stand.deliver();

      expect(stand.first.headers).toMatchObject({
        'x-team': 'hunter2',
        'svix-id': 'msg_1',
        'content-type': 'application/json',
        host: new URL(stand.url).host,
      });
      expect(stand.log[0]?.requestHeaders).toMatchObject({ 'X-Team': '***', 'svix-id': 'msg_1' });
      expect(JSON.stringify(stand.log)).not.toMatch(/hunter2|msg_other|elsewhere/);
    });

    it('goes into the log with all that came back, cut', async () => {
      stand.answer = () => ({ status: 500, headers: { 'x-trace': 'abc' }, body: 'x'.repeat(5000) });
      stand.queue.send(stand.key);
      const before = stand.now();
      await stand.deliver({ mostMs: 100 });

      expect(stand.log).toHaveLength(1);
      const [attempt] = stand.log;
      expect(attempt).toMatchObject({
        messageId: 'msg_1',
        trigger: 'scheduled',
        succeeded: false,
        url: `${stand.url}/hook`,
        status: 500,
        response: 'x'.repeat(2048),
        responseHeaders: { 'x-trace': 'abc' },
        address: '127.0.0.1',
      });
      expect(attempt?.at).toBeGreaterThanOrEqual(before);
      expect(attempt?.nextAt).toBe((attempt?.at ?? 0) + 5 * SECOND);
    });
  });

  describe('what an answer brings about', () => {
    const once = async (answer: Answer) => {
      stand.answer = () => answer;
      stand.queue.send(stand.key);
      return stand.deliver({ mostMs: 150 });
    };

    it.each([302, 404, 429, 500])('%i: tried again', async (status) => {
      const report = await once({ status, headers: { location: '/elsewhere' } });

      expect(stand.rows).toMatchObject([{ state: 'pending', tries: 1 }]);
      expect(stand.got).toHaveLength(1);
      expect(report).toMatchObject({
        attempts: 1,
        pending: 1,
        nextAt: stand.log[0]?.nextAt,
        lastFailure: { why: `It answered ${status}.` },
      });
    });

    it('410: it failed, and nothing more is sent', async () => {
      stand.queue.send(stand.key, 200);
      const report = await once(410);

      expect(report).toMatchObject({ disabled: 'receiver', nextAt: null });
      expect(stand.queue.of(stand.key).notices).toEqual(['disabled by receiver: It answered 410.']);
      expect(states().filter((state) => state === 'pending').length).toBeGreaterThan(100);
      expect(states().filter((state) => state === 'failed').length).toBe(stand.got.length);
      expect(receiver().failures).toBe(0);
    });

    it('webhook-delivery: abort-message ends this one alone and does not count against the endpoint', async () => {
      stand.answer = ({ n }) => (n === 1 ? { status: 400, headers: { 'webhook-delivery': 'abort-message' } } : 204);
      stand.queue.send(stand.key, 2);
      await stand.deliver();

      expect(states()).toEqual(['failed', 'delivered']);
      expect(receiver()).toMatchObject({ failures: 0, disabled: null });
    });

    it('webhook-delivery: disable with a success is both', async () => {
      await once({ status: 200, headers: { 'webhook-delivery': 'disable' } });

      expect(states()).toEqual(['delivered']);
      expect(receiver().disabled).toBe('receiver');
    });

    it('Retry-After puts the next try off', async () => {
      await once({ status: 503, headers: { 'retry-after': '90' } });

      const wait = (stand.log[0]?.nextAt ?? 0) - (stand.log[0]?.at ?? 0);
      expect(wait).toBeGreaterThanOrEqual(90 * SECOND);
      expect(wait).toBeLessThan(95 * SECOND);
    });

    it('none, where nobody listens: tried again, and the log says whom it did not reach', async () => {
      stand.queue.change(stand.key, { url: 'http://127.0.0.1:1/secret-path' });
      const report = await once(204);

      expect(stand.log).toMatchObject([
        { status: 0, response: '127.0.0.1:1 does not accept connections.', address: '127.0.0.1' },
      ]);
      expect(report.lastFailure?.why).toBe('127.0.0.1:1 does not accept connections.');
    });

    it('none, where the guard forbids the target', async () => {
      stand.queue.change(stand.key, { url: 'http://169.254.169.254/latest' });
      await once(204);

      expect(stand.log).toMatchObject([{ status: 0, succeeded: false, address: null }]);
      expect(stand.rows).toMatchObject([{ state: 'pending', tries: 1 }]);
    });

    it('a secret that cannot be read is a failed attempt that says what to do, and ends no turn', async () => {
      stand.queue.change(stand.key, { secrets: ['whsec_short'] });
      await once(204);

      expect(stand.got).toEqual([]);
      expect(stand.log).toMatchObject([
        { status: 0, response: 'It could not be signed: rotate the secret of the endpoint.' },
      ]);
      expect(stand.rows).toMatchObject([{ state: 'pending', tries: 1 }]);
    });
  });

  describe('the run of failures', () => {
    /** Deliveries that are at their last try. */
    const atTheirLast = (count: number) => {
      const seqs = stand.queue.send(stand.key, count);
      for (const seq of seqs) {
        const firstAt = stand.now() - 25 * 60 * MINUTE_MS;
        Object.assign(stand.queue.row(stand.key, seq), { tries: 7, firstAt, lane: 1 });
      }
    };

    it('warns at 50, 70 and 90 and disables at 100', async () => {
      stand.answer = () => 500;
      for (let n = 0; n < 25; n++) {
        atTheirLast(4);
        await stand.deliver({ lingerMs: 0 });
      }

      const { notices } = stand.queue.of(stand.key);
      expect(notices.map((notice) => notice.replace(/:.*/, ''))).toEqual([
        expect.stringMatching(/^failing 5[0-3]$/),
        expect.stringMatching(/^failing 7[0-3]$/),
        expect.stringMatching(/^failing 9[0-3]$/),
        'disabled by failing',
      ]);
      expect(states()).toEqual(Array.from({ length: 100 }, () => 'failed'));
    });

    it('ends with a success', async () => {
      stand.queue.of(stand.key).receiver = { ...receiver(), failures: 49 };
      stand.queue.send(stand.key);
      const report = await stand.deliver();

      expect(report.failures).toBe(0);
      expect(stand.queue.of(stand.key).notices).toEqual([]);
    });

    it('that had reached 100 when a worker died disables with the next turn', async () => {
      stand.queue.of(stand.key).receiver = { ...receiver(), failures: 100 };
      stand.queue.send(stand.key);

      expect(await stand.deliver()).toMatchObject({ disabled: 'failing', attempts: 0 });
      expect(stand.got).toEqual([]);
    });
  });

  it('beats with how far it is', async () => {
    stand.answer = () => new Promise((resolve) => setTimeout(() => resolve(204), 1_200));
    stand.queue.send(stand.key, 3);
    const turn = stand.begin();
    await turn.report;

    expect(turn.beats).toContainEqual({ attempts: 0, pending: 3 });
  });

  it('is measured: attempts by result, how long they took, and how soon after its message the first one was', async () => {
    stand.answer = ({ n }) => (n === 1 ? 500 : 204);
    stand.queue.send(stand.key, 2);
    await stand.deliver({ mostMs: 200 });

    expect(stand.observer.counted.toSorted()).toEqual([
      'slipway_webhook_attempts_total delivered',
      'slipway_webhook_attempts_total retry',
    ]);
    expect(stand.observer.timed.toSorted()).toEqual([
      'slipway_webhook_attempt_seconds',
      'slipway_webhook_attempt_seconds',
      'slipway_webhook_first_attempt_seconds',
      'slipway_webhook_first_attempt_seconds',
    ]);
  });
});

describe('a delivery that never succeeds', () => {
  it('is tried eight times on a fast clock, each when it is due, and then has failed', async () => {
    const now = Date.now();
    const stand = await openStand({ anchorReal: now, anchorVirtual: now, speed: 43_200 });
    stand.answer = () => 503;
    stand.queue.send(stand.key);
    await stand.deliver();
    await stand.close();

    expect(stand.rows).toMatchObject([{ state: 'failed', tries: 8 }]);
    expect(new Set(stand.got.map(({ body, headers }) => `${String(headers['svix-id'])} ${body}`)).size).toBe(1);
    const [first, ...others] = stand.log;
    expect(first?.nextAt).toBe((first?.at ?? 0) + 5 * SECOND);
    for (const [n, { at }] of others.entries()) expect(at).toBeGreaterThanOrEqual(stand.log[n]?.nextAt ?? Infinity);
    expect(stand.log.at(-2)?.nextAt).toBe((first?.at ?? 0) + 24 * 60 * MINUTE_MS);
    expect(stand.log.at(-1)?.nextAt).toBeNull();
    expect(stand.queue.of(stand.key).receiver.failures).toBe(1);
  });
});
