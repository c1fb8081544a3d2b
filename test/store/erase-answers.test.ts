import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { openStore, type Store } from '../../src/store/store.js';
import { TestPostgres } from '../support/postgres.js';
import { MONDAY_9AM } from './arrivals.js';
import { forget } from './forgetting.js';
import { key, view } from './onboarding-views.js';

describe('the answers that are kept for repeats', () => {
  let postgres: TestPostgres;
  let url: string;
  let store: Store;
  beforeAll(async () => {
    postgres = await TestPostgres.start();
    url = await postgres.database();
    store = openStore({ url, observer: SILENT, serverId: 'a' });
  });
  beforeEach(() => postgres.clear(url));
  afterAll(async () => {
    await store.close();
    await postgres.stop();
  });

  const asked = (request: string, subject: string, action: string) => ({
    actor: 'local',
    action,
    subject,
    repeat: { request, body: '' },
  });
  const done = async (request: string, answer: unknown, subject = 'somebody', action = 'a.b') => {
    const begun = await store.changes.begin(asked(request, subject, action));
    if (begun.state !== 'begun') throw new Error(`It was not begun: ${begun.state}.`);
    const line = { actor: 'local', action, subject: 's', at: MONDAY_9AM, before: null, after: null, reason: null };
    await store.changes.conclude(begun.ticket, line, answer);
  };
  const answerOf = async (request: string) => {
    const begun = await store.changes.begin(asked(request, 'x', 'x.y'));
    return begun.state === 'done' ? begun.answer : begun.state;
  };

  it('are forgotten where they name the contact, and others stay', async () => {
    await done('theirs', { status: 201, body: { name: 'For JO@acme.example' } });
    await done('under a key', { metadata: { 'jo@acme.example': 'x' } });
    await done('another', { status: 201, body: { name: 'joann@acme.example' } });

    expect((await forget(store.erasures, { kind: 'contact', email: 'jo@acme.example' })).erased).toBe(2);

    expect(await answerOf('theirs')).toBeNull();
    expect(await answerOf('under a key')).toBeNull();
    expect(await answerOf('another')).toEqual({ status: 201, body: { name: 'joann@acme.example' } });
  });

  it('are forgotten where they are about the customer or an onboarding of theirs, and others stay', async () => {
    await store.inbox.accept({
      source: 'pivotal',
      eventId: 'evt_1',
      deliveryId: 'msg_1',
      type: 'onboarding.created',
      body: Buffer.from('{}'),
      headers: {},
      secret: 'default',
      receivedAt: MONDAY_9AM,
      receivedVirtual: MONDAY_9AM,
      occurredAt: null,
      org: null,
      route: {
        to: 'onboarding',
        key: key('onb_1'),
        fact: {
          id: 'evt_1',
          source: 'pivotal',
          type: 'onboarding.created',
          kind: 'created',
          at: MONDAY_9AM,
          heardAt: MONDAY_9AM,
          record: { customerId: 'cus_1' },
          previous: {},
        },
      },
    });
    await done('names the customer', view(key('onb_7')));
    await done('names the onboarding', { onboarding_id: 'onb_1' });
    await done('of the onboarding', { seq: '7' }, 'onb_1');
    await done('of its escalation', { note: 'x' }, 'esc_live~main~onb_1~1');
    await done('another', view(key('onb_2'), { customer_id: 'cus_11' }), 'onb_2');

    await forget(store.erasures, { kind: 'customer', customerId: 'cus_1' });

    const names = ['names the customer', 'names the onboarding', 'of the onboarding', 'of its escalation'];
    expect(await Promise.all(names.map(answerOf))).toEqual([null, null, null, null]);
    expect(await answerOf('another')).toMatchObject({ id: 'onb_2' });
  });

  it('stay where they tell that the erasure was asked for, so that a repeat finds it', async () => {
    await done('ask', { id: 'era_1', customer_id: 'cus_1' }, '/api/v1/erasures', 'erasure.ask');

    await forget(store.erasures, { kind: 'customer', customerId: 'cus_1' });

    expect(await answerOf('ask')).toEqual({ id: 'era_1', customer_id: 'cus_1' });
  });

  it('are found page by page', async () => {
    await postgres.query(
      url,
      `insert into changes (id, body_sha256, server_id, actor, action, subject, done, answer)
       select sha256(n::text::bytea), 'x', 'a', 'local', 'a.b', 's', true, json_build_object('to', 'jo@acme.example')
       from generate_series(1, 201) n`,
    );

    expect((await forget(store.erasures, { kind: 'contact', email: 'jo@acme.example' })).erased).toBe(201);
  });
});
