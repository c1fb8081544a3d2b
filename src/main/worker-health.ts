import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Place, refused } from './edge-ports.js';

export interface WorkerHealthDeps {
  /** Why it takes no tasks now; null where it does. */
  readonly problem: () => string | null;
  readonly metricsText: () => Promise<string>;
}

/** The port of a worker: `/healthz`, `/readyz` and `/metrics`, for who looks after it. */
export async function openWorkerHealth(
  place: Place,
  deps: WorkerHealthDeps,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume();
    void answer(request.url ?? '', response, deps);
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

async function answer(url: string, response: ServerResponse, { problem, metricsText }: WorkerHealthDeps) {
  if (url === '/metrics') {
    const text = await metricsText().catch(() => '');
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
    return;
  }
  const why = problem();
  if (url === '/healthz') return json(response, 200, { status: 'ok' });
  if (url !== '/readyz') return json(response, 404, NOTHING_HERE);
  if (why === null) return json(response, 200, { status: 'ready', checks: { worker: 'ok' } });
  json(response, 503, { status: 'not_ready', checks: { worker: why } });
}

const NOTHING_HERE = {
  error: { type: 'not_found', code: 'unknown_route', message: 'A worker has /healthz, /readyz and /metrics alone.' },
};

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
