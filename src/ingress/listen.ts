import type { Express } from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expressMessages } from './express-messages.js';

/** Node's own limits (60 s, 300 s) let 500 slow senders hold 500 sockets for minutes. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
/** Long enough for the next event of a burst, short enough that idle sockets do not pile up. */
const KEEP_ALIVE_TIMEOUT_MS = 10_000;
/** How often Node looks for sockets that are over those limits; its own 30 s would triple them. */
const CHECK_EVERY_MS = 1_000;
/** What is still under way at a stop gets this long: longer than the store is waited for. */
const CLOSE_WITHIN_MS = 8_000;

export interface Listener {
  readonly server: Server;
  /** The port it listens on, also where 0 was asked for. */
  readonly port: number;
  /** Takes no new connection, ends idle ones at once, lets requests under way be answered. Never rejects. */
  close(): Promise<void>;
}

/** Listens, or rejects with Node's error (`EADDRINUSE`, `EACCES`). */
export async function listen(app: Express, port: number, host: string): Promise<Listener> {
  const server = createServer({ ...expressMessages(app), connectionsCheckingInterval: CHECK_EVERY_MS }, app);
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const sockets = track(server);
  return { server, port: (server.address() as AddressInfo).port, close: () => close(server, sockets) };
}

function track(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    const endIdle = (): void => {
      server.closeIdleConnections();
      // One that has not said a word yet, as browsers open in advance, is not idle to Node.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    };
    // A socket whose request was under way becomes idle later than the first look.
    const idle = setInterval(endIdle, 50);
    const patience = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(patience);
      resolve();
    });
    endIdle();
  });
}
