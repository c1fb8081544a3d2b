import { createServer } from 'node:net';

const LAST_PORT = 65535;

/** Whether a server could listen on this port of 127.0.0.1 now. */
export function isFree(port: number): Promise<boolean> {
  return listenOnce(port).then((got) => got !== null);
}

/** A port of 127.0.0.1 that nobody listens on, chosen by the system. */
export async function anyFreePort(): Promise<number> {
  const port = await listenOnce(0);
  if (port === null) throw new Error('no port of 127.0.0.1 is free');
  return port;
}

/** The first free port from `port` on, passing over `not`. */
export async function nextFreePort(port: number, not: number | undefined): Promise<number> {
  for (let candidate = port; candidate <= LAST_PORT; candidate++) {
    if (candidate !== not && (await isFree(candidate))) return candidate;
  }
  throw new Error(`no port of 127.0.0.1 from ${port} on is free`);
}

function listenOnce(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}
