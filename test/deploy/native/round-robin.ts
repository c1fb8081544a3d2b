import { once } from 'node:events';
import http from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { endToEnd } from '../../support/end-to-end.js';

const HOST = '127.0.0.1';
/** As deploy/compose/Caddyfile has it. */
const ASKED_EVERY_MS = 200;
const TRIED_FOR_MS = 5_000;
const TRIED_EVERY_MS = 100;

export interface Upstream {
  readonly port: number;
  /** Whose /readyz speaks for it. */
  readonly healthPort: number;
}

/**
 * Does what the Caddyfile asks of the proxy: takes turns among the servers that are ready, makes a connection for each
 * request, and goes to the next server only where no connection came about. The body passes through as it is.
 */
export class RoundRobin {
  readonly #server = http.createServer((request, response) => void this.#forward(request, response));
  readonly #ready = new Set<number>();
  readonly #asking: NodeJS.Timeout;
  #next = 0;

  private constructor(private readonly upstreams: readonly Upstream[]) {
    this.#asking = setInterval(() => void this.#ask(), ASKED_EVERY_MS);
  }

  static async listen(port: number, upstreams: readonly Upstream[]): Promise<RoundRobin> {
    const proxy = new RoundRobin(upstreams);
    await proxy.#ask();
    proxy.#server.listen(port, HOST);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  async close(): Promise<void> {
    clearInterval(this.#asking);
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #ask(): Promise<void> {
    await Promise.all(
      this.upstreams.map(async ({ port, healthPort }) => {
        const signal = AbortSignal.timeout(2_000);
        const answer = await fetch(`http://${HOST}:${healthPort}/readyz`, { signal }).catch(() => undefined);
        await answer?.body?.cancel().catch(() => {});
        if (answer?.ok) this.#ready.add(port);
        else this.#ready.delete(port);
      }),
    );
  }

  async #forward(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const socket = await this.#connect();
    if (!socket) {
      response.writeHead(503, { 'retry-after': '1' }).end();
      return;
    }
    const { method, url: path } = request;
    const headers = endToEnd(request.headers);
    const onward = http.request({ method, path, headers, createConnection: () => socket }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    onward.on('error', () => response.destroy());
    request.on('error', () => onward.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  async #connect(): Promise<Socket | undefined> {
    for (const until = Date.now() + TRIED_FOR_MS; Date.now() < until; await delay(TRIED_EVERY_MS)) {
      for (const _ of this.upstreams) {
        const upstream = this.upstreams[this.#next++ % this.upstreams.length];
        if (!upstream || !this.#ready.has(upstream.port)) continue;
        const socket = await connected(upstream.port);
        if (socket) return socket;
      }
    }
    return undefined;
  }
}

function connected(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    socket.once('error', () => resolve(undefined));
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
