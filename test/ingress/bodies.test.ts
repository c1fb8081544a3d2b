import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { sign } from '../../src/signature/sign.js';
import { Edge, moved, SECRETS } from './edge.js';

const HEAD = 'POST /webhooks/pivotal HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n';
/** 134 of them are more than all bodies together may have, 130 are not. */
const LARGE_BYTES = 250 * 1024;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

function heldBytes(): number {
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A sender that speaks for as long as it likes. */
class Slow {
  heard = '';
  readonly #socket: Socket;
  readonly ended: Promise<void>;

  constructor({ listener }: Edge) {
    this.#socket = connect(listener.port, '127.0.0.1');
    this.#socket.on('data', (said) => {
      this.heard += said.toString('latin1');
    });
    this.#socket.on('error', () => {});
    this.ended = new Promise((resolve) => this.#socket.on('close', () => resolve()));
    all.push(this);
  }

  say(bytes: string | Buffer): Promise<void> {
    return new Promise((resolve) => this.#socket.write(bytes, () => resolve()));
  }

  piece(bytes: number): Promise<void> {
    return this.say(`${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`);
  }

  end(): void {
    this.#socket.destroy();
  }
}

const all: Slow[] = [];
// An edge that stops waits for whom it has not answered yet.
afterEach(() => {
  for (const slow of all.splice(0)) slow.end();
});

/** So many large bodies that do not end, one begun after the other. */
async function begun(edge: Edge, times: number): Promise<readonly Slow[]> {
  const slow: Slow[] = [];
  for (let n = 0; n < times; n++) {
    const one = new Slow(edge);
    slow.push(one);
    await one.say(`${HEAD}\r\n`);
    await one.piece(LARGE_BYTES);
  }
  return slow;
}

function signedHead(body: string | Buffer): string {
  const signed = sign(SECRETS.current, 'msg_1', Math.floor(Date.now() / 1000), body);
  return `${HEAD}${Object.entries(signed)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;
}

/** Bytes that the edge has read of all connections from now on. */
function bytesRead({ listener }: Edge): () => number {
  const sockets: Socket[] = [];
  listener.server.on('connection', (socket: Socket) => sockets.push(socket));
  return () => sockets.reduce((sum, socket) => sum + socket.bytesRead, 0);
}

const within = { timeout: 10_000 };

describe('a body', () => {
  it('in 200,000 pieces costs hardly more than its bytes, and is taken as it was signed', async () => {
    const edge = await Edge.open();
    const read = bytesRead(edge);
    const body = JSON.stringify({ ...moved('evt_1'), pad: 'x'.repeat(200_000) });
    const pieces = [...Buffer.from(body)].map((byte) => `1\r\n${String.fromCharCode(byte)}\r\n`);
    const request = Buffer.from(signedHead(body) + pieces.join(''), 'latin1');
    const sender = new Slow(edge);
    const before = heldBytes();

    await sender.say(request);
    await expect.poll(read, within).toBe(request.length);
    const held = heldBytes() - before;
    await sender.say('0\r\n\r\n');

    await expect.poll(() => sender.heard, within).toContain('HTTP/1.1 200');
    expect(edge.inbox.arrivals[0]?.body.toString()).toBe(body);
    expect(held).toBeLessThan(5_000_000);
  });

  it.each([1, 2, 3, 1_000, 65_536, 131_073])('in pieces that begin with %i bytes arrives whole', async (first) => {
    const edge = await Edge.open();
    const body = Buffer.from(JSON.stringify({ ...moved('evt_1'), pad: 'äöü'.repeat(40_000) }));
    const sender = new Slow(edge);

    await sender.say(signedHead(body));
    for (let from = 0, bytes = first; from < body.length; from += bytes, bytes *= 3) {
      const piece = body.subarray(from, from + bytes);
      await sender.say(Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]));
    }
    await sender.say('0\r\n\r\n');

    await expect.poll(() => sender.heard, within).toContain('HTTP/1.1 200');
    expect(edge.inbox.arrivals[0]?.body.equals(body)).toBe(true);
  });
});

describe('bodies that are more than there is memory for', () => {
  it('give way in the order in which they began, answered 503 and counted, and hold up nobody', async () => {
    const edge = await Edge.open();
    const before = heldBytes();
    const slow = await begun(edge, 400);
    const [first, last] = [slow[0], slow.at(-1)];

    await expect.poll(() => first?.heard, within).toContain('HTTP/1.1 503');
    expect(first?.heard).toMatch(/retry-after: 5\r\n[^]*"store_unavailable"/);
    expect(last?.heard).toBe('');
    await expect.poll(heldBytes, within).toBeLessThan(before + 60_000_000);
    expect((await edge.post(moved('evt_1'))).status).toBe(200);
    await last?.say('0\r\n\r\n');
    await expect.poll(() => last?.heard, within).toContain('HTTP/1.1 401');

    const refused = slow.filter(({ heard }) => heard.includes(' 503 ')).length;
    expect(refused).toBeGreaterThanOrEqual(268);
    expect(refused).toBeLessThan(275);
    expect(edge.counts.get('slipway_events_unstored_total pivotal')).toBe(refused);
    // The store takes all that comes: what waits is applied no slower for it.
    expect(edge.shed).toBe(0);
    await expect
      .poll(() => edge.logged, within)
      .toContain(
        `error events were not read: more bodies were under way at once than there is memory for {"source":"pivotal","events":${refused}}`,
      );
  });

  it('have room again once slow ones are timed out', async () => {
    const edge = await Edge.open();
    Object.assign(edge.listener.server, { headersTimeout: 500, requestTimeout: 1_500 });
    for (let round = 0; round < 2; round++) {
      const slow = await begun(edge, 100);
      await Promise.all(slow.map(({ ended }) => ended));
      expect(slow.filter(({ heard }) => heard.includes(' 503 '))).toEqual([]);
    }
  });

  it('count no more once they are read or refused', async () => {
    const edge = await Edge.open();
    const oldest = new Slow(edge);
    await oldest.say(`${HEAD}\r\n`);
    await oldest.piece(1);

    for (let n = 0; n < 150; n++) {
      const bytes = n % 2 ? LARGE_BYTES : 300_000;
      expect((await edge.post(Buffer.alloc(bytes, 120), { secret: SECRETS.sandbox })).status).toBe(n % 2 ? 401 : 413);
    }
    const over = new Slow(edge);
    await over.say(`${HEAD}\r\n`);
    for (let n = 0; n < 400; n++) await over.piece(100_000);

    expect(over.heard).toContain(' 413 ');
    expect(oldest.heard).toBe('');
    await oldest.say('0\r\n\r\n');
    await expect.poll(() => oldest.heard, within).toContain(' 401 ');
  });
});
