import { unsupported } from './problem.js';
import type { WebhookRoute } from './route.js';

interface Lack {
  readonly method: WebhookRoute['method'];
  readonly path: string;
  readonly call: string;
  readonly why: string;
}

const APP = '/api/v1/app/{app_id}';
const ENDPOINT = `${APP}/endpoint/{endpoint_id}`;

const EXPUNGE = 'What a message said goes with retention, or by an erasure of whom it is about.';
const TRANSFORM = 'Payloads go out as they are: there are no transformations.';
const INTEGRATIONS = 'There are no integrations: make a named token for each program that is to have its own.';
const OPERATIONAL =
  'Slipway tells of endpoints in trouble by messages of `slipway`: subscribe to `endpoint.disabled` there.';
const POLLING = 'Messages are posted to endpoints; nothing is polled.';

/** All of Svix's API that Slipway does not have. Each is answered 501 with its reason, and the documentation lists them. */
const LACKS: readonly Lack[] = [
  {
    method: 'get',
    path: `${ENDPOINT}/msg`,
    call: 'messageAttempt.listAttemptedMessages',
    why: "List the endpoint's attempts with `with_msg=true` instead.",
  },
  {
    method: 'post',
    path: `${ENDPOINT}/bulk-replay`,
    call: 'endpoint.bulkReplay',
    why: 'Recover what failed, replay what is missing, or resend one message instead.',
  },
  { method: 'all', path: `${ENDPOINT}/transformation`, call: 'endpoint.transformation…', why: TRANSFORM },
  {
    method: 'post',
    path: `${APP}/msg/precheck/active`,
    call: 'message.precheck',
    why: 'A message that nobody wants costs one row: send it, or list the endpoints.',
  },
  { method: 'post', path: `${APP}/msg/expunge-all-contents`, call: 'message.expungeAllContents', why: EXPUNGE },
  { method: 'delete', path: `${APP}/msg/{msg_id}/content`, call: 'message.expungeContent', why: EXPUNGE },
  {
    method: 'delete',
    path: `${APP}/msg/{msg_id}/attempt/{attempt_id}/content`,
    call: 'messageAttempt.expungeContent',
    why: 'What a receiver answered is kept cut short, and goes with retention.',
  },
  { method: 'all', path: `${APP}/integration{/*rest}`, call: 'integration…', why: INTEGRATIONS },
  { method: 'all', path: `${APP}/poller{/*rest}`, call: 'message.poller…', why: POLLING },
  {
    method: 'post',
    path: '/api/v1/event-type/import/openapi',
    call: 'eventType.importOpenapi',
    why: 'Create event types one by one, each with its schema.',
  },
  {
    method: 'all',
    path: '/api/v1/auth{/*rest}',
    call: 'authentication…',
    why: 'There is no portal for subscribers; named tokens with roles are made with `slipway tokens create`.',
  },
  {
    method: 'all',
    path: '/api/v1/background-task{/*rest}',
    call: 'backgroundTask…',
    why: 'Recoveries and replays are done by the time they are answered: there is no task to wait for.',
  },
  { method: 'all', path: '/api/v1/connector{/*rest}', call: 'connector…', why: TRANSFORM },
  {
    method: 'all',
    path: '/api/v1/environment{/*rest}',
    call: 'environment…',
    why: 'A Slipway is one environment: back it up with `slipway backup`.',
  },
  { method: 'all', path: '/api/v1/operational-webhook{/*rest}', call: 'operationalWebhook…', why: OPERATIONAL },
  {
    method: 'all',
    path: '/api/v1/stats{/*rest}',
    call: 'statistics…',
    why: 'Each endpoint has its own statistics, and `/metrics` those of all.',
  },
  { method: 'all', path: '/api/v1/stream{/*rest}', call: 'streaming…', why: 'There are no streams: send messages.' },
  {
    method: 'all',
    path: '/ingest/api/v1{/*rest}',
    call: 'ingest…',
    why: 'What Slipway receives are the sources of `slipway.yaml`, at `POST /webhooks/<name>`.',
  },
];

export function unsupportedRoutes(): readonly WebhookRoute[] {
  return LACKS.map(({ why, ...lack }) => ({
    ...lack,
    role: 'viewer',
    summary: why,
    lacks: why,
    serve: () => {
      throw unsupported(`Slipway has no such call. ${why}`);
    },
  }));
}
