import type { ServerResponse } from 'node:http';
import type { Place } from './edge-ports.js';
import { openPlainPort, type PlainPort } from './plain-port.js';

export interface WorkerHealthDeps {
  /** Why it takes no tasks now; null where it does. */
  readonly problem: () => string | null;
  readonly metricsText: () => Promise<string>;
}

/** The port of a worker: `/healthz`, `/readyz` and `/metrics`, for who looks after it. */
export function openWorkerHealth(place: Place, deps: WorkerHealthDeps): Promise<PlainPort> {
  return openPlainPort(place, (request, response) => void answer(request.url ?? '', response, deps));
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
