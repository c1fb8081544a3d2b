import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';

/** Statuses of gRPC that a server in trouble answers with. */
export const RESOURCE_EXHAUSTED = 8;
export const UNAVAILABLE = 14;

/** A gRPC server that refuses every call with one status, as a namespace over its rate limit does. */
export class Refuser {
  /** Calls that were refused. */
  calls = 0;
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  readonly #server = http2.createServer();

  private constructor(status: number) {
    this.#server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session)).on('error', () => {});
    });
    this.#server.on('stream', (stream) => {
      this.calls++;
      stream.on('error', () => {});
      const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status) };
      stream.respond({ ...headers, 'grpc-message': 'over the limit of this server' }, { endStream: true });
    });
  }

  static async start(status: number): Promise<Refuser> {
    const refuser = new Refuser(status);
    refuser.#server.listen(0, '127.0.0.1');
    await once(refuser.#server, 'listening');
    return refuser;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    await new Promise((closed) => this.#server.close(closed));
  }
}
