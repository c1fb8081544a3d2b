import { Webhook } from 'svix';
import { describe, expect, it } from 'vitest';
import { Attempts } from '../../src/activities/delivery/attempt.js';
import { DeliveryTurn } from '../../src/activities/delivery/delivery-turn.js';
import { type Due, type Receiver, TurnLost } from '../../src/contracts/delivery.js';
import { SILENT } from '../../src/contracts/observer.js';
import { RETRY_SCHEDULE } from '../../src/domain/delivery/schedule.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import type { Outbound, Post, PostResult } from '../../src/outbound/post.js';
import { newSecret } from '../../src/store/webhooks/secrets.js';
import { DeliveryQueueDouble } from '../support/delivery-queue-double.js';
import { SHORT } from './delivery-stand.js';

const REFUSED: PostResult = { answered: true, status: 503, headers: {}, body: '', ms: 5 };
const ABORTED: PostResult = { answered: false, failure: 'aborted', sent: false, message: 'Stopped.', ms: 5 };

/** What leaves, answered as told. */
class OutboundDouble implements Outbound {
  readonly posts: Post[] = [];
  constructor(private readonly answer: (post: Post) => Promise<PostResult> = () => Promise.resolve(REFUSED)) {}

  post(post: Post): Promise<PostResult> {
    this.posts.push(post);
    return this.answer(post);
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

const depsWith = (outbound: Outbound) => ({ outbound, observer: SILENT, schedule: RETRY_SCHEDULE, random: () => 0 });

const receiverWith = (secret: string): Receiver => ({
  url: 'https://hook.example/in',
  headers: {},
  secrets: [secret],
  rateLimit: null,
  ordered: false,
  disabled: null,
  failures: 0,
});

const dueAt = (at: number): Due => ({
  seq: '1',
  messageId: 'msg_1',
  eventType: 'test.happened',
  payload: '{"n":1}',
  tries: 7,
  firstAt: at - 86_400_000,
  trigger: 'scheduled',
  once: false,
  dueAt: at,
  createdAt: at,
  revision: 0,
});

describe('one attempt', () => {
  const { signal } = new AbortController();

  it('was never made before it was due, so that a clock that is set back adds no try', async () => {
    const at = Date.now() + 60_000;
    const attempts = new Attempts(depsWith(new OutboundDouble()), REAL_CLOCK, 'ep_1');

    const made = await attempts.make({ ...dueAt(at), tries: 3 }, receiverWith(newSecret()), signal);

    expect(made?.outcome).toMatchObject({ attempt: { at }, usedUp: true });
    expect(made?.outcome.then).toEqual({ state: 'failed' });
  });

  it('is signed with the secret of this moment, in the middle of a turn too', async () => {
    const outbound = new OutboundDouble();
    const attempts = new Attempts(depsWith(outbound), REAL_CLOCK, 'ep_1');
    const secrets = [newSecret(), newSecret()];

    for (const secret of secrets) await attempts.make(dueAt(Date.now()), receiverWith(secret), signal);

    for (const [n, secret] of secrets.entries())
      new Webhook(secret).verify(outbound.posts[n]?.body ?? '', { ...outbound.posts[n]?.headers });
  });

  it('that was stopped before anything left is none', async () => {
    const attempts = new Attempts(depsWith(new OutboundDouble(() => Promise.resolve(ABORTED))), REAL_CLOCK, 'ep_1');

    expect(await attempts.make(dueAt(Date.now()), receiverWith(newSecret()), signal)).toBeUndefined();
  });
});

describe('a turn that is lost', () => {
  it('stops what has not left', async () => {
    const stopped: Post[] = [];
    const outbound = new OutboundDouble(
      (post) =>
        new Promise((resolve) => {
          post.signal?.addEventListener('abort', () => {
            stopped.push(post);
            resolve(ABORTED);
          });
        }),
    );
    const queue = new DeliveryQueueDouble(() => Date.now());
    const key = queue.addEndpoint({ url: 'https://hook.example/in' });
    queue.send(key, 3);
    const turn = await queue.takeTurn(key);
    if (!turn) throw new Error('There is no endpoint.');
    const { signal } = new AbortController();
    const running = new DeliveryTurn({ ...depsWith(outbound), queue, length: SHORT }, turn, REAL_CLOCK, signal).run();
    await expect.poll(() => outbound.posts.length).toBe(3);

    await queue.takeTurn(key);
    queue.send(key);

    await expect(running).rejects.toThrow(TurnLost);
    expect(stopped).toHaveLength(3);
    expect(queue.of(key).log).toEqual([]);
  });
});
