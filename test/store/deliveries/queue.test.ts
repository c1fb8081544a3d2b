import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Due, type Turn, TurnLost } from '../../../src/contracts/delivery.js';
import type { EndpointKey } from '../../../src/contracts/webhooks.js';
import { POSTGRES_VERSIONS, TestPostgres } from '../../support/postgres.js';
import { FIRST_PAGE } from '../webhooks/desk.js';
import { again, DELIVERED, FAILED, MINUTE, type PostOffice, postOffice, SECOND } from './post-office.js';

describe.each(POSTGRES_VERSIONS)('queue of an endpoint on the %s PostgreSQL', (version) => {
  let postgres: TestPostgres;
  let url: string;
  let office: PostOffice;
  let endpoint: EndpointKey;
  let turn: Turn;
  beforeAll(async () => {
    postgres = await TestPostgres.start(version);
    url = await postgres.database();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    office = await postOffice(postgres, url);
    endpoint = await office.endpoint();
    turn = await office.turn(endpoint);
  });
  afterEach(() => office.store.close());

  const ids = (page: readonly Due[]) => page.map(({ messageId }) => messageId);
  const messages = async (count: number, orderKey: string | null = null) => {
    const made = [];
    for (let nth = 0; nth < count; nth++) made.push((await office.message({ orderKey })).id);
    return made;
  };
  const delivery = async () =>
    (await postgres.query(url, 'select *, next_ms::float8 from deliveries order by message_seq'))[0];
  const attempts = async () =>
    (await office.store.webhooks.attempts.ofEndpoint(endpoint, { ...FIRST_PAGE, order: 'ascending' })).data;

  describe('what is due', () => {
    it('comes with what is to be posted, and to whom', async () => {
      const { id } = await office.message({ payload: '{"n":1.10}', eventType: 'order.paid' });

      const page = await office.queue.due(turn, office.clock.now, 10, []);

      expect(page).toMatchObject({
        receiver: {
          url: 'https://hooks.example.com/in',
          headers: {},
          secrets: [expect.stringMatching(/^whsec_/)],
          rateLimit: null,
          ordered: false,
          disabled: null,
          failures: 0,
        },
        deliveries: [
          {
            messageId: id,
            eventType: 'order.paid',
            payload: '{"n":1.10}',
            tries: 0,
            firstAt: null,
            trigger: 'scheduled',
            once: false,
            dueAt: office.clock.now,
            createdAt: office.clock.now,
            revision: 0,
          },
        ],
        nextAt: null,
      });
    });

    it('leaves out what is under way, and is no more than was asked for', async () => {
      const made = await messages(5);
      const underWay = await office.due(turn, 2);

      expect(ids(underWay)).toEqual(made.slice(0, 2));
      expect(ids(await office.due(turn, 2, underWay))).toEqual(made.slice(2, 4));
      expect(await office.due(turn, 0, underWay)).toEqual([]);
    });

    it('waits for its instant, which is told', async () => {
      await messages(1);
      const [due] = (await office.due(turn)) as [Due];
      const nextAt = office.clock.now + 5 * SECOND;
      await office.queue.record(turn, [office.outcome(due, again(nextAt))]);

      expect(await office.queue.due(turn, nextAt - 1, 10, [])).toMatchObject({ deliveries: [], nextAt });
      expect(await office.queue.due(turn, nextAt, 10, [])).toMatchObject({
        deliveries: [{ tries: 1, firstAt: office.clock.now, dueAt: nextAt }],
        nextAt: null,
      });
    });

    it('gives first tries half of the places, and what one lane leaves free to the other', async () => {
      const late = await messages(6);
      const tried = await office.due(turn);
      await office.queue.record(
        turn,
        tried.map((due) => office.outcome(due, again(office.clock.now))),
      );
      const live = await messages(6);

      expect(ids(await office.due(turn, 4))).toEqual([...live.slice(0, 2), ...late.slice(0, 2)]);
      expect(ids(await office.due(turn, 10))).toEqual([...live.slice(0, 5), ...late.slice(0, 5)]);
      expect(await office.due(turn, 100)).toHaveLength(12);
    });

    it('lets neither lane have every place that comes free', async () => {
      const late = await messages(4);
      const tried = await office.due(turn);
      await office.queue.record(
        turn,
        tried.map((due) => office.outcome(due, again(office.clock.now))),
      );
      await messages(4);

      const underWay: Due[] = [];
      while (underWay.length < 4) underWay.push(...(await office.due(turn, 1, underWay)));

      expect(underWay.filter(({ messageId }) => late.includes(messageId))).toHaveLength(2);
    });

    it('is nothing while the endpoint is disabled, and all of it afterwards', async () => {
      await messages(1);
      await office.queue.disable(turn, 'receiver', 'It answered 410.');

      expect(await office.queue.due(turn, office.clock.now, 10, [])).toMatchObject({
        receiver: { disabled: 'receiver' },
        deliveries: [],
        nextAt: null,
      });
    });

    it('has no receiver once the endpoint is gone', async () => {
      await messages(1);
      await office.store.webhooks.endpoints.remove(endpoint);

      expect(await office.queue.due(turn, office.clock.now, 10, [])).toEqual({
        receiver: null,
        deliveries: [],
        nextAt: null,
      });
      expect(await office.queue.takeTurn(endpoint)).toBeNull();
      expect(await office.queue.rest(turn, office.clock.now)).toEqual({ nextAt: null, pending: 0 });
    });
  });

  describe('an ordered endpoint', () => {
    beforeEach(async () => {
      await office.store.webhooks.endpoints.remove(endpoint);
      endpoint = await office.endpoint({ ordered: true });
      turn = await office.turn(endpoint);
    });

    it('gets the first of each line alone, and what has no line beside them', async () => {
      const one = await messages(3, 'onb_1');
      const two = await messages(2, 'onb_2');
      const free = await messages(2);

      const underWay = await office.due(turn);

      expect(new Set(ids(underWay))).toEqual(new Set([one[0], two[0], ...free]));
      expect(await office.due(turn, 100, underWay)).toEqual([]);
      const first = underWay.find(({ messageId }) => messageId === one[0]) as Due;
      await office.queue.record(turn, [office.outcome(first, DELIVERED)]);
      const rest = underWay.filter((due) => due !== first);
      expect(ids(await office.due(turn, 100, rest))).toEqual([one[1]]);
    });

    it('is held up in a line by the first that waits for its next try, and goes on once that has ended', async () => {
      const [head, next] = await messages(2, 'onb_1');
      const [due] = (await office.due(turn)) as [Due];
      const nextAt = office.clock.now + MINUTE;
      await office.queue.record(turn, [office.outcome(due, again(nextAt))]);

      expect(await office.due(turn)).toEqual([]);
      expect(await office.queue.rest(turn, office.clock.now)).toEqual({ nextAt, pending: 2 });
      office.clock.now = nextAt;
      const [retry] = (await office.due(turn)) as [Due];
      expect(retry.messageId).toBe(head);
      await office.queue.record(turn, [office.outcome(retry, FAILED)]);
      expect(ids(await office.due(turn))).toEqual([next]);
    });

    it('gets no earlier message of a line that an operator sends again while a later one is under way', async () => {
      const [first] = await messages(2, 'onb_1');
      const [head] = (await office.due(turn)) as [Due];
      await office.queue.record(turn, [office.outcome(head, DELIVERED)]);
      const underWay = await office.due(turn);

      await office.store.webhooks.recovery.resend(endpoint, first ?? '');

      expect(await office.due(turn, 100, underWay)).toEqual([]);
      expect(ids(await office.due(turn))).toEqual([first]);
    });
  });

  describe('what is recorded', () => {
    it('is in the log as it was, in the order given, and the delivery has ended', async () => {
      const made = await messages(3);
      const due = await office.due(turn);
      const told = due.map((one) =>
        office.outcome(one, DELIVERED, {
          attempt: { ...office.outcome(one, DELIVERED).attempt, response: 'a\0b', responseHeaders: { 'x-odd': '\0' } },
        }),
      );

      await office.queue.record(turn, told);

      const log = await attempts();
      expect(log.map(({ messageId }) => messageId)).toEqual(made);
      expect(log[0]).toMatchObject({
        ...told[0]?.attempt,
        id: expect.stringMatching(/^atmpt_[0-9A-Za-z]{27}$/),
        endpointId: endpoint.id,
        eventType: 'order.paid',
        response: 'a\ufffdb',
      });
      expect(await delivery()).toMatchObject({ state: 'delivered', tries: 1, next_ms: null });
      expect(await office.due(turn)).toEqual([]);
    });

    it('counts deliveries in a row that used up their tries, in the order given', async () => {
      await messages(5);
      const [a, b, c, d, e] = (await office.due(turn)) as [Due, Due, Due, Due, Due];
      const { queue, outcome, clock } = office;

      const first = await queue.record(turn, [
        outcome(a, FAILED),
        outcome(b, DELIVERED),
        outcome(c, FAILED),
        outcome(d, again(clock.now + SECOND)),
        outcome(e, FAILED, { usedUp: false }),
      ]);
      clock.now += SECOND;
      const [late] = (await office.due(turn)) as [Due];

      expect(first).toEqual({ failures: 1 });
      expect(await queue.record(turn, [])).toEqual({ failures: 1 });
      expect(await queue.record(turn, [outcome(late, FAILED)])).toEqual({ failures: 2 });
      await messages(1);
      const [good] = (await office.due(turn)) as [Due];
      expect(await queue.record(turn, [outcome(good, DELIVERED)])).toEqual({ failures: 0 });
    });

    it('writes an attempt once, however often its commit is made, and counts it once', async () => {
      await messages(3);
      const [a, b, c] = (await office.due(turn)) as [Due, Due, Due];
      const { queue, outcome } = office;
      const first = [outcome(a, DELIVERED), outcome(b, FAILED)];

      await queue.record(turn, first);
      expect(await queue.record(turn, [...first, outcome(c, FAILED)])).toEqual({ failures: 2 });

      const logged = await postgres.query(url, 'select message_seq from attempts order by seq');
      expect(logged.map(({ message_seq }) => String(message_seq))).toEqual([a.seq, b.seq, c.seq]);
    });

    it('counts a try that follows an operator’s attempt as scheduled again', async () => {
      const [id] = await messages(1);
      await office.store.webhooks.recovery.resend(endpoint, id ?? '');
      const [manual] = (await office.due(turn)) as [Due];
      expect(manual).toMatchObject({ trigger: 'manual', once: false });

      await office.queue.record(turn, [office.outcome(manual, again(office.clock.now))]);

      expect(await office.due(turn)).toMatchObject([{ trigger: 'scheduled', tries: 1 }]);
    });

    it('has one more attempt of a delivered message that fails leave it delivered', async () => {
      const [id] = await messages(1);
      await office.queue.record(turn, [office.outcome((await office.due(turn))[0] as Due, DELIVERED)]);
      await office.store.webhooks.recovery.resend(endpoint, id ?? '');
      const [once] = (await office.due(turn)) as [Due];
      expect(once).toMatchObject({ once: true, trigger: 'manual' });

      await office.queue.record(turn, [office.outcome(once, FAILED)]);

      expect(await delivery()).toMatchObject({ state: 'delivered', ended_as: null, next_ms: null });
    });

    it.each([
      ['delivered', DELIVERED, { ended_as: 'delivered', tries: 1 }],
      ['used up its tries', FAILED, { ended_as: 'failed', tries: 1 }],
      ['waits for its next try', again(Number.MAX_SAFE_INTEGER), { ended_as: null, tries: 1 }],
    ])(
      'leaves a message that was sent again while a try was out due once more, where that try %s',
      async (_, then, row) => {
        const [id] = await messages(1);
        const [out] = (await office.due(turn)) as [Due];
        await office.store.webhooks.recovery.resend(endpoint, id ?? '');

        await office.queue.record(turn, [office.outcome(out, then)]);

        expect(await delivery()).toMatchObject({ state: 'pending', next_ms: office.clock.now, manual: true, ...row });
        expect(await office.due(turn)).toMatchObject([{ trigger: 'manual', once: row.ended_as !== null }]);
        expect(await attempts()).toHaveLength(1);
      },
    );

    it('leaves the fresh schedule of a message that was recovered while a try was out', async () => {
      await messages(1);
      const [first] = (await office.due(turn)) as [Due];
      await office.queue.record(turn, [office.outcome(first, again(office.clock.now))]);
      const [out] = (await office.due(turn)) as [Due];
      await office.store.webhooks.recovery.recover(endpoint, 0, null);

      await office.queue.record(turn, [office.outcome(out, FAILED)]);

      expect(await office.due(turn)).toMatchObject([{ tries: 0, firstAt: null, once: false, trigger: 'manual' }]);
    });

    it('brings nothing back that was called off meanwhile, and is in the log also of an endpoint that is gone', async () => {
      await messages(1);
      const [out] = (await office.due(turn)) as [Due];
      await office.store.webhooks.endpoints.remove(endpoint);

      await office.queue.record(turn, [office.outcome(out, again(office.clock.now))]);

      expect(await delivery()).toMatchObject({ state: 'cancelled', next_ms: null });
      expect(await postgres.query(url, 'select status from attempts')).toEqual([{ status: 500 }]);
    });
  });

  describe('a turn that another has taken', () => {
    it('can do nothing any more', async () => {
      await messages(1);
      const [due] = (await office.due(turn)) as [Due];
      const newer = await office.turn(endpoint);
      const { queue, clock } = office;

      await expect(queue.due(turn, clock.now, 10, [])).rejects.toThrow(TurnLost);
      await expect(queue.record(turn, [office.outcome(due, FAILED)])).rejects.toThrow(TurnLost);
      await expect(queue.rest(turn, clock.now)).rejects.toThrow(TurnLost);
      await expect(queue.disable(turn, 'receiver', 'It answered 410.')).rejects.toThrow(TurnLost);
      await expect(queue.warn(turn, 50)).rejects.toThrow(TurnLost);

      expect(newer.number).toBeGreaterThan(turn.number);
      expect(await attempts()).toEqual([]);
      expect(await postgres.query(url, 'select failures, disabled, asleep from endpoints')).toEqual([
        { failures: 0, disabled: null, asleep: false },
      ]);
      expect(await office.due(newer)).toHaveLength(1);
    });
  });
});
