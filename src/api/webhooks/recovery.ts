import type { z } from 'zod';
import { ExampleBody, SpanBody } from '../../contracts/api-webhooks.js';
import type { EndpointKey, EventType, RecoveryTask } from '../../contracts/webhooks.js';
import type { ApiDeps } from '../deps.js';
import { iso, isoOrNull } from '../instant.js';
import { endpointOf, eventTypeOf } from './find.js';
import { messageView } from './message-text.js';
import { impossible, invalidField } from './problem.js';
import { changing, type WebhookRoute } from './route.js';

const PATH = '/api/v1/app/{app_id}/endpoint/{endpoint_id}';
const DAY_MS = 86_400_000;
/** So long a span is recovered at once, and five minutes more for a clock that is behind. */
const MOST_DAYS = 14;
const LENIENCE_MS = 300_000;
/** Types that need no description: what is sent to see whether anybody is there. */
const PINGS = new Set(['webhook.ping', 'svix.ping']);

type Deps = Pick<ApiDeps, 'webhooks' | 'now'>;

/** What an operator does about an endpoint: tries it, and makes good what it missed. */
export function recoveryRoutes(deps: Deps): readonly WebhookRoute[] {
  const { recovery } = deps.webhooks;
  return [
    changing({
      method: 'post',
      path: `${PATH}/send-example`,
      call: 'endpoint.sendExample',
      role: 'operator',
      action: 'endpoint.send_example',
      summary: 'Sends the example of an event type, or the `payload` that is given, to this endpoint alone',
      body: ExampleBody,
      handle: async ({ params, body }) => sendExample(deps, (await endpointOf(deps.webhooks, params)).key, body),
    }),
    changing({
      ...spanned(deps, (key, since, until) => recovery.recover(key, since, until)),
      method: 'post',
      path: `${PATH}/recover`,
      call: 'endpoint.recover',
      role: 'operator',
      action: 'endpoint.recover',
      summary: 'Sends once more what failed or is still retried, of messages since then',
    }),
    changing({
      ...spanned(deps, (key, since, until) => recovery.replayMissing(key, since, until)),
      method: 'post',
      path: `${PATH}/replay-missing`,
      call: 'endpoint.replayMissing',
      role: 'operator',
      action: 'endpoint.replay_missing',
      summary: 'Sends what it wants and was never given, of messages since then',
    }),
  ];
}

async function sendExample({ webhooks }: Deps, key: EndpointKey, asked: z.output<typeof ExampleBody>) {
  const payload = asked.payload ?? (await exampleOf(webhooks, asked));
  const created = await webhooks.messages.create(key.application, {
    eventType: asked.eventType,
    eventId: null,
    channels: null,
    tags: null,
    payload: JSON.stringify(payload),
    orderKey: null,
    idempotencyKey: null,
    onlyTo: key.id,
  });
  if (!('message' in created)) throw new Error(`an example was not taken: ${created.outcome}`);
  const after = { event_type: asked.eventType, message: created.message.id };
  return { status: 200, body: messageView(created.message, false), change: { subject: key.id, before: null, after } };
}

async function exampleOf(
  webhooks: Deps['webhooks'],
  { eventType, exampleIndex }: z.output<typeof ExampleBody>,
): Promise<unknown> {
  if (PINGS.has(eventType)) return { success: true };
  const examples = examplesOf(await eventTypeOf(webhooks, eventType));
  const example: unknown = examples[exampleIndex ?? 0];
  if (typeof example === 'object' && example !== null && !Array.isArray(example)) return example;
  throw impossible(
    'invalid_scheme',
    `The schema of ${eventType} has ${examples.length === 0 ? 'no example' : 'no such example'}: give it one under \`examples\`, or send a \`payload\`.`,
  );
}

/** Of the newest version. */
function examplesOf({ schemas }: EventType): readonly unknown[] {
  const newest = Object.entries(schemas ?? {}).toSorted(([a], [b]) => Number(b) - Number(a))[0]?.[1];
  const examples: unknown =
    typeof newest === 'object' && newest !== null && 'examples' in newest ? newest.examples : [];
  return Array.isArray(examples) ? examples : [];
}

function spanned(
  { webhooks, now }: Deps,
  carryOut: (key: EndpointKey, since: number, until: number | null) => Promise<RecoveryTask>,
) {
  return {
    body: SpanBody,
    handle: async (asked: { params: Readonly<Record<string, string>>; body: z.output<typeof SpanBody> }) => {
      const { since, until = null } = asked.body;
      if (since < (until ?? now()) - MOST_DAYS * DAY_MS - LENIENCE_MS)
        throw invalidField(['body', 'since'], `At most ${MOST_DAYS} days are sent at once: ask for them in parts.`);
      const { key } = await endpointOf(webhooks, asked.params);
      const { id, status, task, deliveries } = await carryOut(key, since, until);
      const body = { id, status, task, updatedAt: iso(now()), data: { messagesSent: deliveries } };
      const after = { since: iso(since), until: isoOrNull(until), deliveries };
      return { status: 202, body, change: { subject: key.id, before: null, after } };
    },
  };
}
