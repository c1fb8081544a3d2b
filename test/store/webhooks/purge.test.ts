import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RetentionPlan } from '../../../src/contracts/care.js';
import type { Endpoint } from '../../../src/contracts/webhooks.js';
import { REAL_CLOCK } from '../../../src/domain/time/clock.js';
import { StoredRetention } from '../../../src/store/retention.js';
import { TestPostgres } from '../../support/postgres.js';
import { type Desk, desk, FIRST_PAGE } from './desk.js';

describe('an outgoing message that was kept long enough', () => {
  let postgres: TestPostgres;
  let it_: Desk;
  let application: string;
  let endpoint: Endpoint;
  let retention: StoredRetention;
  beforeAll(async () => {
    postgres = await TestPostgres.start();
    it_ = desk(await postgres.database());
    retention = new StoredRetention(it_.db);
  });
  beforeEach(async () => {
    for (const table of ['messages', 'deliveries', 'attempts'] as const) await it_.db.deleteFrom(table).execute();
    application = (await it_.application()).id;
    endpoint = await it_.endpoint(application);
  });
  afterAll(async () => {
    await it_.close();
    await postgres.stop();
  });

  const LIMIT = 1_000_000;
  const planned = (messages?: number): RetentionPlan => ({
    clock: REAL_CLOCK,
    events: 0,
    eventsBySource: {},
    sends: 0,
    rejections: 0,
    audit: 0,
    ...(messages === undefined ? {} : { messages }),
  });
  const purge = (plan = planned(LIMIT), cursor: string | null = null) =>
    retention.purge({ stage: 'messages', plan, cursor });
  const left = async () => {
    const { data } = await it_.messages.list(application, { ...FIRST_PAGE, order: 'ascending' });
    return data.map(({ eventId }) => eventId);
  };
  const made = (event_id: string, created_ms: number) => it_.message(application, { event_id, created_ms });

  it('goes, with its deliveries and the log of its attempts, and younger ones stay', async () => {
    for (const [id, at] of [
      ['old', LIMIT - 1],
      ['at the limit', LIMIT],
      ['young', LIMIT + 1],
    ] as const) {
      const { seq } = await made(id, at);
      await it_.delivery(endpoint.id, seq, { state: 'delivered', next_ms: null });
      await it_.attempt(endpoint.id, seq);
    }

    expect(await purge()).toEqual({ cursor: null, deleted: 2 });

    expect(await left()).toEqual(['young']);
    expect(await it_.queued(endpoint.id)).toHaveLength(1);
    expect((await it_.attempts.ofEndpoint(endpoint, FIRST_PAGE)).data).toHaveLength(1);
  });

  it('stays while it is to be delivered, and goes where nobody is there to whom', async () => {
    const gone = await it_.endpoint(application);
    await it_.delivery(endpoint.id, (await made('waits', 1)).seq);
    const { seq } = await made('waits for nobody', 2);
    await it_.delivery(gone.id, seq);
    // As where it was taken in while the endpoint was being deleted.
    await it_.db.deleteFrom('endpoints').where('id', '=', gone.id).execute();

    expect(await purge()).toEqual({ cursor: null, deleted: 1 });
    expect(await left()).toEqual(['waits']);
  });

  it('is left alone by a run that was planned before there were any', async () => {
    await made('old', 1);

    expect(await purge(planned())).toEqual({ cursor: null, deleted: 0 });
    expect(await left()).toEqual(['old']);
  });

  it('loses what it says where its maker wanted that, is not sent again, and stays with its log', async () => {
    const days = (event_id: string, payload_until_ms: number | null) =>
      it_.message(application, { event_id, created_ms: LIMIT + 1, payload_until_ms });
    const over = await days('over', LIMIT + 5);
    await days('not yet', LIMIT + 11);
    await days('as retention says', null);
    const waits = await days('over and waits', LIMIT + 5);
    await it_.delivery(endpoint.id, over.seq, { state: 'failed', next_ms: null });
    await it_.delivery(endpoint.id, waits.seq);

    expect(await purge({ ...planned(LIMIT), at: LIMIT + 10 })).toEqual({ cursor: null, deleted: 0 });

    const { data } = await it_.messages.list(application, { ...FIRST_PAGE, order: 'ascending' });
    expect(data.map(({ eventId, payload }) => [eventId, JSON.parse(payload).expired === true])).toEqual([
      ['over', true],
      ['not yet', false],
      ['as retention says', false],
      ['over and waits', false],
    ]);
    expect(await it_.recovery.resend(endpoint, over.id)).toBe(false);
  });

  it('loses with what it says what was answered to it, and no other answer', async () => {
    const answered = async (payload_until_ms: number) => {
      const { id, seq } = await it_.message(application, { created_ms: LIMIT + 1, payload_until_ms });
      await it_.attempt(endpoint.id, seq, { status: 400, response: 'No n: {"n":1}', response_headers: '{"x-n":"1"}' });
      return id;
    };
    const [over, young] = [await answered(LIMIT + 5), await answered(LIMIT + 11)];

    await purge({ ...planned(LIMIT), at: LIMIT + 10 });

    const logOf = async (id: string) => (await it_.attempts.ofMessage(application, id, FIRST_PAGE)).data;
    expect(await logOf(over)).toMatchObject([{ status: 400, response: '{"expired":true}', responseHeaders: {} }]);
    expect(await logOf(young)).toMatchObject([{ response: 'No n: {"n":1}', responseHeaders: { 'x-n': '1' } }]);
  });

  it('loses what it says page by page', async () => {
    await sql`
      insert into messages (id, application_id, event_type, payload, created_ms, created_real_ms, payload_until_ms)
      select n::text, ${application}, 'order.paid', '{}', ${LIMIT + 1}, 1, 1 from generate_series(1, 501) n`.execute(
      it_.db,
    );
    const plan = { ...planned(LIMIT), at: LIMIT };
    const first = await purge(plan);
    expect(first).toMatchObject({ cursor: expect.any(String), deleted: 0 });
    expect(await purge(plan, first.cursor)).toEqual({ cursor: null, deleted: 0 });

    const kept = it_.db.selectFrom('messages').select('seq').where('erased', '=', false);
    expect(await kept.execute()).toEqual([]);
  });

  it('is either resent or loses what it says, never half of both', async () => {
    for (let round = 0; round < 10; round++) {
      const { id, seq } = await it_.message(application, { created_ms: LIMIT + 1, payload_until_ms: 1 });
      await it_.delivery(endpoint.id, seq, { state: 'failed', next_ms: null });

      const plan = { ...planned(LIMIT), at: LIMIT };
      const [, resent] = await Promise.all([purge(plan), it_.recovery.resend(endpoint, id)]);

      const isExpired = (await it_.messages.find(application, id))?.payload === '{"expired":true}';
      expect(isExpired).toBe(!resent);
      await it_.db.deleteFrom('deliveries').execute();
      await it_.db.deleteFrom('messages').execute();
    }
  });

  it('is found page by page', async () => {
    await sql`
      insert into messages (id, application_id, event_type, payload, created_ms, created_real_ms)
      select n::text, ${application}, 'order.paid', '{}', 1, 1 from generate_series(1, 501) n`.execute(it_.db);
    const first = await purge();
    expect(first).toEqual({ cursor: expect.stringMatching(/^\d+$/), deleted: 500 });
    expect(await purge(planned(LIMIT), first.cursor)).toEqual({ cursor: null, deleted: 1 });
  });

  it('is either resent or gone, never half of both', async () => {
    for (let round = 0; round < 10; round++) {
      const { id, seq } = await made(`round ${round}`, 1);
      await it_.delivery(endpoint.id, seq, { state: 'failed', next_ms: null });

      const [{ deleted }, resent] = await Promise.all([purge(), it_.recovery.resend(endpoint, id)]);

      const queued = (await it_.queued(endpoint.id)).filter(({ message_seq }) => message_seq === seq);
      const isThere = (await it_.messages.find(application, id)) !== undefined;
      expect([isThere, queued.length, deleted]).toEqual(resent ? [true, 1, 0] : [false, 0, 1]);
      await it_.db.deleteFrom('deliveries').execute();
      await it_.db.deleteFrom('messages').execute();
    }
  });
});
