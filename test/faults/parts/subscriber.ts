import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'svix';

/** Somebody's receiver of outgoing webhooks: verifies as any Svix SDK does, answers 204, and counts what came by its id. */
export class Subscriber {
  /** How often each `svix-id` came. */
  readonly came = new Map<string, number>();
  /** What did not verify: must be empty at the end. */
  readonly forged: string[] = [];
  /** Calls that were taken and not answered yet. */
  waiting = 0;
  secret = '';
  #held: { readonly until: Promise<void>; readonly letGo: () => void } | undefined;
  readonly #server = createServer((request, response) => {
    this.#hear(request, response).catch(() => response.destroy());
  });

  static async open(): Promise<Subscriber> {
    const subscriber = new Subscriber();
    await new Promise<void>((resolve) => subscriber.#server.listen(0, '127.0.0.1', resolve));
    return subscriber;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Answers nothing until `release`. */
  hold(): void {
    let letGo = (): void => {};
    const until = new Promise<void>((resolve) => (letGo = resolve));
    this.#held = { until, letGo };
  }

  release(): void {
    this.#held?.letGo();
    this.#held = undefined;
  }

  /** How often what came under these ids came: `{ 1: 18, 2: 2 }`. An id that never came is under 0. */
  times(ids: readonly string[]): Readonly<Record<number, number>> {
    const counts: Record<number, number> = {};
    for (const id of ids) {
      const times = this.came.get(id) ?? 0;
      counts[times] = (counts[times] ?? 0) + 1;
    }
    return counts;
  }

  close(): Promise<void> {
    this.release();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const id = String(request.headers['svix-id']);
    if (!this.#isGenuine(body, request)) {
      this.forged.push(id);
      response.writeHead(401).end();
      return;
    }
    this.came.set(id, (this.came.get(id) ?? 0) + 1);
    this.waiting++;
    await this.#held?.until;
    this.waiting--;
    response.writeHead(204).end();
  }

  #isGenuine(body: string, { headers }: IncomingMessage): boolean {
    try {
      new Webhook(this.secret).verify(body, headers as Record<string, string>);
      return true;
    } catch {
      return false;
    }
  }
}
