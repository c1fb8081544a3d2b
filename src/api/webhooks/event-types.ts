import type { z } from 'zod';
import {
  EventTypeBody,
  EventTypePatch,
  EventTypesQuery,
  ExpungeQuery,
  LIMITED,
  NewEventTypeBody,
} from '../../contracts/api-webhooks.js';
import type { EventType, NewEventType } from '../../contracts/webhooks.js';
import type { ApiDeps } from '../deps.js';
import { iso } from '../instant.js';
import { eventTypeOf, knownEventType } from './find.js';
import { listed, pageOf } from './paging.js';
import { conflict, invalidField, unknown, unsupported } from './problem.js';
import { changing, reading, type WebhookRoute } from './route.js';
import { unshown } from './unshown.js';

const PATH = '/api/v1/event-type';

/** Event types: what can be told, each with its JSON Schema and an example. */
export function eventTypeRoutes({ webhooks }: Pick<ApiDeps, 'webhooks'>): readonly WebhookRoute[] {
  const { eventTypes } = webhooks;

  async function create(type: NewEventType) {
    const made = await eventTypes.create(type);
    if (made === 'taken') throw conflict(`There is an event type ${type.name} already.`, 'event_type_exists');
    return done(201, made, null);
  }

  async function update(before: EventType, wanted: Omit<NewEventType, 'name'>, status = 200) {
    refuseOwn(before);
    const after = await eventTypes.update({ ...wanted, name: before.name });
    if (!after) throw unknown('event type', before.name);
    return done(status, after, before);
  }

  return [
    reading({
      method: 'get',
      path: PATH,
      call: 'eventType.list',
      role: 'viewer',
      summary: 'Lists event types by name; `with_content=true` shows schemas, `include_archived=true` archived ones',
      query: EventTypesQuery,
      handle: async ({ query }) => {
        const page = await eventTypes.list({ ...pageOf(query, 'ascending'), archived: query.include_archived });
        return listed(page, (type) => view(query.with_content ? type : { ...type, schemas: null }));
      },
    }),
    changing({
      method: 'post',
      path: PATH,
      call: 'eventType.create',
      role: 'admin',
      action: 'eventtype.create',
      summary: 'Describes an event type; an archived one is taken up again',
      body: NewEventTypeBody,
      handle: async ({ body }) => {
        const known = await eventTypes.find(body.name);
        const type = replaced(body);
        return known?.archived ? update(known, type, 201) : create({ ...type, name: body.name });
      },
    }),
    reading({
      method: 'get',
      path: `${PATH}/{event_type_name}`,
      call: 'eventType.get',
      role: 'viewer',
      summary: 'Shows an event type with its schemas',
      handle: async ({ params }) => ({
        status: 200,
        body: view(await eventTypeOf(webhooks, params['event_type_name'])),
      }),
    }),
    changing({
      method: 'put',
      path: `${PATH}/{event_type_name}`,
      call: 'eventType.update',
      role: 'admin',
      action: 'eventtype.update',
      summary: 'Replaces an event type; where there is none, makes one (201)',
      body: EventTypeBody,
      handle: async ({ params, body }) => {
        const name = params['event_type_name'] ?? '';
        if (!LIMITED.test(name)) throw invalidField(['path', 'event_type_name'], 'That is no name of an event type.');
        const before = await knownEventType(webhooks, name);
        return before ? update(before, replaced(body)) : create({ ...replaced(body), name });
      },
    }),
    changing({
      method: 'patch',
      path: `${PATH}/{event_type_name}`,
      call: 'eventType.patch',
      role: 'admin',
      action: 'eventtype.patch',
      summary: 'Changes what the body names',
      body: EventTypePatch,
      handle: async ({ params, body }) => {
        const before = await eventTypeOf(webhooks, params['event_type_name']);
        return update(before, patched(before, body));
      },
    }),
    changing({
      method: 'delete',
      path: `${PATH}/{event_type_name}`,
      call: 'eventType.delete',
      role: 'admin',
      action: 'eventtype.delete',
      summary: 'Archives an event type; `expunge=true` forgets it',
      query: ExpungeQuery,
      handle: async ({ params, query: { expunge } }) => {
        const before = await eventTypeOf(webhooks, params['event_type_name']);
        refuseOwn(before);
        if (!(await eventTypes.remove(before.name, expunge))) throw unknown('event type', before.name);
        return { status: 204, change: { subject: before.name, before: said(before), after: { expunged: expunge } } };
      },
    }),
  ];
}

function refuseOwn({ name, own }: EventType): void {
  if (own) throw conflict(`${name} is of the catalogue that ships with Slipway: it is neither changed nor deleted.`);
}

type Flags = Pick<z.output<typeof EventTypePatch>, 'featureFlag' | 'featureFlags'>;

function refuseFlags({ featureFlag, featureFlags }: Flags): void {
  if (featureFlag || featureFlags?.length)
    throw unsupported('Event types are shown to all: feature flags are not taken.');
}

function replaced(body: z.output<typeof EventTypeBody>): Omit<NewEventType, 'name'> {
  refuseFlags(body);
  const { description, archived, deprecated, schemas, groupName } = body;
  return { description, archived, deprecated, schemas: schemas ?? null, groupName: groupName ?? null };
}

function patched(before: EventType, patch: z.output<typeof EventTypePatch>): Omit<NewEventType, 'name'> {
  refuseFlags(patch);
  const { description = before.description, archived = before.archived, deprecated = before.deprecated } = patch;
  const { schemas = before.schemas, groupName = before.groupName } = patch;
  return { description, archived, deprecated, schemas, groupName };
}

const view = ({ createdAt, updatedAt, ...type }: EventType) => ({
  ...type,
  createdAt: iso(createdAt),
  updatedAt: iso(updatedAt),
});

const done = (status: number, after: EventType, before: EventType | null) => ({
  status,
  body: view(after),
  change: {
    subject: after.name,
    before: before && said(before),
    after: { ...said(after), ...unshown(before, after, ['schemas']) },
  },
});

const said = ({ description, archived, deprecated, groupName, schemas }: EventType) => ({
  description,
  archived,
  deprecated,
  group: groupName,
  versions: Object.keys(schemas ?? {}).length,
});
