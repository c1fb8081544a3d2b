import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../src/domain/event/envelope.js';
import type { CustomerFact, Fact } from '../../../src/domain/event/fact.js';
import { type Hearing, type Route, routeEvent } from '../../../src/domain/event/route.js';
import { HEARD_AT, HEARING, inDialects, parsed } from './a-hearing.js';

const ONBOARDING = {
  id: 'onb_1',
  customer_id: 'cus_1',
  display_id: 311,
  name: 'Borealis · EU rollout',
  phase: 'integration',
  state: 'active',
  target_launch_date: '2026-12-18',
  owner_email: 'Mia@Vendor.example',
};
const TASK = {
  id: 'tsk_1',
  onboarding_id: 'onb_1',
  customer_id: 'cus_1',
  title: 'Send SSO metadata',
  completed_by: 'portal:contact_8d',
};
const CUSTOMER = {
  id: 'cus_1',
  name: 'Borealis',
  health_score: 38,
  previous_health_score: 72,
  at_risk: true,
  churned: false,
  owner_email: 'mia@vendor.example',
};
const CONTACT = { id: 'con_1', customer_id: 'cus_1', name: 'Ida', email: 'ida@b.example', is_primary: true };

function route(type: string, record: object, more: object = {}, hearing: Partial<Hearing> = {}): Route | undefined {
  const event = { id: 'evt_1', type, created_at: '2026-11-02T09:00:00Z', data: { object: record, ...more } };
  return routeEvent(parsed(event), { ...HEARING, ...hearing });
}
const onboardingFact = (it: Route | undefined): Fact => {
  if (it?.to !== 'onboarding') throw new Error(`not an onboarding's: ${it?.to}`);
  return it.fact;
};
const customerFact = (it: Route | undefined): CustomerFact => {
  if (it?.to !== 'customer') throw new Error(`not a customer's: ${it?.to}`);
  return it.fact;
};
const where = (it: Route | undefined) => it && `${it.to} ${it.key.id} ${it.fact.kind}`;

describe('the way of an event', () => {
  it.each([
    ['onboarding.created', ONBOARDING, 'onboarding onb_1 created'],
    ['onboarding.phase_changed', ONBOARDING, 'onboarding onb_1 moved'],
    ['onboarding.state_changed', ONBOARDING, 'onboarding onb_1 state'],
    ['onboarding.at_risk', ONBOARDING, 'onboarding onb_1 at_risk'],
    ['onboarding.back_on_track', ONBOARDING, 'onboarding onb_1 back_on_track'],
    ['onboarding.launched', ONBOARDING, 'onboarding onb_1 launched'],
    ['onboarding.completed', ONBOARDING, 'onboarding onb_1 completed'],
    ['task.completed', TASK, 'onboarding onb_1 task'],
    ['customer.created', CUSTOMER, 'customer cus_1 record'],
    ['customer.updated', CUSTOMER, 'customer cus_1 record'],
    ['customer.archived', CUSTOMER, 'customer cus_1 archived'],
    ['customer.health_score_dropped', CUSTOMER, 'customer cus_1 health_dropped'],
    ['customer.at_risk', CUSTOMER, 'customer cus_1 at_risk'],
    ['customer.churned', CUSTOMER, 'customer cus_1 churned'],
    ['contact.created', CONTACT, 'customer cus_1 contact'],
  ])('%s of the fifteen types that ship', (type, record, goes) => {
    expect(where(route(type, record))).toBe(goes);
  });

  it.each([
    ['onboarding.updated', ONBOARDING, 'onboarding onb_1 record'],
    ['onboarding.delayed', ONBOARDING, 'onboarding onb_1 state'],
    ['onboarding.phase_moved', ONBOARDING, 'onboarding onb_1 moved'],
    ['phase.changed', ONBOARDING, 'onboarding onb_1 moved'],
    ['phase_changed', ONBOARDING, 'onboarding onb_1 moved'],
    ['state_changed', ONBOARDING, 'onboarding onb_1 state'],
    ['onboarding_created', ONBOARDING, 'onboarding onb_1 created'],
    ['target_shifted', ONBOARDING, 'onboarding onb_1 record'],
    ['onboarding.task_completed', TASK, 'onboarding onb_1 task'],
    ['task.updated', TASK, 'onboarding onb_1 record'],
    ['task.created', TASK, 'onboarding onb_1 record'],
    ['task_reopened', TASK, 'onboarding onb_1 record'],
    ['task.completed', { ...TASK, onboarding_id: null }, 'customer cus_1 record'],
    ['customer.status_changed', CUSTOMER, 'customer cus_1 record'],
    ['customer.health_bucket_changed', CUSTOMER, 'customer cus_1 record'],
    ['customer.field_changed', CUSTOMER, 'customer cus_1 record'],
    ['contact.updated', CONTACT, 'customer cus_1 contact'],
    ['contact.deleted', CONTACT, 'customer cus_1 contact'],
    ['comment.added', { id: 'cmt_1', onboarding_id: 'onb_1', phase: 'uat' }, 'onboarding onb_1 record'],
    ['attachment_added', { id: 'att_1', onboarding_id: 'onb_1' }, 'onboarding onb_1 record'],
    ['rollout.nudged', ONBOARDING, 'onboarding onb_1 record'],
    ['invoice.paid', { id: 'inv_1', customer_id: 'cus_1' }, 'customer cus_1 record'],
  ])('%s, named on other pages or unknown', (type, record, goes) => {
    expect(where(route(type, record))).toBe(goes);
  });

  it('leads nowhere for pings, and where no usable id is shown', () => {
    expect(route('webhook.ping', { id: 'x', onboarding_id: 'onb_1' })).toBeUndefined();
    expect(route('weather.changed', { id: 'w1' })).toBeUndefined();
    expect(route('template.updated', { id: 'tmpl_1', object: 'template', phase: 'kickoff' })).toBeUndefined();
    for (const id of [undefined, null, '', 'x'.repeat(200), '\ud800', {}])
      expect(route('onboarding.created', { ...ONBOARDING, id })).toBeUndefined();
    expect(route('contact.created', { id: 'con_1' })).toBeUndefined();
  });

  it('keeps live and test apart: either the source or the event may say test', () => {
    const mode = (livemode: unknown, sourceMode: 'live' | 'test') =>
      routeEvent(parsed({ id: 'e', type: 'onboarding.created', livemode, data: { object: ONBOARDING } }), {
        ...HEARING,
        sourceMode,
      })?.key.mode;
    expect([mode(true, 'live'), mode(undefined, 'live'), mode(false, 'live'), mode(true, 'test')]).toEqual([
      'live',
      'live',
      'test',
      'test',
    ]);
  });

  it('is keyed by the label of the source, never by the org of the event', () => {
    const keys = Object.values(inDialects('onboarding.created', ONBOARDING, {})).map(
      (one) => routeEvent(parsed(one), HEARING)?.key,
    );
    for (const key of keys) expect(key).toEqual({ workspace: 'main', mode: 'live', id: 'onb_1' });
  });
});

describe('the fact that an event becomes', () => {
  it('says what the record shows, in our words, and nothing it does not show', () => {
    const fact = onboardingFact(
      route('onboarding.phase_changed', ONBOARDING, { previous_attributes: { phase: 'kickoff' } }),
    );
    expect(fact.record).toEqual({
      name: 'Borealis · EU rollout',
      customerId: 'cus_1',
      displayId: '311',
      phase: 'integration',
      state: 'active',
      target: '2026-12-18',
      owner: 'mia@vendor.example',
    });
    expect(fact.previous).toEqual({ phase: 'kickoff' });
  });

  it('tells cleared from absent', () => {
    expect(
      onboardingFact(route('onboarding.updated', { id: 'o', target_launch_date: null, owner_email: null })).record,
    ).toEqual({ target: null, owner: null });
  });

  it('finds the owner under every name the sender uses, and the other roles', () => {
    const owner = (record: object) => onboardingFact(route('onboarding.updated', { id: 'o', ...record })).record.owner;
    expect(owner({ owner_email: 'A@b.example', csm_id: 'usr_1' })).toBe('a@b.example');
    expect(owner({ csm_id: 'usr_17' })).toBe('usr_17');
    expect(owner({ csm: 'Mia@V.example' })).toBe('mia@v.example');
    expect(owner({ owner: { id: 'usr_17', email: 'Mia@V.example' } })).toBe('mia@v.example');
    expect(owner({ owner: { id: 'usr_17' } })).toBe('usr_17');
    expect(owner({ owner_email: null, csm_id: 'usr_17' })).toBe('usr_17');
    expect(
      onboardingFact(
        route('onboarding.updated', { id: 'o', csm_id: 'u1', se_id: 'u2', designer_id: 'u3', product_ops_id: 'u4' }),
      ).record,
    ).toMatchObject({
      csm: 'u1',
      se: 'u2',
      designer: 'u3',
      productOps: 'u4',
    });
  });

  it('reads a transition, a waiting flag and instants of its own', () => {
    const fact = onboardingFact(
      route('phase.changed', {
        onboarding_id: 'onb_1',
        from_phase: 'kickoff',
        to_phase: 'uat',
        waiting_on_customer: true,
        launched_at: '2026-11-01T10:00:00Z',
      }),
    );
    expect(fact.record).toEqual({ phase: 'uat', waitingOnCustomer: true, launchedAt: Date.UTC(2026, 10, 1, 10) });
    expect(fact.previous).toEqual({ phase: 'kickoff' });
  });

  it('keeps of a task who did what, and does not take its fields for the onboarding’s', () => {
    const fact = onboardingFact(route('task.completed', { ...TASK, name: 'x', phase: 'uat' }));
    expect(fact.task).toEqual({ id: 'tsk_1', title: 'Send SSO metadata', by: 'portal:contact_8d' });
    expect(fact.record).toEqual({ customerId: 'cus_1' });
  });

  it('believes the score before a drop only where it is one', () => {
    expect(customerFact(route('customer.health_score_dropped', CUSTOMER)).previous).toEqual({ healthScore: 72 });
    expect(
      customerFact(route('customer.health_score_dropped', CUSTOMER, { previous_attributes: { health_score: 70 } }))
        .previous,
    ).toEqual({ healthScore: 70 });
    expect(customerFact(route('customer.updated', CUSTOMER)).previous).toEqual({});
  });

  it('happened when the event says, never later than it was heard, and at the fallback where it does not say', () => {
    const at = (created_at: unknown) => {
      const { at, saidAt } = onboardingFact(
        routeEvent(parsed({ id: 'e', type: 'onboarding.created', created_at, data: { object: ONBOARDING } }), HEARING),
      );
      return { at, saidAt };
    };
    expect(at('2026-11-02T09:00:00Z')).toEqual({ at: Date.UTC(2026, 10, 2, 9), saidAt: undefined });
    expect(at('2026-11-03T09:00:00Z')).toEqual({ at: HEARD_AT, saidAt: Date.UTC(2026, 10, 3, 9) });
    expect(at(undefined)).toEqual({ at: HEARING.fallbackAt, saidAt: undefined });
  });

  it('is small: strings are cut at whole characters, lone surrogates and NULs are gone', () => {
    const fact = onboardingFact(
      route('onboarding.created', {
        ...ONBOARDING,
        name: `\0\ud800${'€'.repeat(5000)}`,
        phase: 'p'.repeat(5000),
        owner_email: 'x'.repeat(5000),
      }),
    );
    expect(new TextEncoder().encode(JSON.stringify(fact)).length).toBeLessThan(1500);
    expect(fact.record.name).toMatch(/^�€+$/);
  });
});

describe('routing', () => {
  it('never throws on a valid event with anything in the place of any of its values', () => {
    const records = [ONBOARDING, TASK, CUSTOMER, CONTACT];
    const types = [
      'onboarding.created',
      'phase.changed',
      'task.completed',
      'customer.health_score_dropped',
      'contact.created',
      'x.y',
    ];
    const strange = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('\0', '\ud800', '9999-99-99', '2026-12-18T99:99:99Z', 1e308, -0),
    );
    const mutation = fc.tuple(
      fc.constantFrom(...records),
      fc.constantFrom(...types),
      fc.constantFrom('A', 'B', 'C', 'D'),
      fc.nat(),
      strange,
    );
    fc.assert(
      fc.property(mutation, ([record, type, dialect, nth, value]) => {
        const names = [
          ...Object.keys(record),
          'csm',
          'owner',
          'waiting_on_customer',
          'status',
          'launched_at',
          '__proto__',
        ];
        const changed = JSON.parse(
          `{${[...names.map((name) => [name, (record as Record<string, unknown>)[name] ?? null]), [names[nth % names.length], value]].map(([name, it]) => `${JSON.stringify(name)}:${JSON.stringify(it)}`).join(',')}}`,
        ) as object;
        const event = parseEvent(inDialects(type, changed, changed)[dialect as 'A']);
        if ('quarantined' in event) throw new Error('its id and type were not touched');
        const it = routeEvent(event, HEARING);
        if (!it) return;
        expect(JSON.parse(JSON.stringify(it))).toEqual(it);
        expect(it.fact.at).toBeLessThanOrEqual(it.fact.heardAt);
      }),
      { numRuns: 3000 },
    );
  });
});
