import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InvalidCursor } from '../../../src/contracts/read-model.js';
import { NoSecretKey } from '../../../src/contracts/webhooks.js';
import { DAY_MS, HOUR_MS } from '../../../src/domain/time/duration.js';
import { TestPostgres } from '../../support/postgres.js';
import { APPLICATION, type Desk, desk, FIRST_PAGE, SETTINGS } from './desk.js';

describe('who is told of what', () => {
  let postgres: TestPostgres;
  let url: string;
  let it_: Desk;
  beforeAll(async () => {
    postgres = await TestPostgres.start();
    url = await postgres.database();
    it_ = desk(url);
  });
  beforeEach(async () => {
    it_.woken.length = 0;
    await postgres.clear(url);
  });
  afterAll(async () => {
    await it_.close();
    await postgres.stop();
  });

  describe('an application', () => {
    it('is found by id and by uid, and another cannot take its uid', async () => {
      const made = await it_.application({ uid: 'acme', rateLimit: 5, metadata: { plan: 'gold' } });

      expect(await it_.applications.find(made.id)).toEqual(made);
      expect(await it_.applications.find('acme')).toEqual(made);
      expect(await it_.applications.find('app_none')).toBeUndefined();
      expect(await it_.applications.create({ ...APPLICATION, uid: 'acme' })).toBe('taken');
      expect(made).toMatchObject({ rateLimit: 5, metadata: { plan: 'gold' }, createdAt: it_.clock.now });
    });

    it('is changed as a whole', async () => {
      const made = await it_.application({ uid: 'one' });
      await it_.application({ uid: 'two' });
      it_.clock.now += HOUR_MS;

      expect(await it_.applications.update(made.id, { ...APPLICATION, uid: 'two' })).toBe('taken');
      const changed = { ...APPLICATION, uid: 'three', name: 'Globex' };
      expect(await it_.applications.update(made.id, changed)).toEqual({
        ...made,
        ...changed,
        updatedAt: it_.clock.now,
      });
    });
  });

  describe('an application that is deleted', () => {
    it('has no endpoints any more, and leaves its messages', async () => {
      const { id } = await it_.application({ uid: 'gone' });
      const endpoint = await it_.endpoint(id);
      await it_.message(id);
      expect(await it_.applications.remove(id)).toBe(false);
      await it_.endpoints.remove(endpoint);

      expect(await it_.applications.remove(id)).toBe(true);
      expect(await it_.applications.remove(id)).toBe(true);
      expect(await it_.applications.find('gone')).toBeUndefined();
      expect((await it_.messages.list(id, FIRST_PAGE)).data).toHaveLength(1);
    });

    it('while an endpoint is made in it either has that one, or it has never been', async () => {
      const { id: neverThere } = await it_.application();
      await it_.applications.remove(neverThere);
      expect(await it_.endpoints.create(neverThere, SETTINGS)).toBe('unknown_application');

      for (let n = 0; n < 30; n++) {
        const { id } = await it_.application();
        const [isGone, made] = await Promise.all([it_.applications.remove(id), it_.endpoints.create(id, SETTINGS)]);
        expect(isGone).toBe(made === 'unknown_application');
        expect((await it_.applications.find(id)) === undefined).toBe(isGone);
      }
    });
  });

  describe('a list', () => {
    const names = (page: { data: readonly { name: string }[] }) => page.data.map(({ name }) => name);
    const ten = async () => {
      for (let n = 0; n < 10; n++) await it_.application({ name: `${n}` });
    };

    it('is walked to its end, and back to its beginning, in either order', async () => {
      await ten();
      for (const order of ['ascending', 'descending'] as const) {
        const query = { ...FIRST_PAGE, limit: 4, order };
        const all = names(await it_.applications.list({ ...query, limit: 50 }));
        const first = await it_.applications.list(query);
        const second = await it_.applications.list({ ...query, iterator: first.iterator });
        const third = await it_.applications.list({ ...query, iterator: second.iterator });

        expect([first, second, third].flatMap(names)).toEqual(all);
        expect([first, second, third].map(({ done }) => done)).toEqual([false, false, true]);

        const back = await it_.applications.list({ ...query, iterator: third.prevIterator });
        const start = await it_.applications.list({ ...query, limit: 3, iterator: back.prevIterator });
        const end = await it_.applications.list({ ...query, limit: 3, iterator: start.prevIterator });
        expect([names(back), back.done]).toEqual([all.slice(4, 8), false]);
        expect([names(start), start.done]).toEqual([all.slice(1, 4), false]);
        expect([names(end), end.done]).toEqual([all.slice(0, 1), true]);
      }
    });

    it('goes on from the id of any of its items', async () => {
      await ten();
      const all = await it_.applications.list(FIRST_PAGE);
      const iterator = all.data[6]?.id as string;

      expect((await it_.applications.list({ ...FIRST_PAGE, iterator })).data).toEqual(all.data.slice(7));
      expect((await it_.applications.list({ ...FIRST_PAGE, iterator: `-${iterator}` })).data).toEqual(
        all.data.slice(0, 6),
      );
    });

    it('goes on where what it showed last is deleted', async () => {
      const { id: application } = await it_.application();
      for (let n = 0; n < 5; n++) await it_.endpoint(application, { description: `${n}` });
      const seen: string[] = [];
      for (let iterator: string | null = null, done = false; !done; ) {
        const page = await it_.endpoints.list(application, { ...FIRST_PAGE, limit: 2, iterator });
        seen.push(...page.data.map(({ description }) => description));
        for (const endpoint of page.data) await it_.endpoints.remove(endpoint);
        ({ iterator, done } = page);
      }

      expect(seen).toEqual(['4', '3', '2', '1', '0']);
    });

    it('that is empty is done, and refuses what is no place in it', async () => {
      const { id: application } = await it_.application();

      expect(await it_.endpoints.list(application, FIRST_PAGE)).toEqual({
        data: [],
        iterator: null,
        prevIterator: null,
        done: true,
      });
      for (const iterator of ['BAD-$$$ITERATOR', 'ep_none', '-', 'ep_1~x', `ep_1~${2 ** 60}`, 'a\0b'])
        await expect(it_.endpoints.list(application, { ...FIRST_PAGE, iterator })).rejects.toThrow(InvalidCursor);
    });
  });

  describe('an event type', () => {
    const TYPE = {
      name: 'order.paid',
      description: 'An order was paid.',
      schemas: { 1: { type: 'object' } },
      groupName: 'order',
      archived: false,
      deprecated: false,
    };

    it('is made once, changed, archived and forgotten', async () => {
      const made = await it_.eventTypes.create(TYPE);

      expect(made).toMatchObject({ ...TYPE, own: false });
      expect(await it_.eventTypes.create(TYPE)).toBe('taken');
      expect(await it_.eventTypes.update({ ...TYPE, description: 'Paid.' })).toMatchObject({ description: 'Paid.' });
      expect(await it_.eventTypes.update({ ...TYPE, name: 'order.none' })).toBeUndefined();

      expect(await it_.eventTypes.remove(TYPE.name, false)).toBe(true);
      expect(await it_.eventTypes.find(TYPE.name)).toMatchObject({ archived: true });
      expect((await it_.eventTypes.list({ ...FIRST_PAGE, archived: false })).data).toEqual([]);
      expect((await it_.eventTypes.list({ ...FIRST_PAGE, archived: true })).data).toHaveLength(1);

      expect(await it_.eventTypes.create(TYPE)).toMatchObject({ archived: false, description: TYPE.description });
      expect(await it_.eventTypes.remove(TYPE.name, true)).toBe(true);
      expect(await it_.eventTypes.find(TYPE.name)).toBeUndefined();
      expect(await it_.eventTypes.remove(TYPE.name, true)).toBe(false);
    });

    it('of the catalogue that ships is what the catalogue says, and nobody changes it', async () => {
      const own = { ...TYPE, name: 'escalation.opened' };
      await it_.eventTypes.create({ ...TYPE, description: 'Made before it shipped.' });
      await it_.eventTypes.publish([TYPE, own]);

      expect(await it_.eventTypes.find(TYPE.name)).toMatchObject({ own: true, description: TYPE.description });
      expect(await it_.eventTypes.update({ ...own, description: 'Other.' })).toBeUndefined();
      expect(await it_.eventTypes.remove(own.name, true)).toBe(false);
      expect(await it_.eventTypes.remove(own.name, false)).toBe(false);
      expect(await it_.eventTypes.create(own)).toBe('taken');

      const before = await it_.eventTypes.find(own.name);
      it_.clock.now += DAY_MS;
      await it_.eventTypes.publish([own]);
      expect(await it_.eventTypes.find(own.name)).toEqual(before);
      expect(await it_.eventTypes.find(TYPE.name)).toBeUndefined();
    });
  });

  describe('an endpoint', () => {
    it('is found by id and by uid within its application alone', async () => {
      const [one, other] = [await it_.application(), await it_.application()];
      const made = await it_.endpoint(one.id, {
        uid: 'erp',
        filterTypes: ['order.*', 'task.completed'],
        channels: ['eu'],
        rateLimit: 3,
        ordered: true,
        headers: { 'X-Team': 'ops' },
        metadata: { team: 'ops' },
      });

      expect(made.id).toMatch(/^ep_/);
      expect(await it_.endpoints.find(one.id, made.id)).toEqual(made);
      expect(await it_.endpoints.find(one.id, 'erp')).toEqual(made);
      expect(await it_.endpoints.find(other.id, made.id)).toBeUndefined();
      expect(await it_.endpoints.create(one.id, { ...SETTINGS, uid: 'erp' })).toBe('taken');
      expect(await it_.endpoint(other.id, { uid: 'erp' })).toMatchObject({ uid: 'erp' });
      expect(made).toMatchObject({ filterTypes: ['order.*', 'task.completed'], version: 1, failures: 0 });
    });

    it('is woken by every change, and marked wanted where the wake is lost', async () => {
      const { id } = await it_.application();
      const made = await it_.endpoint(id);
      await it_.endpoint(id, { uid: 'taken' });
      it_.clock.now += HOUR_MS;

      const changed = await it_.endpoints.update(made, { ...SETTINGS, url: 'https://hooks.example.com/new' });
      expect(changed).toMatchObject({ url: 'https://hooks.example.com/new', version: 2, updatedAt: it_.clock.now });
      expect(it_.woken.map((one) => one.id)).toEqual([made.id]);
      const wanted = it_.db.selectFrom('endpoints').select('id').where('wake_wanted_real_ms', '=', it_.clock.now);
      expect(await wanted.execute()).toEqual([{ id: made.id }]);

      if (typeof changed !== 'object') throw new Error('It was not changed.');
      expect(await it_.endpoints.update(changed, { ...SETTINGS, uid: 'taken' })).toBe('taken');
      expect(await it_.endpoints.update({ ...changed, application: 'app_other' }, SETTINGS)).toBeUndefined();
      expect(it_.woken).toHaveLength(1);
    });

    it('that is enabled again begins without failures, and one that stays enabled keeps them', async () => {
      const { id } = await it_.application();
      const made = await it_.endpoint(id);
      const update = async (disabled: boolean) => {
        const before = await it_.endpoints.find(id, made.id);
        return before && it_.endpoints.update(before, { ...SETTINGS, disabled });
      };
      await it_.db.updateTable('endpoints').set({ failures: 70 }).execute();
      expect(await update(false)).toMatchObject({ disabled: null, failures: 70 });

      await it_.db.updateTable('endpoints').set({ failures: 100, disabled: 'failing' }).execute();
      expect(await update(true)).toMatchObject({ disabled: 'failing' });
      expect(await update(false)).toMatchObject({ disabled: null, failures: 0 });
      expect(await update(true)).toMatchObject({ disabled: 'operator' });
    });

    it('that was changed or disabled since it was read is left as it is', async () => {
      const { id } = await it_.application();
      const made = await it_.endpoint(id);
      await it_.endpoints.update(made, { ...SETTINGS, description: 'By one' });
      expect(await it_.endpoints.update(made, { ...SETTINGS, description: 'By another' })).toBe('changed');

      const read = await it_.endpoints.find(id, made.id);
      await it_.db.updateTable('endpoints').set({ failures: 100, disabled: 'failing' }).execute();
      expect(read && (await it_.endpoints.update(read, SETTINGS))).toBe('changed');
      expect(await it_.endpoints.find(id, made.id)).toMatchObject({ description: 'By one', disabled: 'failing' });
    });

    it('that is deleted is woken to its end; what waited is called off, and the log stays', async () => {
      const { id } = await it_.application();
      const made = await it_.endpoint(id);
      const message = await it_.message(id);
      await it_.delivery(made.id, message.seq);
      await it_.attempt(made.id, message.seq);

      expect(await it_.endpoints.remove(made)).toBe(true);
      expect(await it_.endpoints.remove(made)).toBe(false);
      expect(it_.woken.map((one) => one.id)).toEqual([made.id]);
      expect(await it_.queued(made.id)).toMatchObject([{ state: 'cancelled', next_ms: null, revision: 1 }]);
      expect((await it_.attempts.ofMessage(id, message.id, FIRST_PAGE)).data).toHaveLength(1);
      expect((await it_.attempts.destinations(id, message.id, FIRST_PAGE)).data).toEqual([]);
    });

    it('counts what became of its messages, within a span', async () => {
      const { id } = await it_.application();
      const made = await it_.endpoint(id);
      const states = ['delivered', 'delivered', 'failed', 'cancelled', 'pending', 'pending'] as const;
      for (const [nth, state] of states.entries()) {
        const { seq } = await it_.message(id, { created_ms: it_.clock.now + nth });
        await it_.delivery(made.id, seq, { state, tries: nth === 5 ? 2 : 0 });
      }

      expect(await it_.endpoints.stats(made, null, null)).toEqual({ success: 2, pending: 1, sending: 1, fail: 1 });
      expect(await it_.endpoints.stats(made, it_.clock.now + 1, it_.clock.now + 5)).toEqual({
        success: 1,
        pending: 1,
        sending: 0,
        fail: 1,
      });
    });
  });

  describe('a signing secret', () => {
    it('is made where none is given, shown again, and lies encrypted', async () => {
      const { id } = await it_.application();
      const made = await it_.endpoint(id);
      const given = await it_.endpoints.create(id, SETTINGS, 'whsec_Z2l2ZW4gYnkgaXRzIG93bmVy');

      expect(await it_.endpoints.secret(made)).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
      expect(typeof given !== 'string' && (await it_.endpoints.secret(given))).toBe('whsec_Z2l2ZW4gYnkgaXRzIG93bmVy');
      expect(await it_.endpoints.secret({ ...made, application: 'app_other' })).toBeUndefined();
      const kept = await it_.db.selectFrom('endpoint_secrets').select('sealed').execute();
      expect(kept.every(({ sealed }) => !sealed.toString('latin1').includes('whsec_'))).toBe(true);
    });

    it('signs for another 24 hours after it was rotated, however often that is', async () => {
      const { id } = await it_.application();
      const made = await it_.endpoint(id);
      const current = async () => (await it_.endpoints.secret(made)) as string;
      const first = await current();
      await it_.endpoints.rotate(made);
      it_.clock.now += 10 * HOUR_MS;
      const second = await current();
      await it_.endpoints.rotate(made, 'whsec_dGhpcmQgb2YgdGhlIHNlY3JldHM=');
      const third = await current();

      expect(third).toBe('whsec_dGhpcmQgb2YgdGhlIHNlY3JldHM=');
      const at = (hours: number) => it_.secrets.of(made.id, it_.clock.now + hours * HOUR_MS);
      expect(await at(0)).toEqual([third, second, first]);
      expect(await at(13.9)).toEqual([third, second, first]);
      expect(await at(14)).toEqual([third, second]);
      expect(await at(24)).toEqual([third]);

      it_.clock.now += 30 * HOUR_MS;
      await it_.endpoints.rotate(made);
      expect(await at(0)).toEqual([await current(), third]);
      expect(await it_.db.selectFrom('endpoint_secrets').select('seq').execute()).toHaveLength(2);
      expect(await it_.endpoints.rotate({ ...made, id: 'ep_none' })).toBe(false);
    });

    it('has one that signs first, however many rotate it at once', async () => {
      const made = await it_.endpoint((await it_.application()).id);

      await Promise.all([1, 2, 3, 4].map(() => it_.endpoints.rotate(made)));

      expect(await it_.secrets.of(made.id, it_.clock.now)).toHaveLength(5);
      const endless = it_.db.selectFrom('endpoint_secrets').select('seq').where('expires_ms', 'is', null);
      expect(await endless.execute()).toHaveLength(1);
    });

    it('cannot be made without a key, and then there is no endpoint either', async () => {
      const { id } = await it_.application();
      const keyless = desk(url, null);
      await expect(keyless.endpoints.create(id, SETTINGS)).rejects.toThrow(NoSecretKey);
      await keyless.close();

      expect((await it_.endpoints.list(id, FIRST_PAGE)).data).toEqual([]);
    });

    it('that a lost key shut in is mended by a rotation', async () => {
      const made = await it_.endpoint((await it_.application()).id);
      const rekeyed = desk(url, Buffer.alloc(32, 9));
      await expect(rekeyed.endpoints.secret(made)).rejects.toThrow(/another SLIPWAY_SECRET_KEY/);

      await rekeyed.endpoints.rotate(made);

      expect(await rekeyed.secrets.of(made.id, it_.clock.now)).toEqual([await rekeyed.endpoints.secret(made)]);
      await rekeyed.close();
    });
  });
});
