import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Place, refused } from './edge-ports.js';

/** A port that answers from memory alone: nothing is under way on it that a close would have to wait for. */
export interface PlainPort {
  readonly port: number;
  /** Ends every connection and lets the port go, for who serves there next. */
  close(): Promise<void>;
}

/** Throws `SettingError` for a port that cannot be had. */
export async function openPlainPort(place: Place, answer: RequestListener): Promise<PlainPort> {
  const server = createServer((request, response) => {
    request.resume();
    answer(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(refused(place, error)));
    server.listen(place.port, place.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
