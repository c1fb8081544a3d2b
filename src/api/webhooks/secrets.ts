import { RotateBody } from '../../contracts/api-webhooks.js';
import type { ApiDeps } from '../deps.js';
import { refuseWithoutKey } from './endpoints.js';
import { endpointOf } from './find.js';
import { unknown, unsupported } from './problem.js';
import { changing, type WebhookRoute } from './route.js';

const PATH = '/api/v1/app/{app_id}/endpoint/{endpoint_id}/secret';
const OVERLAP_S = 86_400;

/** Signing secrets. Who reads one could sign in Slipway's name: that is in the audit log like a change. */
export function secretRoutes({ webhooks }: Pick<ApiDeps, 'webhooks'>): readonly WebhookRoute[] {
  const { endpoints } = webhooks;
  return [
    changing({
      method: 'get',
      path: PATH,
      call: 'endpoint.getSecret',
      role: 'admin',
      action: 'endpoint.read_secret',
      answersOnce: true,
      summary: 'Shows the secret that signs; entered in the audit log',
      handle: async ({ params }) => {
        const { endpoint, key } = await endpointOf(webhooks, params);
        const secret = await endpoints.secret(key).catch(refuseWithoutKey);
        if (secret === undefined) throw unknown('endpoint', endpoint.id);
        const change = { subject: endpoint.id, before: null, after: { shown: true } };
        return { status: 200, body: { key: secret }, change };
      },
    }),
    changing({
      method: 'post',
      path: `${PATH}/rotate`,
      call: 'endpoint.rotateSecret',
      role: 'admin',
      action: 'endpoint.rotate_secret',
      summary: 'Gives an endpoint another secret, `key` or one that is made; the former one signs too for 24 hours',
      body: RotateBody,
      handle: async ({ params, body }) => {
        if (body.gracePeriodSeconds != null && body.gracePeriodSeconds !== OVERLAP_S)
          throw unsupported('The former secret signs for 24 hours: another `gracePeriodSeconds` is not taken.');
        const { endpoint, key } = await endpointOf(webhooks, params);
        const isDone = await endpoints.rotate(key, body.key ?? undefined).catch(refuseWithoutKey);
        if (!isDone) throw unknown('endpoint', endpoint.id);
        const after = { secret: body.key ? 'given' : 'made' };
        return { status: 204, change: { subject: endpoint.id, before: null, after } };
      },
    }),
  ];
}
