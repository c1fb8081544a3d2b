import { type Application, type Endpoint, OWN_APPLICATIONS } from '../../contracts/webhooks.js';
import type { ApiDeps } from '../deps.js';
import { iso } from '../instant.js';

const PING = 'webhook.ping';

/**
 * The first message of a new endpoint, so that its owner sees at once whether it is heard. Once for each endpoint, and a
 * courtesy: the endpoint stands without it.
 */
export async function sendPing(
  { webhooks, now, observer }: Pick<ApiDeps, 'webhooks' | 'now' | 'observer'>,
  application: Application,
  endpoint: Endpoint,
): Promise<void> {
  const id = `evt_ping_${endpoint.id}`;
  const payload = JSON.stringify({
    id,
    type: PING,
    timestamp: iso(now()),
    org: null,
    livemode: application.id === OWN_APPLICATIONS.live.id,
    data: { object: { endpoint_id: endpoint.id } },
  });
  const message = { eventType: PING, eventId: id, channels: null, tags: null, payload, orderKey: null };
  await webhooks.messages
    .create(application.id, { ...message, idempotencyKey: null, onlyTo: endpoint.id })
    .catch((error: unknown) =>
      observer.log('warn', 'a new endpoint was sent no ping', { endpoint: endpoint.id, reason: String(error) }),
    );
}
