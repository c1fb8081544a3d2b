import type { z } from 'zod';
import { AttemptsQuery, LIMITED, PageQuery } from '../../contracts/api-webhooks.js';
import type {
  Attempt,
  AttemptFilter,
  DeliveryState,
  Destination,
  Listed,
  Message,
  Webhooks,
} from '../../contracts/webhooks.js';
import type { ApiDeps } from '../deps.js';
import { iso, isoOrNull } from '../instant.js';
import { endpointView } from './endpoints.js';
import { endpointIn, endpointOf, messageOf } from './find.js';
import { masked } from './headers.js';
import { messageView } from './message-text.js';
import { eventTypesOf, listed, pageOf } from './paging.js';
import { unknown } from './problem.js';
import { changing, reading, type Reply, type WebhookRoute } from './route.js';

const PATH = '/api/v1/app/{app_id}';
const NOTHING: Listed<never> = { data: [], iterator: null, prevIterator: null, done: true };
type Asked = z.output<typeof AttemptsQuery>;

/** Attempts: every call that was made for a message, and what became of it. */
export function attemptRoutes({ webhooks }: Pick<ApiDeps, 'webhooks'>): readonly WebhookRoute[] {
  const { attempts, recovery } = webhooks;
  return [
    reading({
      method: 'get',
      path: `${PATH}/attempt/endpoint/{endpoint_id}`,
      call: 'messageAttempt.listByEndpoint',
      role: 'viewer',
      summary: "Lists an endpoint's attempts, the newest first; `with_msg=true` shows the messages too",
      query: AttemptsQuery,
      handle: async ({ params, query, request }) => {
        const { application, key } = await endpointOf(webhooks, params);
        const filter = filterOf(query, eventTypesOf(request), null);
        const page = filter ? await attempts.ofEndpoint(key, { ...pageOf(query, 'descending'), ...filter }) : NOTHING;
        const messages = query.with_msg ? await messagesOf(webhooks, application.id, page.data) : undefined;
        return answer(page, query, messages);
      },
    }),
    reading({
      method: 'get',
      path: `${PATH}/attempt/msg/{msg_id}`,
      call: 'messageAttempt.listByMsg',
      role: 'viewer',
      summary: "Lists a message's attempts, the newest first",
      query: AttemptsQuery,
      handle: async ({ params, query, request }) => {
        const { application, message } = await messageOf(webhooks, params);
        const { endpoint_id: ref } = query;
        const endpoint = ref === undefined ? null : await endpointIn(webhooks, application, ref);
        const filter = filterOf(query, eventTypesOf(request), endpoint && endpoint.id);
        const page = filter
          ? await attempts.ofMessage(application.id, message.id, { ...pageOf(query, 'descending'), ...filter })
          : NOTHING;
        return answer(page, query, query.with_msg ? new Map([[message.id, message]]) : undefined);
      },
    }),
    reading({
      method: 'get',
      path: `${PATH}/msg/{msg_id}/attempt/{attempt_id}`,
      call: 'messageAttempt.get',
      role: 'viewer',
      summary: 'Shows an attempt, with the headers of both sides and the address that was dialled',
      handle: async ({ params }) => {
        const { application, message } = await messageOf(webhooks, params);
        const id = params['attempt_id'] ?? '';
        const attempt = LIMITED.test(id) ? await attempts.find(application.id, message.id, id) : undefined;
        if (!attempt) throw unknown('attempt', id);
        return { status: 200, body: attemptView(attempt, true) };
      },
    }),
    reading({
      method: 'get',
      path: `${PATH}/msg/{msg_id}/endpoint`,
      call: 'messageAttempt.listAttemptedDestinations',
      role: 'viewer',
      summary: 'Lists the endpoints that a message goes to, with how far it has come',
      query: PageQuery,
      handle: async ({ params, query }) => {
        const { application, message } = await messageOf(webhooks, params);
        const page = await attempts.destinations(application.id, message.id, pageOf(query, 'ascending'));
        return listed(page, destinationView);
      },
    }),
    changing({
      method: 'post',
      path: `${PATH}/msg/{msg_id}/endpoint/{endpoint_id}/resend`,
      call: 'messageAttempt.resend',
      role: 'operator',
      action: 'message.resend',
      summary: 'Makes one more attempt, with the same id and bytes',
      handle: async ({ params }) => {
        const { message } = await messageOf(webhooks, params);
        const { key } = await endpointOf(webhooks, params);
        if (!(await recovery.resend(key, message.id))) throw unknown('message', message.id);
        return { status: 202, body: {}, change: { subject: message.id, before: null, after: { endpoint: key.id } } };
      },
    }),
  ];
}

/** Null where nothing in the log is like that: an attempt has succeeded or failed once it is there. */
function filterOf(
  { status, status_code_class: code, before, after, channel, tag }: Asked,
  eventTypes: readonly string[] | null,
  endpointId: string | null,
): AttemptFilter | null {
  if (status !== undefined && status !== 0 && status !== 2) return null;
  return {
    endpointId,
    succeeded: status === undefined ? null : status === 0,
    statusClass: code === undefined ? null : code / 100,
    eventTypes,
    channel: channel ?? null,
    tag: tag ?? null,
    before: before ?? null,
    after: after ?? null,
  };
}

async function messagesOf(
  { messages }: Pick<Webhooks, 'messages'>,
  application: string,
  of: readonly Attempt[],
): Promise<ReadonlyMap<string, Message>> {
  const ids = [...new Set(of.map(({ messageId }) => messageId))];
  const found = await Promise.all(ids.map((id) => messages.find(application, id)));
  return new Map(found.flatMap((message) => (message ? [[message.id, message]] : [])));
}

const answer = (page: Listed<Attempt>, query: Asked, messages?: ReadonlyMap<string, Message>): Reply =>
  listed(page, (attempt) => {
    const message = messages?.get(attempt.messageId);
    const msg = message && { msg: messageView(message, query.with_content) };
    return { ...attemptView(attempt, query.with_content), ...msg };
  });

/** In Svix's words, and what Slipway knows beside them. */
function attemptView(attempt: Attempt, withContent: boolean) {
  return {
    id: attempt.id,
    msgId: attempt.messageId,
    endpointId: attempt.endpointId,
    url: attempt.url,
    ...statusOf(attempt.succeeded ? 'delivered' : 'failed'),
    triggerType: attempt.trigger === 'manual' ? 1 : 0,
    response: withContent ? attempt.response : '{}',
    responseStatusCode: attempt.status,
    responseDurationMs: attempt.ms,
    timestamp: iso(attempt.at),
    eventType: attempt.eventType,
    requestHeaders: masked(attempt.requestHeaders),
    responseHeaders: masked(attempt.responseHeaders),
    address: attempt.address,
    nextAttempt: isoOrNull(attempt.nextAt),
  };
}

function destinationView({ endpoint, state, nextAt }: Destination) {
  const { metadata: _, ...view } = endpointView(endpoint);
  return { ...view, ...statusOf(state), nextAttempt: isoOrNull(nextAt) };
}

const STATUSES: Readonly<Record<DeliveryState, { readonly status: number; readonly statusText: string }>> = {
  delivered: { status: 0, statusText: 'success' },
  pending: { status: 1, statusText: 'pending' },
  failed: { status: 2, statusText: 'fail' },
  cancelled: { status: 4, statusText: 'canceled' },
};
const statusOf = (state: DeliveryState) => STATUSES[state];
