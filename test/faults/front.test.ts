import { once } from 'node:events';
import http from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../start/slipway-process.js';
import { keepablePorts } from './free-ports.js';
import { Front } from './front.js';

/** A server's edge: says whether it is ready, and answers, or cuts off, what it is given. */
class Edge {
  isReady = true;
  cutsOff = false;
  readonly taken: string[] = [];
  readonly server = http.createServer((req, res) => {
    if (req.url === '/readyz') return void res.writeHead(this.isReady ? 200 : 503).end();
    let body = '';
    req.on('data', (piece: Buffer) => (body += piece.toString()));
    req.on('end', () => {
      this.taken.push(body);
      if (this.cutsOff) req.socket.destroy();
      else res.writeHead(200).end(`took ${body}`);
    });
  });

  async listen(port: number): Promise<void> {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    if (this.server.listening) await new Promise((closed) => this.server.close(closed));
  }
}

describe('the front before several servers', () => {
  let edges: [Edge, Edge];
  let front: Front;
  const post = async (body: string) => {
    const answer = await fetch(`${front.url}/webhooks/pivotal`, { method: 'POST', body });
    return `${answer.status} ${await answer.text()}`;
  };
  beforeEach(async () => {
    const ports = await keepablePorts(2);
    edges = [new Edge(), new Edge()];
    await Promise.all(edges.map((edge, nth) => edge.listen(ports[nth] as number)));
    front = await Front.start(ports);
  });
  afterEach(async () => {
    await front.close();
    await Promise.all(edges.map((edge) => edge.stop()));
  });

  it('takes turns', async () => {
    for (const body of ['a', 'b', 'c', 'd']) expect(await post(body)).toBe(`200 took ${body}`);

    expect(edges.map((edge) => edge.taken.length)).toEqual([2, 2]);
  });

  it('tells how long it keeps a connection itself, not how long a server would', async () => {
    const answer = await fetch(`${front.url}/webhooks/pivotal`, { method: 'POST', body: 'a' });

    expect(answer.headers.get('keep-alive')).toBe('timeout=30');
    expect(await answer.text()).toBe('took a');
  });

  it('gives nothing to a server that is not ready, and to none answers 503', async () => {
    edges[0].isReady = false;
    await until(() => front.ready === 1, 'it has noticed', 10_000);
    for (const body of ['a', 'b', 'c']) await post(body);
    expect(edges.map((edge) => edge.taken.length)).toEqual([0, 3]);

    edges[1].isReady = false;
    await until(() => front.ready === 0, 'it has noticed', 10_000);
    expect(await post('d')).toBe('503 ');
  });

  it('repeats nothing: what a server cut off is cut off for the sender', async () => {
    for (const edge of edges) edge.cutsOff = true;

    await expect(post('a')).rejects.toThrow('fetch failed');

    expect(edges.flatMap((edge) => edge.taken)).toEqual(['a']);
  });

  it('gives no second request to a server whose port is closed', async () => {
    await edges[0].stop();

    const answers = await Promise.allSettled(['a', 'b', 'c', 'd'].map((body) => post(body)));
    await until(() => front.ready === 1, 'it has noticed', 10_000);

    expect(answers.filter((one) => one.status === 'fulfilled').length).toBeGreaterThanOrEqual(2);
    expect(await post('e')).toBe('200 took e');
  });
});
