import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiRoutes } from '../../src/api/app.js';
import { isChanging } from '../../src/api/route.js';
import { StoredErasures } from '../../src/store/erase/erasures.js';
import { StoredChanges } from '../../src/store/idempotency.js';
import { forget } from '../store/forgetting.js';
import { type Desk, desk } from '../store/webhooks/desk.js';
import { TestPostgres } from '../support/postgres.js';
import { aFullWorld, bodyOf, pathTo } from './requests.js';
import { serve } from './served.js';
import { World } from './world.js';

const ADMIN = { authorization: 'Bearer tok', 'idempotency-key': 'k-1' };

describe('a repeat whose answer was erased', () => {
  it.each(apiRoutes(new World().deps()).filter(isChanging))('of $action is told that it was done', async (route) => {
    const world = aFullWorld();
    const api = await serve(world.deps({ token: 'tok' }));
    const ask = () => api.post(pathTo(route.path, 'there'), bodyOf(route.path), ADMIN);
    await ask();
    for (const [id, change] of world.changes) world.changes.set(id, { ...change, answer: null });

    const again = await ask();
    await api.close();

    expect([again.status, again.json.error.code]).toEqual([409, 'AlreadyDone']);
    expect(again.json.error.message).toContain(route.answersOnce ? 'held a secret' : 'has been erased');
    expect(world.audited).toHaveLength(1);
  });

  describe('of what clients of Svix ask', () => {
    let postgres: TestPostgres;
    let store: Desk;
    beforeAll(async () => {
      postgres = await TestPostgres.start();
      store = desk(await postgres.database());
    });
    afterAll(async () => {
      await store.close();
      await postgres.stop();
    });

    it('is told so in their words, and what was made shows nobody', async () => {
      const changes = new StoredChanges(store.db, 'server-1', Date.now);
      const api = await serve(new World().deps({ token: 'tok', webhooks: store, changes }));
      const body = { name: 'jo@acme.example', metadata: { contact: 'Jo <jo@acme.example>' } };
      const other = { ...ADMIN, 'idempotency-key': 'k-2' };
      expect((await api.post('/api/v1/app', body, ADMIN)).status).toBe(201);
      const kept = await api.post('/api/v1/app', { name: 'Other' }, other);

      const erasures = new StoredErasures(store.db, Date.now);
      await forget(erasures, { kind: 'contact', email: 'jo@acme.example' });

      const again = await api.post('/api/v1/app', body, ADMIN);
      expect([again.status, again.json]).toEqual([
        409,
        { code: 'conflict', detail: expect.stringContaining('has been erased') },
      ]);
      expect((await api.post('/api/v1/app', { name: 'Other' }, other)).json).toEqual(kept.json);
      const shown = await api.request('GET', '/api/v1/app', { headers: { authorization: 'Bearer tok' } });
      expect(shown.text).not.toContain('jo@acme');
      await api.close();
    });
  });
});
