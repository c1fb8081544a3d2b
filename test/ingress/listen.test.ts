import { connect, type Socket } from 'node:net';
import express, { type Request } from 'express';
import { describe, expect, it } from 'vitest';
import { listen } from '../../src/ingress/listen.js';
import { Edge, moved } from './edge.js';

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
  });
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.resume();
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });

describe('the edge listener', () => {
  it('gives a request 10 s for its headers, 15 s in all, and an idle socket 10 s', async () => {
    const { server } = (await Edge.open()).listener;
    expect([server.headersTimeout, server.requestTimeout, server.keepAliveTimeout]).toEqual([10_000, 15_000, 10_000]);
  });

  it('ends slow senders of headers and bodies while good requests are served (A6)', async () => {
    const edge = await Edge.open();
    // The same mechanism, told in tenths of a second.
    Object.assign(edge.listener.server, { headersTimeout: 300, requestTimeout: 500, keepAliveTimeout: 300 });
    const slow = await Promise.all(Array.from({ length: 200 }, () => open(edge.listener.port)));
    const ends = slow.map(closed);
    for (const [n, socket] of slow.entries()) {
      if (n % 2 === 0) socket.write('POST /webhooks/pivotal HTTP/1.1\r\nx-slow:');
      else socket.write('POST /webhooks/pivotal HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{');
    }

    for (let n = 0; n < 50; n++) expect((await edge.post(moved(`evt_${n}`))).status).toBe(200);

    await Promise.all(ends);
  });

  it('stops by ending idle sockets at once and answering what is under way', async () => {
    const edge = await Edge.open();
    let goOn = (): void => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let hasArrived = (): void => {};
    const arrived = new Promise<void>((resolve) => {
      hasArrived = resolve;
    });
    const accept = edge.inbox.accept.bind(edge.inbox);
    edge.inbox.accept = async (arrival) => {
      hasArrived();
      await gate;
      return accept(arrival);
    };
    const ended = closed(await open(edge.listener.port));
    const answer = edge.post(moved('evt_1'));
    await arrived;

    const stopped = edge.listener.close();
    await ended;
    goOn();

    expect((await answer).status).toBe(200);
    const from = performance.now();
    await stopped;
    expect(performance.now() - from).toBeLessThan(1_000);
    await expect(open(edge.listener.port)).rejects.toThrow('ECONNREFUSED');
  });

  it('makes requests and responses that Express need not change', async () => {
    const app = express();
    app.get('/kind', (req: Request, res) => {
      const isAsMade = Object.getPrototypeOf(req) === app.request && Object.getPrototypeOf(res) === app.response;
      res.json({ isAsMade, type: req.get('x-word'), app: req.app === app });
    });
    const own = app.request;
    const listener = await listen(app, 0, '127.0.0.1');
    try {
      const response = await fetch(`http://127.0.0.1:${listener.port}/kind`, { headers: { 'x-word': 'hello' } });
      expect(await response.json()).toMatchObject({ isAsMade: true, type: 'hello', app: true });
      expect(app.request).not.toBe(own);
    } finally {
      await listener.close();
    }
  });

  it('says by its code that the port is taken', async () => {
    const edge = await Edge.open();
    await expect(listen(express(), edge.listener.port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
