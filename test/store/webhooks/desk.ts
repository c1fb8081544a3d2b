import type { Insertable } from 'kysely';
import { SILENT } from '../../../src/contracts/observer.js';
import type { EndpointKey, EndpointSettings, ListQuery, NewApplication } from '../../../src/contracts/webhooks.js';
import { openConnections } from '../../../src/store/connections.js';
import type { Tables } from '../../../src/store/tables.js';
import { newId } from '../../../src/store/webhooks/ids.js';
import { SecretBox } from '../../../src/store/webhooks/secret-box.js';
import { EndpointSecrets } from '../../../src/store/webhooks/secrets.js';
import { openWebhooks } from '../../../src/store/webhooks/webhooks.js';
import { MONDAY_9AM } from '../arrivals.js';

export const KEY = Buffer.alloc(32, 7);

export const SETTINGS: EndpointSettings = {
  uid: null,
  url: 'https://hooks.example.com/in',
  description: '',
  filterTypes: null,
  channels: null,
  rateLimit: null,
  ordered: false,
  headers: {},
  metadata: {},
  disabled: false,
  givenVersion: 1,
};

export const APPLICATION: NewApplication = { uid: null, name: 'Acme', rateLimit: null, metadata: {} };

export const FIRST_PAGE: ListQuery & Record<Unasked, null> = {
  limit: 50,
  iterator: null,
  order: 'descending',
  eventTypes: null,
  channel: null,
  tag: null,
  before: null,
  after: null,
  endpointId: null,
  succeeded: null,
  statusClass: null,
};
type Unasked = 'eventTypes' | 'channel' | 'tag' | 'before' | 'after' | 'endpointId' | 'succeeded' | 'statusClass';

/** The management side over a database, with a clock that tests move and the wakes it asked for. `key`: null for none. */
export function desk(url: string, key: Buffer | null = KEY) {
  const connections = openConnections(url, SILENT);
  const { db } = connections;
  const clock = { now: MONDAY_9AM };
  const woken: EndpointKey[] = [];
  const secrets = new EndpointSecrets(db, new SecretBox(key ?? undefined));
  const webhooks = openWebhooks(
    { db, now: () => clock.now, nowReal: () => clock.now, onWake: (endpoints) => woken.push(...endpoints) },
    { secrets, intake: { create: () => Promise.reject(new Error('Nothing is taken in here.')) } },
  );
  return {
    ...webhooks,
    db,
    clock,
    woken,
    secrets,
    close: () => connections.close(),
    async application(more: Partial<NewApplication> = {}) {
      const made = await webhooks.applications.create({ ...APPLICATION, ...more });
      if (made === 'taken') throw new Error('The uid is taken.');
      return made;
    },
    async endpoint(application: string, more: Partial<EndpointSettings> = {}) {
      const made = await webhooks.endpoints.create(application, { ...SETTINGS, ...more });
      if (typeof made === 'string') throw new Error(`The endpoint was not made: ${made}.`);
      return made;
    },
    /** A message as the intake leaves it, with no deliveries. */
    message: (application: string, more: Partial<Insertable<Tables['messages']>> = {}) =>
      db
        .insertInto('messages')
        .values({
          id: newId('msg_', clock.now),
          application_id: application,
          event_type: 'order.paid',
          event_id: null,
          idempotency_key: null,
          channels: null,
          tags: null,
          payload: '{"n":1}',
          order_key: null,
          only_to: null,
          created_ms: clock.now,
          created_real_ms: clock.now,
          ...more,
        })
        .returningAll()
        .executeTakeFirstOrThrow(),
    delivery: (endpoint: string, message: number, more: Partial<Insertable<Tables['deliveries']>> = {}) =>
      db
        .insertInto('deliveries')
        .values({
          endpoint_id: endpoint,
          message_seq: message,
          order_key: null,
          state: 'pending',
          first_ms: null,
          next_ms: clock.now,
          ended_as: null,
          ...more,
          ...(more.state === undefined || more.state === 'pending' ? {} : { next_ms: null }),
        })
        .execute(),
    attempt: (endpoint: string, message: number, more: Partial<Insertable<Tables['attempts']>> = {}) =>
      db
        .insertInto('attempts')
        .values({
          id: newId('atmpt_', clock.now),
          message_seq: message,
          endpoint_id: endpoint,
          at_ms: clock.now,
          at_real_ms: clock.now,
          manual: false,
          succeeded: true,
          url: SETTINGS.url,
          status: 204,
          response: '',
          request_headers: '{}',
          response_headers: '{}',
          ms: 12,
          address: '203.0.113.7',
          next_ms: null,
          ...more,
        })
        .returning('id')
        .executeTakeFirstOrThrow(),
    queued: (endpoint: string) =>
      db.selectFrom('deliveries').selectAll().where('endpoint_id', '=', endpoint).orderBy('message_seq').execute(),
  };
}

export type Desk = ReturnType<typeof desk>;
