import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TokenNameTaken } from '../../src/contracts/access.js';
import type { AskedChange, AuditEntry } from '../../src/contracts/audit.js';
import { SILENT } from '../../src/contracts/observer.js';
import { InvalidCursor } from '../../src/contracts/read-model.js';
import type { LogEntry } from '../../src/domain/onboarding/log.js';
import { openStore, type Store } from '../../src/store/store.js';
import { POSTGRES_VERSIONS, TestPostgres } from '../support/postgres.js';
import { MONDAY_9AM } from './arrivals.js';
import { escalation, key, projection } from './onboarding-views.js';

const HOUR = 3_600_000;
const DESK = { name: 'desk', role: 'operator', expiresAt: null, createdBy: 'bootstrap' } as const;

const line = (n: number, change: Partial<AuditEntry> = {}): AuditEntry => ({
  at: MONDAY_9AM + n,
  actor: 'token:desk for mia',
  action: 'escalation.acknowledge',
  subject: `esc_${n}`,
  before: { status: 'open', level: 2 },
  after: { status: 'acknowledged', level: 2 },
  reason: 'On it',
  ...change,
});

const asked = (request?: string, body = '{}'): AskedChange => ({
  actor: 'token:desk for mia',
  action: 'event.redeliver',
  subject: '7',
  ...(request === undefined ? {} : { repeat: { request, body } }),
});

describe.each(POSTGRES_VERSIONS)('access on the %s PostgreSQL', (version) => {
  let postgres: TestPostgres;
  let url: string;
  let store: Store;
  let other: Store;
  let now: number;

  beforeAll(async () => {
    postgres = await TestPostgres.start(version);
    url = await postgres.database();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    await postgres.clear(url);
    now = MONDAY_9AM;
    store = openStore({ url, observer: SILENT, serverId: 'a', now: () => now });
    other = openStore({ url, observer: SILENT, serverId: 'b', now: () => now });
  });
  afterEach(() => Promise.all([store.close(), other.close()]));

  const log = async () => (await store.audit.entries({ limit: 50 })).data;

  describe('a token', () => {
    it('is in the answer alone: the store holds nothing it could be read from', async () => {
      const { token, record } = await store.tokens.create(DESK);

      expect(token).toMatch(/^slp_[\w-]{43}$/);
      expect(record).toMatchObject({ name: 'desk', role: 'operator', createdBy: 'bootstrap', createdAt: now });
      const kept = JSON.stringify(await postgres.query(url, 'select t.*, encode(digest, $$hex$$) from api_tokens t'));
      expect(kept).not.toContain(token.slice(4));
      expect(kept).not.toContain(Buffer.from(token.slice(4), 'base64url').toString('hex'));
      expect((await store.tokens.create({ ...DESK, name: 'two' })).token).not.toBe(token);
    });

    it('lets in on every server until it is revoked, and no other does', async () => {
      const { token, record } = await store.tokens.create(DESK);

      expect(await other.tokens.authenticate(token)).toMatchObject({ id: record.id, role: 'operator' });
      expect(await store.tokens.authenticate(`${token}x`)).toBeUndefined();
      expect(await store.tokens.authenticate('slp_')).toBeUndefined();
      expect(await store.tokens.authenticate(token.slice(4))).toBeUndefined();

      expect(await store.tokens.revoke('desk')).toMatchObject({ id: record.id, revokedAt: now });
      expect(await other.tokens.authenticate(token)).toBeUndefined();
    });

    it('lets in until the instant it expires', async () => {
      const { token } = await store.tokens.create({ ...DESK, expiresAt: now + HOUR });

      now += HOUR - 1;
      expect(await store.tokens.authenticate(token)).toBeDefined();
      now += 1;
      expect(await store.tokens.authenticate(token)).toBeUndefined();
    });

    it('is known by a name that only a revoked one gives free', async () => {
      const { record: first } = await store.tokens.create(DESK);

      await expect(store.tokens.create(DESK)).rejects.toThrow(TokenNameTaken);
      await store.tokens.revoke(first.id);
      const { record: second } = await store.tokens.create(DESK);
      now += 1;
      expect(await store.tokens.revoke('desk')).toMatchObject({ id: second.id, revokedAt: now });
      expect((await store.tokens.list()).map(({ id }) => id).sort()).toEqual([first.id, second.id].sort());
    });

    it('is revoked once: a repeat says when that was, and of one that is not there nothing', async () => {
      await store.tokens.create(DESK);
      await store.tokens.revoke('desk');
      now += HOUR;

      expect(await other.tokens.revoke('desk')).toMatchObject({ revokedAt: MONDAY_9AM });
      expect(await store.tokens.revoke('nobody')).toBeUndefined();
    });

    it('tells to the minute when it was used last, so that a look writes at most once a minute', async () => {
      const { token } = await store.tokens.create(DESK);
      const lastUsed = async () => (await store.tokens.list())[0]?.lastUsedAt;

      expect(await lastUsed()).toBeNull();
      await store.tokens.authenticate(token);
      now += 59_000;
      await store.tokens.authenticate(token);
      expect(await lastUsed()).toBe(MONDAY_9AM);
      now += 1_000;
      await store.tokens.authenticate(token);
      expect(await lastUsed()).toBe(MONDAY_9AM + 60_000);
    });
  });

  describe('the audit log', () => {
    it('tells newest first who changed what, page by page', async () => {
      for (const n of [1, 2, 3]) await store.audit.record(line(n));

      const first = await store.audit.entries({ limit: 2 });
      const rest = await store.audit.entries({ limit: 2, cursor: first.next_cursor ?? '' });

      expect(first.data[0]).toEqual({ ...line(3), seq: '3' });
      expect([...first.data, ...rest.data].map(({ seq }) => seq)).toEqual(['3', '2', '1']);
      expect(rest.next_cursor).toBeNull();
      await expect(store.audit.entries({ limit: 2, cursor: 'none' })).rejects.toThrow(InvalidCursor);
    });

    it('is searched by who, what, on what and since when', async () => {
      await store.audit.record(line(1));
      await store.audit.record(line(2, { actor: 'bootstrap', action: 'policy.publish', subject: 'h', before: null }));

      const seqs = async (filter: object) =>
        (await store.audit.entries({ limit: 9, ...filter })).data.map(({ seq }) => seq);
      expect(await seqs({ actor: 'bootstrap' })).toEqual(['2']);
      expect(await seqs({ action: 'escalation.acknowledge' })).toEqual(['1']);
      expect(await seqs({ subject: 'h' })).toEqual(['2']);
      expect(await seqs({ since: MONDAY_9AM + 2 })).toEqual(['2']);
      expect(await seqs({ subject: 'h', actor: 'slipway' })).toEqual([]);
    });

    it.each(["update audit set reason = 'x'", 'delete from audit', 'truncate audit'])(
      'refuses `%s`, also from the owner of the tables',
      async (statement) => {
        await store.audit.record(line(1));

        await expect(postgres.query(url, statement)).rejects.toThrow(/append-only/);
        expect(await log()).toHaveLength(1);
      },
    );

    it('lets go of lines only for who says that it is retention, and then too changes none', async () => {
      await store.audit.record(line(1));
      const asRetention = (statement: string) =>
        postgres.query(url, `begin; set local slipway.audit_retention = 'on'; ${statement}; commit`);

      await expect(asRetention("update audit set reason = 'x'")).rejects.toThrow(/append-only/);
      await asRetention('delete from audit');
      expect(await log()).toEqual([]);
      await store.audit.record(line(2));
      await expect(postgres.query(url, 'delete from audit')).rejects.toThrow(/append-only/);
    });

    it('keeps whatever text a caller sends', async () => {
      await store.audit.record(line(1, { actor: 'token:a for \0', subject: 'x'.repeat(5_000), reason: '\ud800' }));

      expect((await log())[0]).toMatchObject({ actor: 'token:a for \ufffd', reason: '\ufffd' });
      expect((await store.audit.entries({ limit: 1, subject: 'x'.repeat(5_000) })).data).toHaveLength(1);
    });
  });

  describe('a projection', () => {
    const open = escalation('esc_1', 'onb_1');
    const opened: LogEntry = {
      seq: 2,
      at: MONDAY_9AM,
      what: { kind: 'opened', escalation: 'esc_1' },
      text: 'Stuck: escalation opened.',
    };
    const heard: LogEntry = { seq: 1, at: MONDAY_9AM, what: { kind: 'applied', events: ['evt_1'] }, text: 'Moved.' };
    const resolve = { verb: 'resolve', escalationId: 'esc_1', by: { id: 'mia', name: 'Mia' } } as const;
    const acted: LogEntry = {
      seq: 3,
      at: MONDAY_9AM + 60_000,
      what: { kind: 'action', action: resolve },
      text: 'Mia resolved esc_1.',
    };

    it('enters what was decided and who had it done, and not what was merely heard', async () => {
      await store.readModel.project(projection(key('onb_1'), 1, {}, { escalations: [open], log: [heard, opened] }));
      now += 60_000;
      const resolved = { ...open, status: 'resolved' } as const;
      await store.readModel.project(projection(key('onb_1'), 2, {}, { escalations: [resolved], log: [acted] }));

      expect(await log()).toEqual([
        {
          seq: expect.any(String),
          at: now,
          actor: 'person:mia',
          action: 'decision.resolve',
          subject: 'esc_1',
          before: { status: 'open', level: 1 },
          after: { onboarding: 'onb_1', at: '2026-11-23T08:01:00.000Z', status: 'resolved', level: 1 },
          reason: 'Mia resolved esc_1.',
        },
        expect.objectContaining({
          actor: 'slipway',
          action: 'decision.opened',
          before: null,
          after: { onboarding: 'onb_1', at: '2026-11-23T08:00:00.000Z', status: 'open', level: 1 },
        }),
      ]);
    });

    it.each(['bootstrap', 'slipway', 'local', 'token:alice'])(
      'of what somebody did who said to be %s enters a person, and is found as that alone',
      async (id) => {
        const by = { id, name: id };
        const claimed = { ...acted, what: { kind: 'action', action: { ...resolve, by } } } as const;
        await store.readModel.project(projection(key('onb_1'), 1, {}, { escalations: [open], log: [claimed] }));

        const found = async (actor: string) =>
          (await store.audit.entries({ actor, limit: 5 })).data.map(({ action }) => action);
        expect(await found(id)).toEqual([]);
        expect(await found(`person:${id}`)).toEqual(['decision.resolve']);
      },
    );

    it('knows a decision that was entered when the line still had the bare id of who acted', async () => {
      await store.readModel.project(projection(key('onb_1'), 1, {}, { escalations: [open], log: [acted] }));

      const before = ['main', 'live', 'onb_1', acted.seq, 'mia', 'resolve', 'esc_1', null];
      expect(await postgres.query(url, "select encode(decision, 'hex') as decision from audit")).toEqual([
        { decision: createHash('sha256').update(JSON.stringify(before)).digest('hex') },
      ]);
    });

    it('that comes twice, or anew after the read model was emptied, enters nothing twice', async () => {
      const same = projection(key('onb_1'), 1, {}, { escalations: [open], log: [heard, opened] });
      await store.readModel.project(same);
      await other.readModel.project(same);
      await postgres.query(url, 'truncate onboardings, escalations, decision_log');
      await store.readModel.project(same);
      await store.readModel.project(projection(key('onb_2'), 1, {}, { escalations: [], log: [opened] }));

      expect((await log()).map(({ after }) => after?.['onboarding'])).toEqual(['onb_2', 'onb_1']);
    });

    it('of a task that was done once more on a later clock enters its decisions once', async () => {
      const again: LogEntry = { ...opened, at: opened.at + 250 };
      await store.readModel.project(projection(key('onb_1'), 1, {}, { escalations: [open], log: [heard, opened] }));
      await other.readModel.project(
        projection(key('onb_1'), 2, {}, { escalations: [open], log: [heard, again, acted] }),
      );

      expect((await log()).map(({ action }) => action)).toEqual(['decision.resolve', 'decision.opened']);
    });

    it('that cannot be written leaves no line either', async () => {
      const broken = projection(key('onb_1'), 1.5, {}, { escalations: [open], log: [opened] });

      await expect(store.readModel.project(broken)).rejects.toThrow();
      expect(await log()).toEqual([]);
    });
  });

  describe('a change', () => {
    it('is in the audit log with the commit that keeps its answer', async () => {
      const begun = await store.changes.begin(asked('k'));
      if (begun.state !== 'begun') throw new Error('begun');
      await expect(store.changes.conclude(begun.ticket, line(1), { no: 1n })).rejects.toThrow();
      expect(await log()).toEqual([]);

      await store.changes.conclude(begun.ticket, line(1), { seq: '7' });
      expect(await log()).toHaveLength(1);
      expect(await other.changes.begin(asked('k'))).toEqual({ state: 'done', answer: { seq: '7' } });
    });

    it('that several ask for at once is one, on one server and on two: the others wait', async () => {
      const beginAll = async (key: string) => {
        const all = await Promise.all(
          Array.from({ length: 12 }, (_, n) => (n % 3 === 2 ? other : store).changes.begin(asked(key))),
        );
        return all.map(({ state }) => state).toSorted();
      };
      for (let round = 0; round < 20; round++)
        expect(await beginAll(`k-${round}`)).toEqual(['begun', ...Array(11).fill('under_way')]);
    });

    it('under the same key with another body is told apart, done or not', async () => {
      const begun = await store.changes.begin(asked('k'));

      expect(await other.changes.begin(asked('k', '{"x":1}'))).toEqual({ state: 'another_body' });
      if (begun.state === 'begun') await store.changes.conclude(begun.ticket, line(1), {});
      expect(await other.changes.begin(asked('k', '{"x":1}'))).toEqual({ state: 'another_body' });
    });

    it('that came to nothing may be asked for again; one that was done is not undone by that', async () => {
      const begun = await store.changes.begin(asked('k'));
      if (begun.state !== 'begun') throw new Error('begun');
      await store.changes.release(begun.ticket);
      expect(await store.changes.begin(asked('k'))).toMatchObject({ state: 'begun' });

      await store.changes.conclude(begun.ticket, line(1), {});
      await store.changes.release(begun.ticket);
      expect(await store.changes.begin(asked('k'))).toMatchObject({ state: 'done' });
    });

    it('is repeated for a day, and is a new one after that', async () => {
      const begun = await store.changes.begin(asked('k'));
      if (begun.state === 'begun') await store.changes.conclude(begun.ticket, line(1), {});
      const age = (interval: string) =>
        postgres.query(url, `update changes set begun_at = clock_timestamp() - interval '${interval}'`);

      await age('23 hours 59 minutes');
      expect(await store.changes.begin(asked('k'))).toMatchObject({ state: 'done' });
      await age('24 hours 1 second');
      expect(await store.changes.begin(asked('k'))).toMatchObject({ state: 'begun' });
    });

    it('without a key leaves no row once it is done', async () => {
      const [one, two] = [await store.changes.begin(asked()), await store.changes.begin(asked())];
      for (const begun of [one, two]) {
        if (begun.state === 'begun') await store.changes.conclude(begun.ticket, line(1), {});
      }

      expect(await log()).toHaveLength(2);
      expect(await postgres.query(url, 'select 1 from changes')).toEqual([]);
    });

    it('that could not be given up is taken up again by the same server, at once', async () => {
      const begun = await store.changes.begin(asked('k'));
      if (begun.state !== 'begun') throw new Error('begun');
      await postgres.query(url, 'alter table changes rename to gone');
      await expect(store.changes.release(begun.ticket)).rejects.toThrow();
      await postgres.query(url, 'alter table gone rename to changes');

      expect(await other.changes.begin(asked('k'))).toEqual({ state: 'under_way' });
      expect(await store.changes.begin(asked('k'))).toEqual(begun);
      expect(await store.changes.begin(asked('k'))).toEqual({ state: 'under_way' });
    });

    it('that was given up without a word is entered by the next one that its server begins', async () => {
      const begun = await store.changes.begin(asked());
      if (begun.state !== 'begun') throw new Error('begun');
      await postgres.query(url, 'alter table changes rename to gone');
      await expect(store.changes.release(begun.ticket)).rejects.toThrow();
      await postgres.query(url, 'alter table gone rename to changes');
      await postgres.query(url, "update changes set begun_at = clock_timestamp() - interval '16 seconds'");

      await store.changes.begin(asked('next'));
      expect((await log()).map(({ after }) => after)).toEqual([{ outcome: 'unknown' }]);
    });

    it('of which nobody knows whether it was done is entered as that, and may be asked for again', async () => {
      const begun = await store.changes.begin(asked('k'));
      if (begun.state !== 'begun') throw new Error('begun');
      await store.changes.release(begun.ticket, line(1, { after: { outcome: 'unknown' } }));

      expect(await log()).toMatchObject([{ after: { outcome: 'unknown' } }]);
      expect(await other.changes.begin(asked('k'))).toMatchObject({ state: 'begun' });
    });

    it('that a server ended in the middle of is entered as of unknown outcome, once, and may be asked for again', async () => {
      await store.inbox.heartbeat();
      await other.inbox.heartbeat();
      await store.changes.begin(asked('k'));
      await postgres.query(url, "update changes set begun_at = clock_timestamp() - interval '31 seconds'");
      expect(await other.changes.begin(asked('k'))).toEqual({ state: 'under_way' });

      await postgres.query(
        url,
        "update servers set last_seen_at = clock_timestamp() - interval '31 seconds' where server_id = 'a'",
      );
      const again = await Promise.all([other.changes.begin(asked('k')), other.changes.begin(asked('k'))]);

      expect(again.map(({ state }) => state).sort()).toEqual(['begun', 'under_way']);
      expect(await log()).toEqual([
        expect.objectContaining({
          actor: 'token:desk for mia',
          action: 'event.redeliver',
          subject: '7',
          after: { outcome: 'unknown' },
        }),
      ]);
    });
  });
});
