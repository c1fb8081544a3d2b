import { createHmac } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Connection } from './connection.mjs';
import { loadEvent } from './events.mjs';

/**
 * A child process that plays the sender: signs so many events, posts them, and reports what became of each. `perSecond`
 * posts on a fixed schedule, whether or not answers come (open loop), and counts each wait from the instant at which the
 * event should have left; without it every connection posts as fast as it is answered (closed loop), for `seconds`.
 */
process.once('message', (plan) => void play(plan));

async function play(plan) {
  const requests = signed(plan);
  const urls = [plan.url].flat();
  const connections = Array.from(
    { length: plan.connections },
    (_, nth) => new Connection(new URL(urls[nth % urls.length])),
  );
  const book = new Book(requests.length);
  if (plan.perSecond) await opened(connections, urls);
  process.send({ ready: true });
  await new Promise((resolve) => process.once('message', resolve));
  book.pauses.enable();
  await (plan.perSecond ? onSchedule : asAnswered)(plan, requests, connections, book);
  for (const connection of connections) connection.close();
  process.send(book.report(), () => process.disconnect());
}

/** What became of each event: when it left (epoch ms), how it was answered, and after how long. */
class Book {
  constructor(size) {
    this.sentAt = new Float64Array(size);
    this.waits = new Float64Array(size);
    this.statuses = new Int16Array(size).fill(-1);
    this.latest = 0;
    this.pauses = monitorEventLoopDelay({ resolution: 1 });
  }

  async post(connection, request, index, scheduled) {
    const leaves = now();
    this.latest = Math.max(this.latest, leaves - scheduled);
    this.sentAt[index] = leaves;
    this.statuses[index] = await connection.post(request);
    this.waits[index] = now() - scheduled;
  }

  report() {
    const sent = this.statuses.reduce((sum, status) => sum + (status === -1 ? 0 : 1), 0);
    return {
      sent,
      sentAt: this.sentAt,
      waits: this.waits,
      statuses: this.statuses,
      latestMs: this.latest,
      pausedMs: this.pauses.max / 1e6,
      endedAt: now(),
    };
  }
}

/** A clock as fine as `performance` and in step with the wall's, which histories are written in. */
const now = () => performance.timeOrigin + performance.now();

/**
 * Signed requests, beside each other in a few large buffers: half a million strings are a heap that takes hundreds of ms to
 * be collected, and the sender's own pauses would be counted as the receiver's.
 */
class Requests {
  #blocks = [];
  #ends = [];

  constructor(length, request) {
    this.length = length;
    for (let from = 0; from < length; from += A_BLOCK) {
      const texts = Array.from({ length: Math.min(A_BLOCK, length - from) }, (_, nth) => request(from + nth));
      let end = 0;
      this.#ends.push(Uint32Array.from(texts, (text) => (end += Buffer.byteLength(text))));
      this.#blocks.push(Buffer.from(texts.join('')));
    }
  }

  at(index) {
    const block = Math.floor(index / A_BLOCK);
    const nth = index % A_BLOCK;
    const ends = this.#ends[block];
    return this.#blocks[block].subarray(nth === 0 ? 0 : ends[nth - 1], ends[nth]);
  }
}
const A_BLOCK = 1_000;

function signed({ url, secret, tag, count, onboardings }) {
  const { host, pathname } = new URL([url].flat()[0]);
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const at = Date.now();
  return new Requests(count, (index) => {
    // Each happened a millisecond after the one before, the last one just now.
    const body = JSON.stringify(loadEvent(tag, index, onboardings, at - count + index));
    const id = `msg_${tag}_${index}`;
    const timestamp = Math.floor(at / 1000);
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    return (
      `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nsvix-id: ${id}\r\nsvix-timestamp: ${timestamp}\r\n` +
      `svix-signature: v1,${signature}\r\n\r\n${body}`
    );
  });
}

/**
 * A schedule begins on open connections, as a sender has that was there before. Node takes one new connection a turn of its
 * loop: a thousand at once, while it is busy, would measure that.
 */
async function opened(connections, urls) {
  const { host } = new URL(urls[0]);
  for (let from = 0; from < connections.length; from += OPENED_AT_ONCE) {
    const some = connections.slice(from, from + OPENED_AT_ONCE);
    await Promise.all(some.map((connection) => connection.post(`GET /healthz HTTP/1.1\r\nhost: ${host}\r\n\r\n`)));
  }
}
const OPENED_AT_ONCE = 64;

/** Connections take turns, so that none idles until the receiver closes it; an event that finds none waits in line. */
function onSchedule({ perSecond }, requests, connections, book) {
  const free = [...connections];
  const start = now() + 50;
  const due = (index) => start + (index * 1000) / perSecond;
  let next = 0;
  let answered = 0;
  return new Promise((resolve) => {
    const leave = () => {
      while (next < requests.length && free.length > 0 && due(next) <= now()) {
        const index = next++;
        const connection = free.shift();
        void book.post(connection, requests.at(index), index, due(index)).then(() => {
          free.push(connection);
          if (++answered === requests.length) return resolve();
          leave();
        });
      }
    };
    const timer = setInterval(() => (next < requests.length ? leave() : clearInterval(timer)), 1);
  });
}

async function asAnswered({ seconds }, requests, connections, book) {
  const until = now() + (seconds ?? Number.POSITIVE_INFINITY) * 1000;
  let next = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (next < requests.length && now() < until) {
        const index = next++;
        await book.post(connection, requests.at(index), index, now());
      }
    }),
  );
}
