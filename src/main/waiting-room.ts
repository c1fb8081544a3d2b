import type { Place } from './edge-ports.js';
import { openPlainPort, type PlainPort } from './plain-port.js';

const ALIVE = JSON.stringify({ status: 'ok' });

/**
 * The port of a process that cannot serve yet: it says so, so that nobody waits for an answer and nothing is lost. `why`:
 * what is waited for, in a sentence. `/healthz` answers 200, since a restart would not help.
 */
export function openWaitingRoom(place: Place, why: () => string): Promise<PlainPort> {
  return openPlainPort(place, (request, response) => {
    if (request.url === '/healthz') return void response.writeHead(200, TYPE).end(ALIVE);
    const body =
      request.url === '/readyz'
        ? { status: 'not_ready', checks: { start: why() } }
        : { error: { type: 'unavailable', code: 'starting', message: `Slipway cannot take this yet: ${why()}` } };
    response.writeHead(503, { ...TYPE, 'retry-after': '5', connection: 'close' }).end(JSON.stringify(body));
  });
}

const TYPE = { 'content-type': 'application/json; charset=utf-8' };
