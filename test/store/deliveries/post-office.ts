import { SILENT } from '../../../src/contracts/observer.js';
import type { Due, Outcome, Turn } from '../../../src/contracts/delivery.js';
import {
  type Created,
  type EndpointKey,
  type EndpointSettings,
  type Message,
  type NewMessage,
  OWN_APPLICATIONS,
} from '../../../src/contracts/webhooks.js';
import { openStore } from '../../../src/store/store.js';
import type { TestPostgres } from '../../support/postgres.js';
import { MONDAY_9AM } from '../arrivals.js';
import { KEY, SETTINGS } from '../webhooks/desk.js';

export const SECOND = 1_000;
export const MINUTE = 60_000;

export const MESSAGE: NewMessage = {
  eventType: 'order.paid',
  eventId: null,
  idempotencyKey: null,
  channels: null,
  tags: null,
  payload: '{"n":1}',
  orderKey: null,
};

const OWN = Object.values(OWN_APPLICATIONS).map(({ id, uid, name }) => `('${id}', '${uid}', '${name}', '{}', 0, 0)`);

/**
 * A server's store over an empty database, with a clock that tests move, an application of its own and the wakes it asked
 * for.
 */
export async function postOffice(postgres: TestPostgres, url: string) {
  await postgres.clear(url);
  await postgres.query(
    url,
    `insert into applications (id, uid, name, metadata, created_ms, updated_ms) values ${OWN.join()}`,
  );
  const clock = { now: MONDAY_9AM };
  const woken: string[] = [];
  const store = openStore({ url, observer: SILENT, serverId: 'a', now: () => clock.now, secretKey: KEY });
  store.onWake((endpoints) => woken.push(...endpoints.map(({ id }) => id)));
  const { webhooks, deliveries } = store;
  const made = await webhooks.applications.create({ uid: null, name: 'Acme', rateLimit: null, metadata: {} });
  if (made === 'taken') throw new Error('The uid is taken.');
  const application = made.id;
  return {
    store,
    queue: deliveries,
    clock,
    woken,
    application,
    async endpoint(more: Partial<EndpointSettings> = {}, of = application): Promise<EndpointKey> {
      const endpoint = await webhooks.endpoints.create(of, { ...SETTINGS, ...more });
      if (typeof endpoint === 'string') throw new Error(`The endpoint was not made: ${endpoint}.`);
      return { application: of, id: endpoint.id };
    },
    create: (more: Partial<NewMessage> = {}, of = application): Promise<Created> =>
      webhooks.messages.create(of, { ...MESSAGE, ...more }),
    async message(more: Partial<NewMessage> = {}, of = application): Promise<Message> {
      const created = await webhooks.messages.create(of, { ...MESSAGE, ...more });
      if (created.outcome !== 'created') throw new Error(created.outcome);
      return created.message;
    },
    async turn(endpoint: EndpointKey): Promise<Turn> {
      const turn = await deliveries.takeTurn(endpoint);
      if (!turn) throw new Error('The endpoint is gone.');
      return turn;
    },
    /** What is due now, besides `underWay`. */
    async due(turn: Turn, limit = 100, underWay: readonly Due[] = []): Promise<readonly Due[]> {
      const seqs = underWay.map(({ seq }) => seq);
      return (await deliveries.due(turn, clock.now, limit, seqs)).deliveries;
    },
    outcome: (due: Due, then: Outcome['then'], more: Partial<Outcome> = {}): Outcome => ({
      seq: due.seq,
      attempt: {
        messageId: due.messageId,
        at: clock.now,
        trigger: due.trigger,
        succeeded: then.state === 'delivered',
        url: SETTINGS.url,
        status: then.state === 'delivered' ? 204 : 500,
        response: '',
        requestHeaders: {},
        responseHeaders: {},
        ms: 12,
        address: '203.0.113.7',
        nextAt: then.state === 'pending' ? then.nextAt : null,
      },
      tries: due.tries + 1,
      firstAt: due.firstAt ?? clock.now,
      revision: due.revision,
      usedUp: then.state === 'failed' && !due.once,
      // oxlint-disable-next-line unicorn/no-thenable -- the contract's name; nobody awaits an outcome
      then,
      ...more,
    }),
  };
}
export type PostOffice = Awaited<ReturnType<typeof postOffice>>;

export const DELIVERED = { state: 'delivered' } as const;
export const FAILED = { state: 'failed' } as const;
export const again = (nextAt: number) => ({ state: 'pending', nextAt }) as const;
