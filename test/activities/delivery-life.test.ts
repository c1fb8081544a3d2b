import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDeliverDue } from '../../src/activities/deliver-due.js';
import { type DeliverReport, TurnLost } from '../../src/contracts/delivery.js';
import { SILENT } from '../../src/contracts/observer.js';
import { RETRY_SCHEDULE } from '../../src/domain/delivery/schedule.js';
import { toVirtual } from '../../src/domain/time/clock.js';
import type { Outbound, Post, PostResult } from '../../src/outbound/post.js';
import { DeliveryQueueDouble } from '../support/delivery-queue-double.js';

const MESSAGES = 4;
const MOST_TRIES = 8;

/** What happens while a call is out, to the message or the endpoint of that call. */
const ACTS = ['resend', 'recover', 'switch off', 'switch on', 'remove', 'lose the turn', 'change', 'send'] as const;
type Act = (typeof ACTS)[number];

const answers = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(200, 204) },
  { weight: 8, arbitrary: fc.constantFrom(301, 404, 429, 500, 503) },
  { weight: 1, arbitrary: fc.constant(410) },
  { weight: 1, arbitrary: fc.constantFrom('abort-message', 'disable') },
  { weight: 3, arbitrary: fc.constantFrom('timeout', 'refused', 'retry-after') },
);
type Said = typeof answers extends fc.Arbitrary<infer T> ? T : never;

const lives = fc.record({
  ordered: fc.boolean(),
  said: fc.array(answers, { maxLength: 40 }),
  finally: fc.constantFrom<Said[]>(204, 500),
  acts: fc.array(fc.tuple(fc.nat(40), fc.constantFrom(...ACTS)), { maxLength: 8 }),
});
type Life = typeof lives extends fc.Arbitrary<infer T> ? T : never;

/** A day passes in some ten milliseconds. */
function fastClock() {
  const now = Date.now();
  return { anchorReal: now, anchorVirtual: now, speed: 1e7 };
}

/** Lives through it to its end, where whatever was switched off is switched on. */
async function live(life: Life) {
  const clock = fastClock();
  const queue = new DeliveryQueueDouble(() => toVirtual(clock, Date.now()));
  const key = queue.addEndpoint({ url: 'https://hook.example/in', ordered: life.ordered });
  const posts: Post[] = [];
  const done = new Map<Act, number>();
  const act = (what: Act, messageId: string) => {
    if (queue.of(key).isGone) return;
    done.set(what, (done.get(what) ?? 0) + 1);
    const seq = messageId.replace('msg_', '');
    if (what === 'resend') queue.resend(key, seq);
    if (what === 'recover') queue.recover(key);
    if (what === 'switch off') queue.switchOff(key);
    if (what === 'switch on') queue.switchOn(key);
    if (what === 'remove') queue.remove(key);
    if (what === 'lose the turn') void queue.takeTurn(key);
    if (what === 'change') queue.change(key, { url: 'https://hook.example/moved' });
    if (what === 'send') queue.send(key, 1, { orderKey: 'onb_1' });
  };
  const outbound: Outbound = {
    async post(post) {
      const index = posts.push(post) - 1;
      await new Promise(setImmediate);
      for (const [at, what] of life.acts) if (at === index) act(what, post.headers['svix-id'] ?? '');
      return said(life.said[index] ?? life.finally);
    },
    close: () => Promise.resolve(),
  };
  const deps = { queue, outbound, observer: SILENT, schedule: RETRY_SCHEDULE, random: () => 0.5 };
  const deliverDue = createDeliverDue({ ...deps, length: { lingerMs: 0, mostMs: 5_000 } });
  const deliver = async () => {
    const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
    const report: Promise<DeliverReport> = environment.run(deliverDue, { endpoint: key, clock });
    await report.catch((error: unknown) => {
      if (!(error instanceof TurnLost)) throw error;
    });
  };

  queue.send(key, MESSAGES, { orderKey: 'onb_1' });
  for (let turns = 0; queue.of(key).pending().length > 0; turns++) {
    if (turns > 60) throw new Error('it never ends');
    await deliver();
    if (queue.of(key).receiver.disabled !== null) queue.switchOn(key);
  }
  const { rows, log, isGone } = queue.of(key);
  return { rows: [...rows.values()], log, isGone, posts, times: (what: Act) => done.get(what) ?? 0 };
}

function said(what: Said): PostResult {
  if (what === 'timeout' || what === 'refused') {
    return { answered: false, failure: what, sent: what === 'timeout', message: 'It could not be reached.', ms: 1 };
  }
  const plain = { answered: true as const, headers: {}, body: '', ms: 1 };
  if (typeof what === 'number') return { ...plain, status: what };
  if (what === 'retry-after') return { ...plain, status: 503, retryAfterMs: 2 };
  return { ...plain, status: 500, headers: { 'webhook-delivery': what } };
}

describe('a message for an endpoint, whatever operators do and receivers answer', () => {
  it('ends delivered, failed or called off, and the log tells the truth of it', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => {
        const { rows, log, isGone, posts, times } = await live(life);
        const wasCut = isGone || times('lose the turn') > 0;

        for (const { state, messageId, payload } of rows) {
          const attempts = log.filter((attempt) => attempt.messageId === messageId);
          const posted = posts.filter(({ headers }) => headers['svix-id'] === messageId);
          const succeeded = attempts.some((attempt) => attempt.succeeded);

          if (state === 'delivered') expect(succeeded).toBe(true);
          if (state === 'failed') expect(succeeded).toBe(false);
          if (state === 'cancelled') expect(isGone).toBe(true);
          else expect(attempts.at(-1)?.nextAt).toBeNull();
          for (const { status, succeeded: isGood } of attempts) expect(isGood).toBe(status >= 200 && status <= 299);
          for (const { body } of posted) expect(body).toBe(payload);
          const most = MOST_TRIES * (1 + times('recover')) + times('resend');
          expect(attempts.length).toBeLessThanOrEqual(most);
          if (wasCut) expect(posted.length).toBeGreaterThanOrEqual(attempts.length);
          else expect(posted.length).toBe(attempts.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('of an ordered endpoint is not posted before the one before it has ended', { timeout: 60_000 }, async () => {
    const ordered = lives.map((life) => ({ ...life, ordered: true, acts: [] }));
    await fc.assert(
      fc.asyncProperty(ordered, async (life) => {
        const { posts } = await live(life);

        const order = posts.map(({ headers }) => Number(headers['svix-id']?.replace('msg_', '')));
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }),
      { numRuns: 20 },
    );
  });
});
