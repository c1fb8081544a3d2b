import { CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createNotify } from '../../src/activities/notify.js';
import type { NotifyOrder, NotifyResult } from '../../src/contracts/activities.js';
import { ChannelFailure } from '../../src/contracts/failures.js';
import { StoreUnavailable } from '../../src/contracts/inbox.js';
import { TUESDAY_9AM_BERLIN } from '../channels/message.js';
import { orderOf } from './order.js';
import { ChannelDouble, type GateAnswer, gateThat, LedgerDouble, ObserverDouble } from './send-doubles.js';

const OUTAGE = new StoreUnavailable('The store is away.');
const HOLD: GateAnswer = { open: false, until: TUESDAY_9AM_BERLIN + 60_000, reason: 'pivotal is catching up' };

describe('notify', () => {
  let steps: string[];
  let observer: ObserverDouble;
  let ledger: LedgerDouble;
  let channel: ChannelDouble;
  let environment: MockActivityEnvironment;

  beforeEach(() => {
    steps = [];
    observer = new ObserverDouble();
    ledger = new LedgerDouble({}, steps);
    channel = new ChannelDouble(() => Promise.resolve({ providerId: 'msg_1' }), steps);
    environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 5000 });
  });

  const notify = (order: NotifyOrder = orderOf(), gate: GateAnswer | Error = { open: true }): Promise<NotifyResult> => {
    const activity = createNotify({
      ledger,
      gate: gateThat(gate, steps),
      channel: (name) => (name === channel.name ? channel : undefined),
      observer,
    });
    return environment.run(activity, order);
  };
  const channelThat = (deliver: ConstructorParameters<typeof ChannelDouble>[0]): void => {
    channel = new ChannelDouble(deliver, steps);
  };

  it('records the intent, asks the gate, calls once and records the result', async () => {
    const result = await notify();

    expect(steps).toEqual(['intend', 'ask', 'call', 'conclude']);
    expect(result).toMatchObject({ outcome: 'sent', providerId: 'msg_1' });
    expect(ledger.rows.get(orderOf().key)).toEqual(result);
    expect(observer.counted).toEqual(['slipway_sends_total hook sent']);
    expect(observer.timed).toEqual(['slipway_send_lateness_seconds', 'slipway_send_seconds']);
  });

  it('tells the real instant at which it was sent, and dates the message with its decision', async () => {
    const before = Date.now();

    const result = await notify();

    expect(result.outcome === 'sent' && result.atReal - before).toBeLessThan(5000);
    expect(result.outcome === 'sent' && result.atReal - before).toBeGreaterThanOrEqual(0);
    expect(channel.messages[0]?.at).toBe(TUESDAY_9AM_BERLIN);
  });

  it('calls nobody while the gate holds, and takes the intent back', async () => {
    const result = await notify(orderOf(), HOLD);

    expect(result).toEqual({ outcome: 'later', until: TUESDAY_9AM_BERLIN + 60_000, reason: 'pivotal is catching up' });
    expect(steps).toEqual(['intend', 'ask', 'conclude']);
    expect(observer.counted).toEqual(['slipway_gate_holds_total']);
  });

  it('lets updates of what went out pass without asking', async () => {
    const order = orderOf({ kind: 'resolved', gate: { ...orderOf().gate, applies: false } });

    expect(await notify(order, HOLD)).toMatchObject({ outcome: 'sent' });
    expect(steps).toEqual(['intend', 'call', 'conclude']);
  });

  it('appends what the gate has to say to the text', async () => {
    await notify(orderOf({ text: 'Stuck.' }), { open: true, note: 'Nothing was heard from Fri 18:00 to Mon 09:00.' });

    expect(channel.messages[0]?.text).toBe('Stuck.\nNothing was heard from Fri 18:00 to Mon 09:00.');
  });

  it('never cuts the note off, however long the text is', async () => {
    await notify(orderOf({ text: 'x'.repeat(1_000_000) }), { open: true, note: 'Nothing was heard.' });

    expect(channel.messages[0]?.text).toMatch(/x\nNothing was heard\.$/);
    expect(channel.messages[0]?.text.length).toBeLessThanOrEqual(4000);
  });

  it('does not call again for a key that was sent, whatever the gate says now', async () => {
    ledger.rows.set(orderOf().key, { outcome: 'sent', atReal: 7 });

    expect(await notify(orderOf(), HOLD)).toEqual({ outcome: 'sent', atReal: 7 });
    expect(steps).toEqual(['intend']);
  });

  it('calls again where an intent has no result, under the same key', async () => {
    ledger.rows.set(orderOf().key, 'intended');

    expect(await notify()).toMatchObject({ outcome: 'sent' });
    expect(channel.messages[0]?.key).toBe(orderOf().key);
  });

  it.each([
    ['intent', { intend: OUTAGE }, { open: true }],
    ['gate', {}, OUTAGE],
    ['gate, and the intent stays behind', { withdraw: OUTAGE }, OUTAGE],
  ] as const)(
    'takes a store that does not answer for a failed try, not for a permission (%s)',
    async (_, failing, gate) => {
      ledger = new LedgerDouble(failing, steps);

      expect(await notify(orderOf(), gate)).toMatchObject({ outcome: 'failed', failure: 'StoreUnavailable' });
      expect(channel.messages).toEqual([]);
      expect(observer.counted).toEqual(['slipway_sends_total hook StoreUnavailable']);
    },
  );

  it('stays sent where the result cannot be recorded', async () => {
    ledger = new LedgerDouble({ conclude: OUTAGE }, steps);

    expect(await notify()).toMatchObject({ outcome: 'sent' });
    expect(observer.lines).toMatchObject([{ level: 'warn' }, { level: 'info' }]);
  });

  it('tells why a channel failed, and when to come again', async () => {
    channelThat(() => Promise.reject(new ChannelFailure('RateLimited', 'Channel hook is tired.', 7000)));

    const result = await notify();

    const failure = {
      outcome: 'failed',
      failure: 'RateLimited',
      message: 'Channel hook is tired.',
      retryAfterMs: 7000,
    };
    expect(result).toEqual(failure);
    expect(steps).toEqual(['intend', 'ask', 'call', 'conclude']);
    expect(ledger.rows.get(orderOf().key)).toEqual(failure);
    expect(observer.counted).toEqual(['slipway_sends_total hook RateLimited']);
  });

  it('makes a result of what a channel should not throw, and says nothing of what it held', async () => {
    channelThat(() => Promise.reject(new TypeError('hunter2 of mia@vendor.example')));

    const result = await notify();

    expect(result).toMatchObject({ outcome: 'failed', failure: 'OutcomeUnknown' });
    expect(JSON.stringify([result, observer.lines])).not.toMatch(/hunter2|mia@/);
    expect(observer.lines).toMatchObject([{ level: 'error', fields: { error: 'TypeError' } }, { level: 'info' }]);
  });

  it('names a channel that the policy does not have', async () => {
    expect(await notify(orderOf({ channel: 'pager' }))).toMatchObject({ failure: 'InvalidConfig', message: /pager/ });
    expect(steps).toEqual([]);
  });

  describe('in test mode', () => {
    const testOrder = orderOf({ entity: { workspace: 'main', mode: 'test', id: 'onb_42' } });

    it.each(['webhook', 'email'] as const)('reaches nobody through %s', async (type) => {
      channel = new ChannelDouble(() => Promise.resolve({}), steps, 'hook', type);

      expect(await notify(testOrder)).toMatchObject({ outcome: 'failed', failure: 'TargetForbidden' });
      expect(steps).toEqual([]);
    });

    it('reaches the log', async () => {
      channel = new ChannelDouble(() => Promise.resolve({}), steps, 'hook', 'log');

      expect(await notify(testOrder)).toMatchObject({ outcome: 'sent' });
    });
  });

  describe('when it is cancelled', () => {
    const stoppedBeforeItLeaves = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

    it('calls nobody where it has not begun', async () => {
      environment.cancel();

      await expect(notify()).rejects.toBeInstanceOf(CancelledFailure);
      expect(steps).toEqual([]);
    });

    it('calls nobody where the gate was being asked, and takes the intent back', async () => {
      const asked = createNotify({
        ledger,
        gate: {
          ask: () => {
            environment.cancel();
            return Promise.resolve({ open: true });
          },
        },
        channel: () => channel,
        observer,
      });

      await expect(environment.run(asked, orderOf())).rejects.toBeInstanceOf(CancelledFailure);
      expect(steps).toEqual(['intend', 'withdraw']);
      expect(ledger.rows.size).toBe(0);
    });

    it('is cancelled where the channel stopped it before anything left', async () => {
      channelThat((_, signal) => {
        setImmediate(() => environment.cancel());
        return stoppedBeforeItLeaves(signal);
      });

      await expect(notify()).rejects.toBeInstanceOf(CancelledFailure);
      expect(steps).toEqual(['intend', 'ask', 'call', 'withdraw']);
    });

    it('reports the outcome where the message was on the wire', async () => {
      channelThat(() => {
        environment.cancel();
        return Promise.resolve({ providerId: 'msg_1' });
      });

      expect(await notify()).toMatchObject({ outcome: 'sent', providerId: 'msg_1' });
      expect(ledger.rows.get(orderOf().key)).toMatchObject({ outcome: 'sent' });
    });

    it('reports the failure where the message was on the wire and failed', async () => {
      channelThat(() => {
        environment.cancel();
        return Promise.reject(new ChannelFailure('OutcomeUnknown', 'Channel hook was silent.'));
      });

      expect(await notify()).toMatchObject({ outcome: 'failed', failure: 'OutcomeUnknown' });
    });
  });

  it('heartbeats while a call is out, since that is what brings a cancellation, and not afterwards', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    let beats = 0;
    environment.on('heartbeat', () => {
      beats += 1;
    });
    channelThat(() => {
      vi.advanceTimersByTime(9_000);
      return Promise.resolve({});
    });

    await notify();

    expect(beats).toBe(10);
    vi.advanceTimersByTime(9_000);
    expect(beats).toBe(10);
    vi.useRealTimers();
  });
});
