import { ContentQuery, LIMITED, MessagesQuery } from '../../contracts/api-webhooks.js';
import type { Created } from '../../contracts/webhooks.js';
import type { ApiDeps } from '../deps.js';
import { idempotencyOf } from '../idempotency-key.js';
import { applicationOf, messageOf } from './find.js';
import { messageText, messageView } from './message-text.js';
import { eventTypesOf, listed, pageOf } from './paging.js';
import { conflict, unknown, unsupported } from './problem.js';
import { readJson } from './read-json.js';
import { readMessage } from './read-message.js';
import { reading, type WebhookRoute } from './route.js';

const PATH = '/api/v1/app/{app_id}/msg';
/** Larger than any webhook should be, and than Svix itself takes. */
const LIMIT_BYTES = 512 * 1024;

/** What there is to tell. A message is data and no decision: the audit log has no line of it. */
export function createMessageRoute({ webhooks }: Pick<ApiDeps, 'webhooks'>): WebhookRoute {
  return {
    method: 'post',
    path: PATH,
    call: 'message.create',
    role: 'operator',
    parse: readJson(LIMIT_BYTES),
    summary:
      'Sends a message to every endpoint that wants it; a repeat under the same `Idempotency-Key` is answered with the first one',
    serve: async (request, response) => {
      const id = String(request.params['app_id']);
      const message = readMessage(request.body);
      const { idempotencyKey = null } = idempotencyOf(request);
      const created = LIMITED.test(id)
        ? await webhooks.messages.create(id, { ...message, idempotencyKey })
        : ({ outcome: 'unknown_application' } as const);
      const made = taken(created, id, request.body);
      response.statusCode = 202;
      response.setHeader('Content-Type', 'application/json; charset=utf-8');
      response.end(messageText(made, request.query['with_content'] !== 'false'));
    },
  };
}

/** Looks at messages. */
export function messageRoutes({ webhooks }: Pick<ApiDeps, 'webhooks'>): readonly WebhookRoute[] {
  const { messages } = webhooks;
  return [
    reading({
      method: 'get',
      path: PATH,
      call: 'message.list',
      role: 'viewer',
      summary: 'Lists messages, the newest first',
      query: MessagesQuery,
      handle: async ({ params, query, request }) => {
        const { id } = await applicationOf(webhooks, params);
        const { channel = null, tag = null, before = null, after = null } = query;
        const filter = { eventTypes: eventTypesOf(request), channel, tag, before, after };
        const page = await messages.list(id, { ...pageOf(query, 'descending'), ...filter });
        return listed(page, (message) => messageView(message, query.with_content));
      },
    }),
    reading({
      method: 'get',
      path: `${PATH}/{msg_id}`,
      call: 'message.get',
      role: 'viewer',
      summary: 'Shows a message, by id or `eventId`',
      query: ContentQuery,
      handle: async ({ params, query }) => {
        const { message } = await messageOf(webhooks, params);
        return { status: 200, body: messageView(message, query.with_content) };
      },
    }),
  ];
}

function taken(created: Created, applicationId: string, body: unknown) {
  if ('message' in created) return created.message;
  if (created.outcome === 'event_id_taken')
    throw conflict('A message with this `eventId` was sent before: it is not sent again.');
  if (typeof body === 'object' && body !== null && 'application' in body && body.application != null)
    throw unsupported(
      'An application is not made along with its first message: make it before, with POST /api/v1/app.',
    );
  throw unknown('application', applicationId);
}
