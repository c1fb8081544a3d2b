import { once } from 'node:events';
import http from 'node:http';
import { endToEnd } from '../support/end-to-end.js';

/** A server's edge, as the front sees it. */
interface Backend {
  readonly port: number;
  isReady: boolean;
  served: number;
}

const HOST = '127.0.0.1';
const ASKED_EVERY_MS = 100;
const ANSWERS_WITHIN_MS = 2_000;

/**
 * What stands before several servers in earnest: takes turns among those whose /readyz says yes. It repeats nothing: a
 * request that its server did not answer ends as a closed connection, so that the sender sees what became of it.
 */
export class Front {
  readonly #backends: readonly Backend[];
  readonly #server: http.Server;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 200 });
  readonly #asking: NodeJS.Timeout;
  #next = 0;
  #port = 0;

  private constructor(ports: readonly number[]) {
    this.#backends = ports.map((port) => ({ port, isReady: false, served: 0 }));
    this.#server = http.createServer({ keepAliveTimeout: 30_000 }, (req, res) => this.#forward(req, res));
    this.#asking = setInterval(() => void this.#askAll(), ASKED_EVERY_MS);
  }

  static async start(ports: readonly number[]): Promise<Front> {
    const front = new Front(ports);
    front.#server.listen(0, HOST);
    await once(front.#server, 'listening');
    front.#port = (front.#server.address() as { port: number }).port;
    await front.#askAll();
    return front;
  }

  get url(): string {
    return `http://${HOST}:${this.#port}`;
  }

  /** How many servers take requests now. */
  get ready(): number {
    return this.#backends.filter((one) => one.isReady).length;
  }

  /** How many requests each server was given. */
  get served(): readonly number[] {
    return this.#backends.map((one) => one.served);
  }

  async close(): Promise<void> {
    clearInterval(this.#asking);
    this.#agent.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #askAll(): Promise<void> {
    await Promise.all(
      this.#backends.map(async (backend) => {
        const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
        const answer = await fetch(`http://${HOST}:${backend.port}/readyz`, { signal }).catch(() => undefined);
        await answer?.body?.cancel().catch(() => {});
        backend.isReady = answer?.ok === true;
      }),
    );
  }

  #forward(req: http.IncomingMessage, res: http.ServerResponse): void {
    const backend = this.#choose();
    if (!backend) {
      res.writeHead(503, { 'retry-after': '1' }).end();
      return;
    }
    backend.served++;
    const { method, url } = req;
    const headers = endToEnd(req.headers);
    const options = { agent: this.#agent, host: HOST, port: backend.port, method, path: url, headers };
    const onward = http.request(options, (answer) => {
      res.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
      answer.pipe(res);
      answer.on('error', () => res.destroy());
    });
    onward.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') backend.isReady = false;
      res.destroy();
    });
    req.on('error', () => onward.destroy());
    res.on('close', () => onward.destroy());
    req.pipe(onward);
  }

  #choose(): Backend | undefined {
    const ready = this.#backends.filter((one) => one.isReady);
    return ready[this.#next++ % Math.max(1, ready.length)];
  }
}
