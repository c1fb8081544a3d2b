import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError, GatewayRefusal } from '../../src/contracts/gateway.js';
import { workflowId } from '../../src/contracts/ids.js';
import { type Served, serve } from './served.js';
import { anEscalation, anOnboarding, DAY, HOUR, iso, keyOf, MIA, NOW, POLICY, TOM } from './views.js';
import { World } from './world.js';

const ONE = anEscalation('onb_1', 1);
const TWO = anEscalation('onb_1', 2, { rule: 'at_risk' });
const path = (id: string, verb = '') => `/api/v1/escalations/${encodeURIComponent(id)}${verb && `/${verb}`}`;

let world: World;
let api: Served;
const serveWith = async (more: Parameters<World['deps']>[0] = {}) => {
  await api?.close();
  api = await serve(world.deps(more));
};
beforeEach(async () => {
  world = new World();
  world.add(anOnboarding('onb_1', { escalations: [ONE, TWO] }));
  await serveWith();
});
afterEach(() => api.close());

describe('acknowledging', () => {
  it('reaches the workflow that the id itself names, with everything that was said', async () => {
    const answer = await api.post(
      path(ONE.id, 'acknowledge'),
      { by: 'usr_17', for: '2 days', all: true, note: ' On it ' },
      { 'idempotency-key': 'k-1' },
    );

    expect(answer.status).toBe(200);
    expect(world.asked).toEqual([
      {
        key: keyOf('onb_1'),
        action: {
          verb: 'acknowledge',
          escalationId: ONE.id,
          by: { id: 'mia', name: 'Mia Park', person: MIA },
          forMs: 2 * DAY,
          all: true,
          note: 'On it',
        },
        updateId: expect.stringMatching(/^acknowledge\/[\w-]{22}$/),
      },
    ]);
  });

  it("answers with the escalation and the onboarding's other open ones", async () => {
    const { json } = await api.post(path(ONE.id, 'acknowledge'), { by: 'mia' });

    expect(json.id).toBe(ONE.id);
    expect(json.others.map((one: { id: string }) => one.id)).toEqual([TWO.id]);
  });

  it('needs no row in the read model: the message may be faster than the projection', async () => {
    const early = anEscalation('onb_9');
    world.live.set(workflowId('onboarding', keyOf('onb_9')), anOnboarding('onb_9', { escalations: [early] }));

    expect((await api.post(path(early.id, 'acknowledge'), { by: 'mia' })).status).toBe(200);
    expect((await api.get(path(early.id))).json.id).toBe(early.id);
  });

  it('lets somebody act whom the policy does not know, as the name that was given', async () => {
    await api.post(path(ONE.id, 'acknowledge'), { by: 'Ida from support' });

    expect(world.asked[0]?.action.by).toEqual({ id: 'Ida from support', name: 'Ida from support' });
  });

  it.each([
    // Monday 10:00: three working days are Thursday 10:00, ten working hours end on Tuesday at 12:00.
    ['3 working days', 3 * DAY],
    ['10 working hours', 26 * HOUR],
    ['90 minutes', 1.5 * HOUR],
  ])('reads `for: %s` as a policy would', async (span, ms) => {
    await api.post(path(ONE.id, 'acknowledge'), { by: 'mia', for: span });

    expect(world.asked[0]?.action).toMatchObject({ forMs: ms });
  });

  it.each(['a while', '0 days', '400 days', '99999999999 days', '500 working days', '-1 days'])(
    'refuses `for: %s`',
    async (span) => {
      const answer = await api.post(path(ONE.id, 'acknowledge'), { by: 'mia', for: span });

      expect([answer.status, answer.json.error.field, world.asked]).toEqual([422, 'for', []]);
    },
  );
});

describe('snoozing', () => {
  it.each([
    [{ until: iso(NOW + DAY) }, { at: NOW + DAY }],
    [{ for: '2 working days' }, { forMs: 2 * DAY }],
  ])('takes %j', async (span, until) => {
    expect((await api.post(path(ONE.id, 'snooze'), { by: 'mia', ...span })).status).toBe(200);
    expect(world.asked[0]?.action).toMatchObject({ verb: 'snooze', until });
  });

  it('until the next working morning is until that of whoever asks, which their onboarding may not know', async () => {
    const office = POLICY.calendars['office'];
    if (!office) throw new Error('The policy has a calendar.');
    const late = { ...office, name: 'late', offsets: [{ from: 0, minutes: -300 }] };
    const policy = { ...POLICY, calendars: { ...POLICY.calendars, late }, people: [{ ...MIA, calendar: 'late' }] };
    world.published.push({ stored: { hash: policy.hash, source: '', policy }, at: NOW });

    expect((await api.post(path(ONE.id, 'snooze'), { by: 'mia', until: 'next_working_morning' })).status).toBe(200);
    const { action } = world.asked[0] ?? {};
    const until =
      action?.verb === 'snooze' && typeof action.until === 'object' && 'at' in action.until && action.until.at;
    expect(new Date(until || 0).toISOString().slice(11, 16)).toBe('14:00');
  });

  it.each([{}, { until: iso(NOW + DAY), for: '2 days' }, { until: 'tomorrow' }, { until: '2026-12-01' }])(
    'refuses %j',
    async (span) => {
      const answer = await api.post(path(ONE.id, 'snooze'), { by: 'mia', ...span });

      expect([answer.status, answer.json.error.field]).toEqual([422, 'until']);
    },
  );

  it('passes on that an instant is out of range', async () => {
    world.answer = () => {
      throw new GatewayRefusal('SnoozeOutOfRange', 'A snooze ends within 30 days.');
    };

    const answer = await api.post(path(ONE.id, 'snooze'), { by: 'mia', for: '300 days' });

    expect([answer.status, answer.json.error.code]).toEqual([422, 'SnoozeOutOfRange']);
  });
});

describe('the other actions', () => {
  it.each([
    ['resolve', { note: 'Done by phone' }, { note: 'Done by phone' }],
    ['reassign', { to: 'tom@vendor.example' }, { to: TOM }],
    ['escalate', {}, {}],
    ['note', { note: 'Called' }, { note: 'Called' }],
  ])('%s carries what was said', async (verb, said, meant) => {
    const answer = await api.post(path(TWO.id, verb), { by: 'mia', ...said });

    expect([answer.status, answer.json.id]).toEqual([200, TWO.id]);
    expect(world.asked[0]?.action).toEqual({
      verb,
      escalationId: TWO.id,
      by: { id: 'mia', name: 'Mia Park', person: MIA },
      ...meant,
    });
  });

  it('gives an escalation only to somebody who can be reached, and says who that is', async () => {
    const answer = await api.post(path(ONE.id, 'reassign'), { by: 'mia', to: 'nobody' });

    expect([answer.status, answer.json.error.code, answer.json.error.field]).toEqual([422, 'UnknownPerson', 'to']);
    expect(answer.json.error.message).toContain('mia, tom');
    expect(world.asked).toEqual([]);
  });

  it('names the action it makes idempotent, so that one key for two actions is two updates', async () => {
    await api.post(path(ONE.id, 'escalate'), { by: 'mia' }, { 'idempotency-key': 'same' });
    await api.post(path(ONE.id, 'resolve'), { by: 'mia' }, { 'idempotency-key': 'same' });
    await api.post(path(TWO.id, 'resolve'), { by: 'mia' }, { 'idempotency-key': 'same' });
    await api.post(path(TWO.id, 'resolve'), { by: 'mia' });

    const ids = world.asked.map((one) => one.updateId);
    expect(new Set(ids).size).toBe(4);
    expect(ids[3]).toBeUndefined();
  });

  it('refuses an Idempotency-Key that no server could keep', async () => {
    const answer = await api.post(path(ONE.id, 'resolve'), { by: 'mia' }, { 'idempotency-key': 'x'.repeat(201) });

    expect([answer.status, answer.json.error.field]).toEqual([422, 'Idempotency-Key']);
  });
});

describe('an escalation that is not there, or not open', () => {
  it.each(['esc_does_not_exist', 'esc_live~main~onb_1', 'nonsense', 'esc_live~main~=ZZ~1'])(
    'is 404 for the id %s',
    async (id) => {
      for (const answer of [await api.get(path(id)), await api.post(path(id, 'acknowledge'), { by: 'mia' })]) {
        expect([answer.status, answer.json.error.code]).toEqual([404, 'UnknownEscalation']);
      }
    },
  );

  it('is 404 where the onboarding has no such one', async () => {
    const answer = await api.get(path(anEscalation('onb_1', 99).id));

    expect(answer.json.error).toMatchObject({ code: 'UnknownEscalation' });
  });

  it('is 409 where it was resolved already', async () => {
    world.answer = () => {
      throw new GatewayRefusal('EscalationNotOpen', 'It was resolved.');
    };

    expect((await api.post(path(ONE.id, 'acknowledge'), { by: 'mia' })).status).toBe(409);
  });

  it('is 409 where its onboarding has ended and only the row is left', async () => {
    const past = anEscalation('onb_over', 3, { status: 'resolved' });
    world.past.push(past);
    world.answer = () => {
      throw new GatewayRefusal('UnknownOnboarding', 'No workflow.');
    };

    const answer = await api.post(path(past.id, 'resolve'), { by: 'mia' });

    expect([answer.status, answer.json.error.code]).toEqual([409, 'EscalationNotOpen']);
    expect((await api.get(path(past.id))).json.id).toBe(past.id);
  });

  it('is followed to the onboarding that carries it since its own has closed', async () => {
    const handed = anEscalation('onb_closed', 4, { rule: 'customer_at_risk', onboarding_id: 'onb_next' });
    world.add(anOnboarding('onb_next', { escalations: [handed] }));
    world.answer = (key) => {
      if (key.id === 'onb_closed') throw new GatewayRefusal('UnknownOnboarding', 'No workflow.');
      return handed;
    };

    const answer = await api.post(path(handed.id, 'acknowledge'), { by: 'mia' });

    expect([answer.status, world.asked.map(({ key }) => key.id)]).toEqual([200, ['onb_closed', 'onb_next']]);
    expect((await api.get(path(handed.id))).json.onboarding_id).toBe('onb_next');
  });

  it('is 503 where the Temporal server does not answer, and says that trying again is safe', async () => {
    await serveWith({ gateway: { ...world.deps().gateway, act: () => Promise.reject(new GatewayError('deadline')) } });

    const answer = await api.post(path(ONE.id, 'acknowledge'), { by: 'mia' });

    expect([answer.status, answer.headers['retry-after'], answer.json.error.code]).toEqual([
      503,
      '5',
      'TemporalUnavailable',
    ]);
    expect(answer.json.error.message).toContain('Idempotency-Key');
  });
});

describe('the list of escalations', () => {
  it('hands its filters on', async () => {
    const { json } = await api.get(
      '/api/v1/escalations?status=unresolved&rule=at_risk&onboarding_id=onb_1&mode=live&limit=5',
    );

    expect(world.filters.escalations).toEqual({
      status: 'unresolved',
      rule: 'at_risk',
      onboarding_id: 'onb_1',
      mode: 'live',
      limit: 5,
    });
    expect(json.data).toHaveLength(2);
  });
});
