import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client, refusal, wrongPlaces } from './client.js';

let client: Client;
beforeEach(async () => {
  client = await Client.start();
});
afterEach(() => client.close());

const SCHEMAS = { 1: { type: 'object', examples: [{ n: 1 }, { n: 2 }] } };
const create = (more: object = {}) =>
  client.admin.eventType.create({ name: 'order.paid', description: 'An order was paid', ...more });

describe('an event type', () => {
  it('is described once', async () => {
    const made = await create({ schemas: SCHEMAS, groupName: 'order' });

    expect(made).toMatchObject({
      name: 'order.paid',
      schemas: { '1': SCHEMAS[1] },
      archived: false,
      groupName: 'order',
    });
    expect(await client.viewer.eventType.get('order.paid')).toEqual(made);
    expect((await refusal(create())).body).toEqual({
      code: 'event_type_exists',
      detail: 'There is an event type order.paid already.',
    });
    expect(client.world.audited.map(({ action, subject }) => [action, subject])).toEqual([
      ['eventtype.create', 'order.paid'],
    ]);
  });

  it('is replaced by an update, made by one where there is none, and patched field by field', async () => {
    const { eventType } = client.admin;
    expect(await eventType.update('order.paid', { description: 'Paid', schemas: SCHEMAS })).toMatchObject({
      name: 'order.paid',
    });
    expect(await eventType.patch('order.paid', { description: 'Patched' })).toMatchObject({
      description: 'Patched',
      schemas: { '1': SCHEMAS[1] },
    });
    expect(await eventType.patch('order.paid', { schemas: null })).toMatchObject({ schemas: null });
    expect(await eventType.update('order.paid', { description: 'Replaced', deprecated: true })).toMatchObject({
      description: 'Replaced',
      deprecated: true,
    });
    expect((await refusal(eventType.patch('order.sent', { description: 'x' }))).status).toBe(404);
    expect(await wrongPlaces(eventType.update('$$', { description: 'x' }))).toEqual(['path.event_type_name']);
  });

  it('is archived by a delete, taken up again by a creation, and forgotten by expunging', async () => {
    const { eventType } = client.admin;
    await create();
    await eventType.delete('order.paid');
    expect(await eventType.get('order.paid')).toMatchObject({ archived: true });

    expect(await create({ description: 'Again' })).toMatchObject({ archived: false, description: 'Again' });
    await eventType.delete('order.paid', { expunge: true });
    expect((await refusal(eventType.get('order.paid'))).status).toBe(404);
    expect((await refusal(eventType.delete('order.paid'))).status).toBe(404);
  });

  it('of the catalogue that ships stays as it is', async () => {
    const type = { name: 'escalation.opened', description: 'Opened', schemas: null, groupName: null };
    await client.world.webhooks.eventTypes.publish([{ ...type, archived: false, deprecated: false }]);
    const { eventType } = client.admin;

    expect((await refusal(eventType.patch(type.name, { description: 'Mine' }))).status).toBe(409);
    expect((await refusal(eventType.update(type.name, { description: 'Mine' }))).status).toBe(409);
    expect((await refusal(eventType.delete(type.name))).status).toBe(409);
    expect((await refusal(create({ name: type.name }))).status).toBe(409);
    expect((await eventType.get(type.name)).description).toBe('Opened');
  });

  it('may have a schema of another draft, which is kept unread', async () => {
    const draft = { $schema: 'http://json-schema.org/draft-04/schema#', readOnly: 15 };
    expect(await create({ name: 'of.another.draft', schemas: { 1: draft } })).toMatchObject({
      schemas: { '1': draft },
    });
  });

  it('is refused where a field is wrong, and told which', async () => {
    expect(await wrongPlaces(create({ name: 'no spaces' }))).toEqual(['body.name']);
    expect(await wrongPlaces(create({ description: undefined }))).toEqual(['body.description']);
    expect(await wrongPlaces(create({ schemas: { 1: 'text' } }))).toEqual(['body.schemas.1']);
    expect(await wrongPlaces(create({ schemas: { 1: {}, 2: { readOnly: 15 } } }))).toEqual(['body.schemas.2']);
    expect((await refusal(create({ featureFlags: ['beta'] }))).status).toBe(501);
    expect(client.world.webhooks.types).toEqual([]);
  });
});

describe('event types', () => {
  it('are listed by name, without schemas and archived ones unless they are wanted', async () => {
    await create({ name: 'b.c', schemas: SCHEMAS });
    await create({ name: 'a.b', archived: true });
    const list = async (options: object) =>
      (await client.viewer.eventType.list(options)).data.map(({ name, schemas }) => [name, schemas ?? null]);

    expect(await list({})).toEqual([['b.c', null]]);
    expect(await list({ includeArchived: true })).toEqual([
      ['a.b', null],
      ['b.c', null],
    ]);
    expect(await list({ withContent: true })).toEqual([['b.c', { '1': SCHEMAS[1] }]]);
  });
});
