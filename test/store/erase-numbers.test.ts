import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AskedErasure } from '../../src/contracts/care.js';
import { SILENT } from '../../src/contracts/observer.js';
import { parseEvent } from '../../src/domain/event/envelope.js';
import { routeEvent } from '../../src/domain/event/route.js';
import { holds, learn, names } from '../../src/store/erase/body.js';
import { NOBODY, Person } from '../../src/store/erase/person.js';
import { openStore, type Store } from '../../src/store/store.js';
import { TestPostgres } from '../support/postgres.js';
import { arrival, MONDAY_9AM } from './arrivals.js';
import { forget } from './forgetting.js';

const about = (type: string, object: object) => ({ id: `evt_${type}`, type, data: { object } });
const contact77 = new Person({ ...NOBODY, contacts: ['77'] });
const jo = { id: 77, customer_id: 5, name: 'Jo Smith', email: 'jo@acme.example' };

describe('an id that the sender writes as a number', () => {
  it.each([
    ['in an event of contacts', about('contact.created', { id: 77 })],
    ['in one whose record is `data` itself', { id: 'evt_1', type: 'contact.updated', data: { id: 77 } }],
    ['in a record that says what it is', { data: { object: 'contact', id: 77 } }],
    ['under a name of contacts', { primary_contact: { id: 77 } }],
    ['among contacts', { contacts: [{ id: 76 }, { id: 77 }] }],
    ['as a text, wherever', { lead: { id: '77' } }],
  ])("is a contact's %s", (_where, body) => {
    expect(holds(body, contact77)).toBe(true);
  });

  it.each([
    ['in an event of something else', about('onboarding.created', { id: 77 })],
    ['of somebody within an event of contacts', about('contact.created', { id: 78, owner: { id: 77 } })],
    ['under a name of something else', { task: { id: 77 } }],
    ['that only leads to them', about('task.completed', { contact_id: 77 })],
    ['that is no id', about('contact.created', { id: 78, display_id: 77, health_score: 77 })],
    ['that Slipway reads as no id', about('contact.created', { id: 77.5 })],
  ])('is not theirs %s', (_where, body) => {
    expect(holds(body, contact77)).toBe(false);
  });

  it('is learned with the words beside it, and never with those of our own people', () => {
    const words = { emails: ['jo@acme.example'], names: ['Jo Smith'], contacts: ['77'] };
    expect(learn(about('contact.created', jo), contact77, false)).toEqual(words);
    const mia = { id: 77, name: 'Mia Park', email: 'mia@vendor.example' };
    expect(learn(about('onboarding.created', { id: 1, owner: mia }), contact77, false)).toEqual(NOBODY);
  });

  it.each([
    [true, { customer_id: 5 }],
    [true, { customerId: 5 }],
    [true, { customer: { id: 5 } }],
    [true, { customer: 5 }],
    [true, about('customer.updated', { id: 5 })],
    [true, { anything: '5' }],
    [false, { health_score: 5, days: [5], id: 5, task: { id: 5 } }],
  ])("is a customer's: %j of %j", (isTheirs, body) => {
    expect(names(body, '5')).toBe(isTheirs);
  });

  it('is found in a body that is nested deeper than a stack is', () => {
    const deep = `${'['.repeat(100_000)}{"contact":{"id":77}}${']'.repeat(100_000)}`;
    expect(holds(JSON.parse(deep), contact77)).toBe(true);
  });
});

describe('erasing by an id that the sender writes as a number', () => {
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

  const hear = async (event: ReturnType<typeof about>) => {
    const parsed = parseEvent(event);
    if ('quarantined' in parsed) throw new Error('The event is none.');
    const hearing = { source: 'pivotal', workspace: 'main', sourceMode: 'live', heardAt: MONDAY_9AM } as const;
    const route = routeEvent(parsed, { ...hearing, fallbackAt: MONDAY_9AM });
    const { route: _route, ...rest } = arrival(event.id);
    const body = Buffer.from(JSON.stringify(event));
    await store.inbox.accept({ ...rest, type: event.type, body, ...(route ? { route } : {}) });
  };
  const left = async (subject: AskedErasure['subject']) => {
    await hear(about('contact.created', jo));
    await hear(about('contact.updated', { id: 77, customer_id: 5, title: 'CTO' }));
    await hear(about('customer.updated', { id: 77, name: 'Another Ltd' }));
    await hear(about('task.completed', { id: 77, onboarding_id: 9, title: 'Call Jo Smith' }));
    await hear({ ...about('webhook.ping', {}), data: { object: { customer_id: 5 } } });
    await forget(store.erasures, subject);
    const rows = await postgres.query(url, `select type, convert_from(body, 'UTF8') as body from inbox order by seq`);
    return rows.filter(({ body }) => !String(body).startsWith('{"erased_by"')).map(({ type }) => type);
  };

  it('takes every record of a contact, what else names them, and nothing of others with that number', async () => {
    expect(await left({ kind: 'contact', contactId: '77' })).toEqual(['customer.updated', 'webhook.ping']);
  });

  it('takes everything of a customer, and nothing of others', async () => {
    // The task is of an onboarding that nobody has said to be theirs.
    expect(await left({ kind: 'customer', customerId: '5' })).toEqual(['customer.updated', 'task.completed']);
  });
});
