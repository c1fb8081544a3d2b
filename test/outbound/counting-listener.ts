import { type AddressInfo, createServer, type Server } from 'node:net';

/** Listens on the loopback, in both families where there are two, and counts who connects. */
export class CountingListener {
  connections = 0;
  port = 0;
  readonly #servers: Server[] = [];

  static async open(): Promise<CountingListener> {
    const listener = new CountingListener();
    listener.port = await listener.#listen('127.0.0.1', 0);
    await listener.#listen('::1', listener.port).catch(() => undefined);
    return listener;
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }

  async #listen(host: string, wanted: number): Promise<number> {
    const server = createServer((socket) => {
      this.connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(wanted, host, resolve));
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }
}
