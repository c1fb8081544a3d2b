import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoredErasures } from '../../../src/store/erase/erasures.js';
import { TestPostgres } from '../../support/postgres.js';
import { forget } from '../forgetting.js';
import { type Desk, desk } from './desk.js';

describe('an application and its endpoints', () => {
  let postgres: TestPostgres;
  let it_: Desk;
  let erasures: StoredErasures;
  beforeAll(async () => {
    postgres = await TestPostgres.start();
    it_ = desk(await postgres.database());
    erasures = new StoredErasures(it_.db, () => it_.clock.now);
  });
  afterAll(async () => {
    await it_.close();
    await postgres.stop();
  });

  it('lose the address of a contact from what people wrote, and go on being called', async () => {
    const url = 'https://hooks.example.com/jo@acme.example';
    const made = await it_.application({
      uid: 'jo@acme.example',
      name: 'Of JO@acme.example',
      metadata: { contact: 'Jo <jo@acme.example>', plan: 'pro', 'jo@acme.example': 'owner' },
    });
    const endpoint = await it_.endpoint(made.id, {
      url,
      description: 'Ask jo@acme.example',
      metadata: { owner: 'jo@acme.example' },
      headers: { from: 'jo@acme.example' },
    });

    expect((await forget(erasures, { kind: 'contact', email: 'Jo@acme.example' })).erased).toBe(2);

    expect(await it_.applications.find(made.id)).toEqual({
      ...made,
      name: 'Of [erased]',
      metadata: { contact: 'Jo <[erased]>', plan: 'pro', '[erased]': 'owner' },
    });
    expect(await it_.endpoints.find(made.id, endpoint.id)).toEqual({
      ...endpoint,
      description: 'Ask [erased]',
      metadata: { owner: '[erased]' },
    });
  });

  it('lose all that people wrote where they are of the customer, and others nothing', async () => {
    const words = { name: 'Acme Ltd', metadata: { customer_id: 'cus_1', about: 'Sold by Mia' } };
    const byUid = await it_.application({ uid: 'cus_2', name: 'Acme Ltd', metadata: { about: 'Sold by Mia' } });
    const byMetadata = await it_.application({ ...words, metadata: { crm: 'cus_2' } });
    const another = await it_.application(words);
    const endpoints = await Promise.all(
      [byUid, byMetadata, another].map(({ id }) => it_.endpoint(id, { description: 'Their ERP' })),
    );
    const own = await it_.endpoint(another.id, { description: 'Theirs', metadata: { customer_id: 'cus_2' } });
    const wordless = await it_.endpoint(byUid.id);

    expect((await forget(erasures, { kind: 'customer', customerId: 'cus_2' })).erased).toBe(5);

    const applications = await Promise.all([byUid, byMetadata, another].map(({ id }) => it_.applications.find(id)));
    expect(applications.map((one) => [one?.uid, one?.name, one?.metadata])).toEqual([
      ['cus_2', '[erased]', { about: '[erased]' }],
      [null, '[erased]', { crm: '[erased]' }],
      [null, 'Acme Ltd', words.metadata],
    ]);
    const found = [...endpoints, own, wordless].map(({ application, id }) => it_.endpoints.find(application, id));
    expect((await Promise.all(found)).map((one) => [one?.description, one?.metadata])).toEqual([
      ['[erased]', {}],
      ['[erased]', {}],
      ['Their ERP', {}],
      ['[erased]', { customer_id: 'cus_2' }],
      ['', {}],
    ]);
  });

  it('are found page by page, and once', async () => {
    await sql`
      insert into applications (id, name, metadata, created_ms, updated_ms)
      select 'app_' || n, 'bo@acme.example', '{}', 1, 1 from generate_series(1, 501) n`.execute(it_.db);

    expect((await forget(erasures, { kind: 'contact', email: 'bo@acme.example' })).erased).toBe(501);
    expect((await forget(erasures, { kind: 'contact', email: 'bo@acme.example' })).erased).toBe(0);
  });
});
