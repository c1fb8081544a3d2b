import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { webhookMessage } from '../../src/channels/webhook.js';
import { parseSecrets } from '../../src/signature/secret.js';
import { SEED_TYPES } from '../../src/simulator/event.js';
import { messageOf } from '../channels/message.js';
import { Forging } from './parts/forging.js';
import { HookDouble } from './parts/hook-double.js';
import { Ledger, type Outcome } from './parts/ledger.js';
import type { Message } from './parts/message.js';
import { ACKED, message } from './parts/planted.js';
import { signedDelivery } from './parts/posts.js';
import { eventScript } from './parts/script.js';
import { startTraffic, type TrafficOptions } from './parts/sender.js';

/** Each part of the harness, with a fault planted. */
const SECRET_TEXT = `whsec_${Buffer.from('a secret of the harness tests').toString('base64')}`;
const [SECRET] = parseSecrets(SECRET_TEXT);
if (!SECRET) throw new Error('no secret');
const secret = SECRET;

const LOST: Outcome = { kind: 'unknown', why: '503' };
const REFUSED: Outcome = { kind: 'rejected', status: 401, code: 'bad_timestamp' };

describe('the books of a run', () => {
  it('balance when every post has ended, and tell what a retry resolved', () => {
    const ledger = new Ledger();
    for (const [n, outcomes] of [[ACKED], [LOST, ACKED], [LOST, LOST], [REFUSED]].entries())
      for (const outcome of outcomes) ledger.settle(ledger.post(message(n), 0), outcome, 7);
    expect(ledger.faults()).toEqual([]);
    expect(ledger.figures()).toMatchObject({
      posts: { sent: 6, acked: 2, rejected: 1, unknown: 3, open: 0 },
      events: { made: 4, acked: 2, rejected: 1, unresolved: 1, open: 0 },
      resolved: 1,
      unknownBy: { 503: 3 },
      wait: { n: 3, p50: 7 },
    });
  });

  it('are void where a post never ended, ended twice, or was another message under the same event', () => {
    const open = new Ledger();
    open.post(message(1), 0);
    const twice = new Ledger();
    const ticket = twice.post(message(1), 0);
    twice.settle(ticket, ACKED);
    twice.settle(ticket, ACKED);
    const changed = new Ledger();
    changed.settle(changed.post(message(1), 0), ACKED);
    changed.settle(changed.post({ ...message(1), body: '{}' }, 0), ACKED);
    for (const ledger of [open, twice, changed]) expect(ledger.faults()).not.toEqual([]);
  });
});

describe('the sender', () => {
  const servers: { close(): unknown; closeAllConnections(): void }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  async function target(answer: (id: string, times: number, response: ServerResponse) => void): Promise<string> {
    const times = new Map<string, number>();
    const server = createServer((request, response) => {
      request.resume();
      request.on('end', () => {
        const id = String(request.headers['svix-id']);
        times.set(id, (times.get(id) ?? 0) + 1);
        answer(id, times.get(id) ?? 0, response);
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/pivotal`;
  }
  const take = (response: ServerResponse): unknown => response.end('{"received":true,"duplicate":false}');

  async function run(edge: string, options: Partial<TrafficOptions> = {}): Promise<Ledger> {
    const ledger = new Ledger();
    const messages = Array.from({ length: 50 }, (_, n) => message(n)).values();
    const common = {
      edges: [edge],
      secret: () => secret,
      messages,
      ledger,
      seed: 7,
      ratePerSecond: 500,
      waitsMs: [5, 5],
    };
    await startTraffic({ ...common, ...options }).done;
    return ledger;
  }

  it('tries again under the same id what got no certain answer: 5xx, 429, a cut connection, silence', async () => {
    const edge = await target((id, times, response) => {
      const n = Number(id.slice('msg_'.length)) % 5;
      if (times > 1 || n === 4) return take(response);
      if (n === 0) return response.writeHead(503).end();
      if (n === 1) return response.writeHead(429).end();
      return n === 2 ? response.destroy() : undefined;
    });
    const { posts, events, unknownBy, resolved } = (
      await run(edge, { duplicates: 0, answerWithinMs: 700, connections: 64 })
    ).figures();
    expect([posts.sent, posts.unknown, events.acked, resolved]).toEqual([90, 40, 50, 40]);
    expect(Object.keys(unknownBy)).toEqual(expect.arrayContaining(['503', '429']));
  });

  it('believes a 4xx, and calls unresolved what never got an answer', async () => {
    const edge = await target((id, _, response) => response.writeHead(id === 'msg_1' ? 401 : 500).end());
    const { events } = (await run(edge)).figures();
    expect([events.rejected, events.unresolved]).toEqual([1, 49]);
  });

  it('counts from the scheduled instant, so that a target that stands still for a while cannot hide it', async () => {
    const from = performance.now();
    const edge = await target(
      (_, __, response) => void setTimeout(() => take(response), Math.max(0, from + 400 - performance.now())),
    );
    const ledger = await run(edge, { connections: 1, duplicates: 0 });
    const { ackedWait } = ledger.figures();
    // With one connection the second post left only after the first was answered; its own answer took no time.
    expect(ackedWait.p50).toBeGreaterThan(250);
  });

  it('posts some twice, and the same ones for the same seed', async () => {
    const seen: string[][] = [];
    for (let n = 0; n < 2; n++) {
      const ids: string[] = [];
      const edge = await target((id, _, response) => {
        ids.push(id);
        take(response);
      });
      await run(edge, { duplicates: 0.3 });
      seen.push(ids.sort());
    }
    expect(seen[0]?.length).toBeGreaterThan(50);
    expect(seen[0]).toEqual(seen[1]);
  });
});

describe('the forger', () => {
  it('posts what must not be believed while the load lasts, and notes what was', async () => {
    let answer = 401;
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(answer).end('{}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const forging = new Forging({ url, forger: { own: secret, foreign: secret }, seed: 1, everyMs: 5, now: () => 0 });

    await forging.during(pause(60));
    expect(forging.believed).toEqual([]);
    expect(forging.ids.size).toBeGreaterThan(2);
    answer = 200;
    await forging.during(pause(20));
    expect(forging.believed[0]).toMatch(/^a delivery with .+ was answered 200$/);

    await forging.close();
    server.close();
  });
});

describe('the script of events', () => {
  const some = (options: object, count = 400): Message[] => {
    let now = Date.UTC(2026, 0, 5);
    const script = eventScript({ seed: 5, onboardings: 14, livemode: true, now: () => (now += 1_000), ...options });
    return Array.from({ length: count }, () => script.next().value);
  };

  it('is the same for a seed, holds every type, each event once, in an order that disorder changes and nothing else', () => {
    const straight = some({});
    expect(some({})).toEqual(straight);
    const types = new Set(some({ onboardings: 28 }, 1_200).map(({ type }) => type));
    expect(SEED_TYPES.filter((type) => !types.has(type))).toEqual([]);
    expect(new Set(straight.map(({ eventId }) => eventId)).size).toBe(straight.length);
    const mixed = some({ disorder: 20 });
    expect(mixed.map(({ eventId }) => eventId)).not.toEqual(straight.map(({ eventId }) => eventId));
    const known = new Set(some({}, 420).map(({ eventId }) => eventId));
    expect(mixed.every(({ eventId }) => known.has(eventId))).toBe(true);
  });

  it('goes on with new onboardings when all lives are over, and puts tasks between where it is asked to', () => {
    const long = some({ chatter: 3 }, 4_000);
    expect(new Set(long.map(({ eventId }) => eventId)).size).toBe(4_000);
    expect(long.filter(({ type }) => type === 'task.completed').length).toBeGreaterThan(2_000);
    expect(
      new Set(long.flatMap(({ subject }) => (subject?.kind === 'onboarding' ? [subject.id] : []))).size,
    ).toBeGreaterThan(14);
  });
});

describe('the double of a receiver', () => {
  let double: HookDouble | undefined;
  afterEach(() => double?.close());
  const told = webhookMessage('hook', messageOf());

  async function post(body: object | string, id = 'msg_1', path = ''): Promise<number> {
    const { headers, body: bytes } = signedDelivery(secret, id, typeof body === 'string' ? body : JSON.stringify(body));
    const sent = fetch((double?.url ?? '') + path, { method: 'POST', headers, body: new Uint8Array(bytes) });
    return sent.then(
      ({ status }) => status,
      () => 0,
    );
  }

  it('takes a message once, and knows a repeat by its id', async () => {
    double = await HookDouble.open({ secret: SECRET_TEXT });
    expect([await post(told), await post(told), await post(told, 'msg_2')]).toEqual([200, 200, 200]);
    expect([double.taken.size, double.repeats, double.surprises]).toEqual([2, 1, []]);
  });

  it('is surprised by whatever its page does not promise', async () => {
    double = await HookDouble.open({ secret: SECRET_TEXT });
    const { data } = told;
    const odd = [
      [told, 'msg_1', '/else'],
      ['no JSON', 'msg_2'],
      [{ ...told, type: 'escalation.guessed' }, 'msg_3'],
      [{ ...told, data: { ...data, level: 0 } }, 'msg_4'],
      [{ ...told, extra: 1 }, 'msg_5'],
    ] as const;
    for (const [body, id, path] of odd) expect(await post(body, id, path)).toBe(400);
    await post(told, 'msg_6');
    await post({ ...told, data: { ...data, level: data.level + 1 } }, 'msg_6');
    const unsigned = await fetch(double.url, { method: 'POST', body: JSON.stringify(told) });
    expect(unsigned.status).toBe(400);
    expect(double.surprises).toHaveLength(7);
  });

  it('can lose its reply, ask for time, fail, hang and drop, for a while', async () => {
    double = await HookDouble.open({ secret: SECRET_TEXT });
    double.trouble({ trouble: { kind: 'lose_reply' }, times: 1 });
    expect([await post(told), await post(told)]).toEqual([0, 200]);
    expect([...double.taken.values()]).toMatchObject([{ arrivals: [{ isReplyLost: true }, { isReplyLost: false }] }]);
    double.trouble({ trouble: { kind: 'rate_limited', retryAfterSeconds: 3 }, times: 1 });
    expect([await post(told, 'msg_2'), await post(told, 'msg_2')]).toEqual([429, 200]);
    double.trouble({ trouble: { kind: 'error', status: 500 }, times: 1 });
    expect([await post(told, 'msg_3'), await post(told, 'msg_3')]).toEqual([500, 200]);
    double.trouble({ trouble: { kind: 'drop' }, times: 1 });
    expect([await post(told, 'msg_4'), await post(told, 'msg_4')]).toEqual([0, 200]);
    expect(double.taken.get('msg_4')?.arrivals).toHaveLength(1);
    expect(double.refused).toEqual({ rate_limited: 1, error: 1, drop: 1 });
  });
});
