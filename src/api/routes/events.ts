import type { z } from 'zod';
import {
  EventDetailSchema,
  EventListSchema,
  EventsQuery,
  type EventView,
  RedeliveredSchema,
} from '../../contracts/api.js';
import { workflowId } from '../../contracts/ids.js';
import type { EventFilter, EventRow } from '../../contracts/read-model.js';
import type { EntityKey } from '../../domain/event/key.js';
import { describeFact } from '../../domain/onboarding/describe.js';
import type { ApiDeps } from '../deps.js';
import type { Choice } from '../find-onboarding.js';
import { iso, isoOrNull } from '../instant.js';
import { Problem } from '../problem.js';
import { changeRoute, jsonRoute, type Route } from '../route.js';

const PATH = '/api/v1/events';

/** The archive: every event as it came, what became of it, and once more to its workflow where somebody asks. */
export function eventRoutes(deps: ApiDeps): readonly Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: PATH,
      role: 'viewer',
      summary: 'Lists received events, newest first',
      query: EventsQuery,
      answer: EventListSchema,
      refuses: ['InvalidRequest', 'InvalidCursor', 'StoreUnavailable'],
      handle: async ({ query }) => {
        const page = await deps.events.events(await filterOf(deps, query));
        return { ...page, data: page.data.map(presentEvent) };
      },
    }),
    jsonRoute({
      method: 'get',
      path: `${PATH}/{id}`,
      role: 'viewer',
      summary: 'Shows one event with its headers and its exact body; by event id, or by seq',
      answer: EventDetailSchema,
      refuses: ['UnknownEvent', 'StoreUnavailable'],
      handle: async ({ id }) => {
        const event = await deps.events.event(id);
        if (!event) throw unknownEvent(id);
        const { secret, headers, body } = event;
        return { ...presentEvent(event), verified_with: secret, headers, body: body.toString('utf8') };
      },
    }),
    changeRoute({
      method: 'post',
      path: `${PATH}/{id}/redeliver`,
      role: 'operator',
      action: 'event.redeliver',
      summary: 'Hands an event to its workflow once more; one that was applied already counts as a duplicate there',
      answer: RedeliveredSchema,
      refuses: ['UnknownEvent', 'InvalidRequest', 'StoreUnavailable'],
      handle: async ({ id }) => {
        const event = await deps.events.event(id);
        if (!event) throw unknownEvent(id);
        if (!event.route)
          throw new Problem(
            'InvalidRequest',
            'This event concerns no workflow, so there is nobody to redeliver it to.',
            { field: 'id' },
          );
        if (!(await deps.inbox.redeliver(event.seq))) throw unknownEvent(id);
        return {
          answer: { seq: event.seq, redelivered: true as const },
          change: { subject: event.seq, before: { status: event.status }, after: { status: 'pending' }, reason: null },
        };
      },
    }),
  ];
}

type Query = z.output<typeof EventsQuery>;

async function filterOf(deps: ApiDeps, query: Query): Promise<EventFilter> {
  const { onboarding_id: onboarding, customer_id: customer, workspace, mode, ...filter } = query;
  if (onboarding !== undefined && customer !== undefined) {
    throw new Problem('InvalidRequest', 'Give `onboarding_id` or `customer_id`, not both.', { field: 'customer_id' });
  }
  const choice = { ...(workspace === undefined ? {} : { workspace }), ...(mode === undefined ? {} : { mode }) };
  if (onboarding !== undefined) {
    const row = await deps.readModel.onboarding(onboarding, choice);
    return { ...filter, workflowId: workflowId('onboarding', row?.key ?? likelyKey(deps, onboarding, choice)) };
  }
  return customer === undefined
    ? { ...filter, ...choice }
    : { ...filter, workflowId: workflowId('customer', likelyKey(deps, customer, choice)) };
}

/** Where the id was not chosen more closely, it is the live one of the first workspace. */
const likelyKey = (deps: ApiDeps, id: string, { workspace, mode = 'live' }: Choice): EntityKey => ({
  workspace: workspace ?? deps.workspaces()[0] ?? 'main',
  mode,
  id,
});

function presentEvent(row: EventRow): EventView {
  const { to, key } = row.route ?? {};
  return {
    seq: row.seq,
    id: row.eventId,
    type: row.type,
    source: row.source,
    delivery_id: row.deliveryId,
    received_at: iso(row.receivedAt),
    occurred_at: isoOrNull(row.occurredAt),
    status: row.status,
    quarantined: row.quarantined,
    onboarding_id: to === 'onboarding' && key ? key.id : null,
    customer_id: to === 'customer' && key ? key.id : null,
    workspace: key?.workspace ?? null,
    mode: key?.mode ?? null,
    workflow_id: to && key ? workflowId(to, key) : null,
    org: row.org,
    duplicates: row.duplicates,
    text: row.route?.to === 'onboarding' ? describeFact(row.route.fact) : null,
  };
}

const unknownEvent = (id: string): Problem =>
  new Problem(
    'UnknownEvent',
    `The archive holds no event ${JSON.stringify(id)}; \`GET /api/v1/events\` lists what it holds.`,
  );
