import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { workflowId } from '../../../src/contracts/ids.js';
import { type Endpoint, OWN_APPLICATIONS } from '../../../src/contracts/webhooks.js';
import type { AskedErasure } from '../../../src/contracts/care.js';
import { StoredErasures } from '../../../src/store/erase/erasures.js';
import { TestPostgres } from '../../support/postgres.js';
import { key } from '../onboarding-views.js';
import { type Desk, desk, FIRST_PAGE } from './desk.js';

const OWN: string = OWN_APPLICATIONS.live.id;

describe('an outgoing message about somebody who is to be forgotten', () => {
  let postgres: TestPostgres;
  let it_: Desk;
  let erasures: StoredErasures;
  let endpoint: Endpoint;
  beforeAll(async () => {
    postgres = await TestPostgres.start();
    it_ = desk(await postgres.database());
    erasures = new StoredErasures(it_.db, () => it_.clock.now);
  });
  beforeEach(async () => {
    for (const table of ['messages', 'deliveries', 'attempts'] as const) await it_.db.deleteFrom(table).execute();
    endpoint = await it_.endpoint(OWN);
  });
  afterAll(async () => {
    await it_.close();
    await postgres.stop();
  });

  /** The pass that cleans what was sent, page after page. */
  const forget = async (subject: AskedErasure['subject'], onboardings: readonly string[] = []) => {
    const { id } = await erasures.ask({ subject, by: 'dpo', reason: 'Asked for.' });
    const workflows = onboardings.map((one) => ({ workflowId: workflowId('onboarding', key(one)), state: 'open' }));
    await it_.db
      .updateTable('erasures')
      .set({ workflows: JSON.stringify(workflows) })
      .where('id', '=', id)
      .execute();
    let erased = 0;
    for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
      const page = await erasures.erase(id, 'sends', cursor);
      cursor = page.cursor;
      erased += page.erased;
    }
    return { id, erased };
  };
  const told = (payload: object, application = OWN) => it_.message(application, { payload: JSON.stringify(payload) });
  const payloadOf = async (application: string, id: string) => (await it_.messages.find(application, id))?.payload;

  it('loses its payload and what was answered to it, and keeps that it was', async () => {
    const { id, seq } = await told({ data: { object: { id: 'onb_1', contact: { email: 'Mia@Customer.example' } } } });
    const other = await told({ data: { object: { id: 'onb_1', owner: 'tom@vendor.example' } } });
    await it_.attempt(endpoint.id, seq, { response: 'Thanks, Mia!', response_headers: '{"x-for":"mia"}' });

    const { id: erasure, erased } = await forget({ kind: 'contact', email: 'mia@customer.example' });

    expect(erased).toBe(1);
    expect(await payloadOf(OWN, id)).toBe(`{"erased_by":"${erasure}"}`);
    expect(await payloadOf(OWN, other.id)).toContain('tom@vendor.example');
    const [attempt] = (await it_.attempts.ofMessage(OWN, id, FIRST_PAGE)).data;
    expect(attempt).toMatchObject({ status: 204, response: '[erased]', responseHeaders: {} });
  });

  it('is sent to nobody any more, whatever an operator asks', async () => {
    const { id, seq } = await told({ data: { object: { id: 'cus_1' } } });
    await it_.delivery(endpoint.id, seq, { tries: 2 });

    await forget({ kind: 'customer', customerId: 'cus_1' });

    expect(await it_.queued(endpoint.id)).toMatchObject([{ state: 'cancelled', next_ms: null, revision: 1 }]);
    const late = await it_.endpoint(OWN);
    expect(await it_.recovery.resend(late, id)).toBe(false);
    expect(await it_.recovery.replayMissing(late, 0, null)).toMatchObject({ deliveries: 0 });
  });

  it('is found by the customer, and by their onboardings in what Slipway itself tells', async () => {
    const { id: elsewhere } = await it_.application();
    const all = [
      await told({ data: { object: { onboarding_id: 'onb_1' } } }),
      await told({ data: { object: { id: 'onb_2', customer: { id: 'cus_1' } } } }),
      await told({ customer: 'cus_1' }, elsewhere),
      await told({ id: 'onb_1' }, elsewhere),
      await told({ data: { object: { id: 'onb_3', customer_id: 'cus_11' } } }),
    ];

    await forget({ kind: 'customer', customerId: 'cus_1' }, ['onb_1']);

    const erased = await Promise.all(all.map(({ id, application_id }) => payloadOf(application_id, id)));
    expect(erased.map((payload) => payload?.startsWith('{"erased_by"'))).toEqual([true, true, true, false, false]);
  });

  it('is found by the customer and the onboarding also where its ids are numbers, and no other with them', async () => {
    const of = (onboarding: string) => ({ order_key: workflowId('onboarding', key(onboarding)) });
    const { id: elsewhere } = await it_.application();
    const message = (payload: object, more: object = {}, application = OWN) =>
      it_.message(application, { payload: JSON.stringify(payload), ...more });
    const all = [
      await message({ data: { object: { onboarding_id: 42 } } }, of('42')),
      await message({ data: { object: { id: 8, customer_id: 77 } } }, of('8')),
      await message({ type: 'customer.updated', data: { object: { id: 77 } } }),
      await message({ customer: { id: 77 } }, {}, elsewhere),
      await message({ data: { object: { id: 43, health_score: 77, level: 42 } } }, of('43')),
      await message({ id: 77, amount: 77 }, of('42'), elsewhere),
    ];

    await forget({ kind: 'customer', customerId: '77' }, ['42']);

    const erased = await Promise.all(all.map(({ id, application_id }) => payloadOf(application_id, id)));
    const isErased = erased.map((payload) => payload?.startsWith('{"erased_by"'));
    expect(isErased).toEqual([true, true, true, true, false, false]);
  });

  it('leaves no answer that names somebody, whether it names them itself, or what it said is gone by now', async () => {
    const nameless = await told({ n: 1 });
    const expired = await it_.message(OWN, { payload: '{"expired":true}', erased: true });
    const answer = { response: '{"echo":{"email":"jo@customer.example"}}', response_headers: '{"x-by":"them"}' };
    await it_.attempt(endpoint.id, nameless.seq, answer);
    await it_.attempt(endpoint.id, expired.seq, answer);
    await it_.attempt(endpoint.id, expired.seq, { response: '', response_headers: '{"x-to":"jo@customer.example"}' });
    await it_.attempt(endpoint.id, nameless.seq, { response: 'Thanks, joann@customer.example!' });

    expect((await forget({ kind: 'contact', email: 'jo@customer.example' })).erased).toBe(3);

    const { data } = await it_.attempts.ofEndpoint(endpoint, { ...FIRST_PAGE, order: 'ascending' });
    expect(data.map(({ response, responseHeaders }) => [response, responseHeaders])).toEqual([
      ['[erased]', {}],
      ['[erased]', {}],
      ['[erased]', {}],
      ['Thanks, joann@customer.example!', {}],
    ]);
    expect(await payloadOf(OWN, nameless.id)).toBe('{"n":1}');
  });

  it("leaves no answer that names the customer, and no other's", async () => {
    const { seq } = await told({ n: 1 });
    await it_.attempt(endpoint.id, seq, { response: '{"received":{"customer_id":"cus_7"}}' });
    await it_.attempt(endpoint.id, seq, { response: '{"received":{"customer_id":"cus_77"}}' });

    expect((await forget({ kind: 'customer', customerId: 'cus_7' })).erased).toBe(1);
  });

  it('is found page by page, and once', async () => {
    for (let n = 0; n < 101; n++) await told({ n: n === 100 ? 'cus_9' : n });

    expect((await forget({ kind: 'customer', customerId: 'cus_9' })).erased).toBe(1);
    expect((await forget({ kind: 'customer', customerId: 'cus_9' })).erased).toBe(0);
  });
});
