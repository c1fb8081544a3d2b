import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SILENT } from '../../src/contracts/observer.js';
import { InvalidCursor, type OnboardingFilter } from '../../src/contracts/read-model.js';
import type { LogEntry } from '../../src/domain/onboarding/log.js';
import type { OnboardingState } from '../../src/domain/onboarding/state.js';
import { workspacesOf } from '../../src/domain/policy/workspaces.js';
import { openStore, type Store } from '../../src/store/store.js';
import { POSTGRES_VERSIONS, TestPostgres } from '../support/postgres.js';
import { arrival } from './arrivals.js';
import { escalation, key, projection, view } from './onboarding-views.js';

const entry = (seq: number, text = `Entry ${seq}`): LogEntry => ({
  seq,
  at: seq * 1_000,
  what: { kind: 'woke' },
  text,
});
/** Only its being kept matters here. */
const finalState = (id: string) => ({ v: 1, key: key(id), odd: '\0 \ud800' }) as unknown as OnboardingState;

describe.each(POSTGRES_VERSIONS)('read model on the %s PostgreSQL', (version) => {
  let postgres: TestPostgres;
  let url: string;
  let store: Store;

  beforeAll(async () => {
    postgres = await TestPostgres.start(version);
    url = await postgres.database();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    await postgres.clear(url);
    store = openStore({ url, observer: SILENT, serverId: 'a' });
  });
  afterEach(() => store.close());

  /** The ids of all pages of a list, one page after the other. */
  async function pages(filter: Omit<OnboardingFilter, 'limit'>, limit: number, between?: () => Promise<void>) {
    const found: string[][] = [];
    let cursor: string | null = null;
    do {
      const page: { data: readonly { id: string }[]; next_cursor: string | null } = await store.readModel.onboardings({
        ...filter,
        limit,
        ...(cursor === null ? {} : { cursor }),
      });
      found.push(page.data.map(({ id }) => id));
      cursor = page.next_cursor;
      await between?.();
    } while (cursor !== null);
    return found;
  }
  const ids = async (filter: Omit<OnboardingFilter, 'limit'>) => (await pages(filter, 200)).flat();

  describe('a projection', () => {
    it('comes back as it was, odd text included', async () => {
      const odd = { name: 'Ac\0me \ud800', customer_id: 'x'.repeat(9_000), owner: '\0' };

      await store.readModel.project(projection(key('onb_\0'), 1, odd));

      const row = await store.readModel.onboarding('onb_\0');
      expect(row).toEqual({ key: key('onb_\0'), view: view(key('onb_\0'), odd), behind: false, closed: false });
      expect(await store.readModel.onboarding('onb_2')).toBeUndefined();
    });

    it('that comes late never overwrites a newer one, and its log is kept', async () => {
      await store.readModel.project(projection(key('onb_1'), 2, { phase: 'launch' }, { log: [entry(3)] }));
      const old = escalation('esc_1', 'onb_1');
      await store.readModel.project(
        projection(key('onb_1'), 1, { phase: 'uat', escalations: [old] }, { log: [entry(1), entry(2)] }),
      );

      expect((await store.readModel.onboarding('onb_1'))?.view.phase).toBe('launch');
      expect((await store.readModel.escalations({ limit: 10 })).data).toEqual([]);
      expect(await store.readModel.log(key('onb_1'))).toEqual([entry(1), entry(2), entry(3)]);
    });

    it('that is tried again changes nothing', async () => {
      const one = projection(key('onb_1'), 1, { escalations: [escalation('esc_1', 'onb_1')] }, { log: [entry(1)] });
      const first = await store.readModel.project(one);
      const again = await store.readModel.project({ ...one, log: [entry(1, 'Told otherwise.'), entry(2)] });

      expect([first, again]).toEqual([[entry(1)], [entry(2)]]);
      expect(await store.readModel.log(key('onb_1'))).toEqual([entry(1), entry(2)]);
      expect((await store.readModel.escalations({ limit: 10 })).data).toEqual([escalation('esc_1', 'onb_1')]);
    });

    it('of a task that was done once more stands instead of what the first try wrote', async () => {
      const first = [entry(1), entry(2, 'Came to nothing.'), entry(3, 'Neither did this.')];
      await store.readModel.project(projection(key('onb_1'), 1, {}, { log: first }));
      await store.readModel.project(projection(key('onb_2'), 1, {}, { log: first }));

      const again = await store.readModel.project(projection(key('onb_1'), 2, {}, { log: [entry(2, 'So it was.')] }));

      expect(again).toEqual([]);
      expect(await store.readModel.log(key('onb_1'))).toEqual([entry(1), entry(2, 'So it was.')]);
      expect(await store.readModel.log(key('onb_2'))).toEqual(first);
    });

    it('keeps the final state from the close until the reopen', async () => {
      const final = finalState('onb_1');
      await store.readModel.project(projection(key('onb_1'), 1, { closed: true }, { final }));
      await store.readModel.project(projection(key('onb_1'), 2, { closed: true }));
      const closed = await store.readModel.final(key('onb_1'));
      await store.readModel.project(projection(key('onb_1'), 3, { closed: false }));

      expect(closed).toEqual(final);
      expect(await store.readModel.final(key('onb_1'))).toBeUndefined();
      expect(await store.readModel.final(key('onb_2'))).toBeUndefined();
    });
  });

  it('answers for an id that several hold with the live one of the first workspace', async () => {
    const held = [
      key('onb_1', { workspace: 'alpha', mode: 'test' }),
      key('onb_1', { workspace: 'beta' }),
      key('onb_1', { workspace: 'alpha' }),
    ];
    for (const entity of held) await store.readModel.project(projection(entity, 1));
    const chosen = async (choose?: { workspace?: string; mode?: 'live' | 'test' }) =>
      (await store.readModel.onboarding('onb_1', choose))?.key;

    expect(await chosen()).toEqual(held[2]);
    expect(await chosen({ mode: 'test' })).toEqual(held[0]);
    expect(await chosen({ workspace: 'beta' })).toEqual(held[1]);
    await store.readModel.project(projection(key('onb_1'), 1));
    expect(await chosen()).toEqual(key('onb_1'));
  });

  it('takes workspaces by name as the policy does, whatever the database would sort by', async () => {
    await postgres.query(url, 'alter table onboardings alter column workspace type text collate "en-x-icu"');
    for (const workspace of ['ab', 'a_b', 'a-b'])
      await store.readModel.project(projection(key('onb_1', { workspace }), 1));

    const found = await store.readModel.onboarding('onb_1');
    await postgres.query(url, 'alter table onboardings alter column workspace type text collate "default"');

    const [first] = workspacesOf(['ab', 'a_b', 'a-b'].map((workspace) => ({ workspace })));
    expect(found?.key.workspace).toBe(first);
  });

  it('tells a view that lacks an event from one that has them all', async () => {
    const behind = async () => (await store.readModel.onboarding('onb_1'))?.behind;
    const project = (revision: number, applied: number) =>
      store.readModel.project(projection(key('onb_1'), revision, { events: { applied, duplicates: 0, late: 0 } }));

    const first = await store.inbox.accept(arrival('evt_1'));
    await project(1, 0);
    const waiting = await behind();
    await store.inbox.settle([first.seq], 'signalled');
    const signalled = await behind();
    await project(2, 1);
    const applied = await behind();
    await store.inbox.accept(arrival('evt_1', 'onb_1', { body: Buffer.from('{}') }));
    const sameIdAgain = await behind();
    const late = await store.inbox.accept(arrival('evt_2'));
    await store.inbox.settle([late.seq], 'late');

    expect({ waiting, signalled, applied, sameIdAgain }).toEqual({
      waiting: true,
      signalled: true,
      applied: false,
      sameIdAgain: false,
    });
    expect(await behind()).toBe(false);
  });

  describe('the list of onboardings', () => {
    beforeEach(async () => {
      const rows = [
        ['onb_1', { name: 'beta', health: 'stuck', target: { first: null, latest: null, shifts: [] }, owner: 'mia' }],
        ['onb_2', { name: 'Alpha', health: 'done', next_wake_at: '2026-11-24T09:00:00.000Z', closed: true }],
        ['onb_3', { name: null, health: 'at_risk', at_risk: true, phase: null, customer_id: 'cus_100%' }],
        ['onb_4', { name: 'Gamma', health: 'on_track', next_wake_at: '2026-11-23T09:00:00.000Z', phase: 'launch' }],
        ['onb_5', { name: 'gamma_2', health: 'stuck', state: 'held', escalations: [escalation('esc_1', 'onb_5')] }],
        ['onb_6', { escalations: [escalation('esc_2', 'onb_6', { status: 'resolved' })], phase_entered_at: null }],
      ] as const;
      for (const [id, change] of rows) await store.readModel.project(projection(key(id), 1, change));
      await store.readModel.project(projection(key('onb_1', { mode: 'test', workspace: 'other' }), 1));
    });

    it.each([
      [{}, ['onb_1', 'onb_1', 'onb_2', 'onb_3', 'onb_4', 'onb_5', 'onb_6']],
      [{ mode: 'live' }, ['onb_1', 'onb_2', 'onb_3', 'onb_4', 'onb_5', 'onb_6']],
      [{ workspace: 'other' }, ['onb_1']],
      [{ health: 'stuck' }, ['onb_1', 'onb_5']],
      [{ phase: 'launch' }, ['onb_4']],
      [{ state: 'held' }, ['onb_5']],
      [{ owner: 'mia', mode: 'live', health: 'stuck' }, ['onb_1', 'onb_5']],
      [{ escalated: true }, ['onb_5']],
      [{ escalated: false, mode: 'live' }, ['onb_1', 'onb_2', 'onb_3', 'onb_4', 'onb_6']],
      [{ closed: true }, ['onb_2']],
      [{ closed: false, mode: 'live' }, ['onb_1', 'onb_3', 'onb_4', 'onb_5', 'onb_6']],
      [{ customer_id: 'cus_100%' }, ['onb_3']],
      [{ q: 'GAMMA' }, ['onb_4', 'onb_5']],
      [{ q: 'ONB_4' }, ['onb_4']],
      [{ q: '100%' }, ['onb_3']],
      [{ q: '%' }, ['onb_3']],
      [{ q: 'a_2' }, ['onb_5']],
      [{ q: '\\' }, []],
    ] as const)('filters by %j', async (filter, expected) => {
      expect(await ids(filter)).toEqual(expected);
    });

    it.each([
      ['name', ['onb_2', 'onb_1', 'onb_4', 'onb_5', 'onb_3', 'onb_6']],
      ['-name', ['onb_6', 'onb_3', 'onb_5', 'onb_4', 'onb_1', 'onb_2']],
      ['health', ['onb_3', 'onb_1', 'onb_5', 'onb_4', 'onb_6', 'onb_2']],
      ['phase', ['onb_3', 'onb_4', 'onb_1', 'onb_2', 'onb_5', 'onb_6']],
      ['target', ['onb_2', 'onb_3', 'onb_4', 'onb_5', 'onb_6', 'onb_1']],
      ['next_wake_at', ['onb_4', 'onb_2', 'onb_1', 'onb_3', 'onb_5', 'onb_6']],
      ['phase_entered_at', ['onb_1', 'onb_2', 'onb_3', 'onb_4', 'onb_5', 'onb_6']],
      ['-id', ['onb_6', 'onb_5', 'onb_4', 'onb_3', 'onb_2', 'onb_1']],
    ])('sorts by %s, over page borders too', async (sort, expected) => {
      expect(await ids({ sort, mode: 'live' })).toEqual(expected);
      expect((await pages({ sort, mode: 'live' }, 1)).flat()).toEqual(expected);
      expect((await pages({ sort, mode: 'live' }, 4)).flat()).toEqual(expected);
    });

    it('shows each row once, whatever comes in while somebody turns the pages', async () => {
      let n = 0;
      const found = await pages({ sort: 'name' }, 2, async () => {
        if (n++ < 3)
          await store.readModel.project(
            projection(key(`onb_new_${n}`), 1, { name: ['AAA', 'b', 'zzz'][n - 1] as string }),
          );
      });

      const shown = found.flat();
      expect(shown.filter((id) => !id.startsWith('onb_new'))).toHaveLength(7);
      expect(shown).toContain('onb_new_3');
      expect(new Set(shown.filter((id) => id !== 'onb_1')).size).toBe(shown.length - 2);
    });

    it('ends without a cursor, also where the last page is full', async () => {
      expect((await store.readModel.onboardings({ limit: 7 })).next_cursor).toBeNull();
      expect((await store.readModel.onboardings({ limit: 6 })).next_cursor).toEqual(expect.any(String));
    });

    it('never gives more than 200 rows', async () => {
      for (let n = 0; n < 201; n++) await store.readModel.project(projection(key(`onb_many_${n}`), 1));
      expect((await store.readModel.onboardings({ limit: 5_000 })).data).toHaveLength(200);
    });

    it('refuses a cursor that nobody handed out, and one of another order', async () => {
      const byName = (await store.readModel.onboardings({ limit: 1, sort: 'name' })).next_cursor ?? '';
      const forged = [
        '',
        'x',
        'bnVsbA',
        Buffer.from('["id",1,2,3,4]').toString('base64url'),
        Buffer.from('["id","\\u0000","","",""]').toString('base64url'),
        byName,
      ];

      for (const cursor of forged) {
        await expect(store.readModel.onboardings({ limit: 1, cursor })).rejects.toThrow(InvalidCursor);
      }
      await expect(store.readModel.escalations({ limit: 1, cursor: byName })).rejects.toThrow(InvalidCursor);
      await expect(store.readModel.onboardings({ limit: 1, sort: 'shoe_size' })).rejects.toThrow(RangeError);
    });
  });

  describe('the list of escalations', () => {
    beforeEach(async () => {
      const own = [
        escalation('esc_1', 'onb_1', { opened_at: '2026-11-09T09:00:00.000Z', status: 'resolved' }),
        escalation('esc_2', 'onb_1', { opened_at: '2026-11-10T09:00:00.000Z' }),
        escalation('esc_3', 'onb_1', { opened_at: '2026-11-10T09:00:00.000Z', status: 'snoozed', rule: 'at_risk' }),
      ];
      await store.readModel.project(projection(key('onb_1'), 1, { escalations: own }));
      const other = [escalation('esc_4', 'onb_2', { opened_at: '2026-11-08T09:00:00.000Z', status: 'acknowledged' })];
      await store.readModel.project(projection(key('onb_2', { mode: 'test' }), 1, { escalations: other }));
    });

    it.each([
      [{}, ['esc_3', 'esc_2', 'esc_1', 'esc_4']],
      [{ status: 'open' }, ['esc_2']],
      [{ status: 'unresolved' }, ['esc_3', 'esc_2', 'esc_4']],
      [{ rule: 'at_risk' }, ['esc_3']],
      [{ onboarding_id: 'onb_2' }, ['esc_4']],
      [{ mode: 'live' }, ['esc_3', 'esc_2', 'esc_1']],
    ] as const)('filters by %j, newest first, over page borders too', async (filter, expected) => {
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page: { data: readonly { id: string }[]; next_cursor: string | null } = await store.readModel.escalations(
          {
            ...filter,
            limit: 1,
            ...(cursor === null ? {} : { cursor }),
          },
        );
        found.push(...page.data.map(({ id }) => id));
        cursor = page.next_cursor;
      } while (cursor !== null);

      expect(found).toEqual(expected);
      expect((await store.readModel.escalations({ ...filter, limit: 100 })).data.map(({ id }) => id)).toEqual(expected);
    });

    it('follows a customer’s escalation to its next carrier, in whichever order the two tell of it', async () => {
      const carried = escalation('esc_2', 'onb_3');
      const handedOver = escalation('esc_2', 'onb_1', { status: 'resolved' });
      await store.readModel.project(projection(key('onb_3'), 1, { escalations: [carried] }));
      await store.readModel.project(projection(key('onb_1'), 2, { escalations: [handedOver], closed: true }));

      expect(await store.readModel.escalation('esc_2')).toEqual({ key: key('onb_3'), view: carried });
      expect(await store.readModel.escalation('esc_9')).toBeUndefined();
      const resolved = escalation('esc_2', 'onb_3', { status: 'resolved' });
      await store.readModel.project(projection(key('onb_3'), 2, { escalations: [resolved] }));
      expect((await store.readModel.escalation('esc_2'))?.view.status).toBe('resolved');
    });
  });

  it('names the workflows of open onboardings in order of their ids, page by page', async () => {
    for (const id of ['onb_b', 'onb_A', 'onb_c', 'onb_ä']) await store.readModel.project(projection(key(id), 1));
    await store.readModel.project(projection(key('onb_closed'), 1, { closed: true }));

    const first = await store.readModel.openWorkflows(null, 2);
    const second = await store.readModel.openWorkflows(first.at(-1) ?? null, 2);

    expect([...first, ...second]).toEqual([
      'onboarding/main/onb_%C3%A4',
      'onboarding/main/onb_A',
      'onboarding/main/onb_b',
      'onboarding/main/onb_c',
    ]);
    expect(await store.readModel.openWorkflows(second.at(-1) ?? null, 2)).toEqual([]);
  });
});
