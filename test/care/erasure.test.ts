import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflowId } from '../../src/contracts/ids.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { eventually } from '../support/temporal.js';
import { type CareStand, careStand, untilDone } from './care-stand.js';

/** Twelve things that name a customer or somebody of theirs, each in a place of its own. */
const CANARIES = {
  customer: 'Canaryworks Holding',
  onboarding: 'Rollout Canaria South',
  contactName: 'Jane Canarsie',
  contactEmail: 'jane.canarsie@customer.example',
  contactTitle: 'Head of Canary Affairs',
  owner: 'canary.owner@vendor.example',
  engineer: 'canary.engineer@vendor.example',
  task: 'Ask about the canary cage',
  taskBy: 'canary.doer@customer.example',
  note: 'They keep canaries in the hall',
  actor: 'canary.actor@vendor.example',
  quarantined: 'a canary in a body nobody could read',
};
const ALL = Object.values(CANARIES);
const shownIn = (text: string) => ALL.filter((canary) => text.toLowerCase().includes(canary.toLowerCase()));

const event = (type: string, object: object) => ({
  id: `evt_${randomUUID()}`,
  type,
  created_at: new Date().toISOString(),
  data: { object },
});

let stand: CareStand;
beforeAll(async () => {
  stand = await careStand({ clock: REAL_CLOCK });
});
afterAll(() => stand.close());

describe('erasing a customer', () => {
  it('leaves nothing that names anybody: not in any table, nor, once all has closed, in any history', async () => {
    const onb = { workspace: 'main', mode: 'live', id: 'onb_canary' } as const;
    await lifeOf('cus_1', onb.id);
    const { id: escalation } = await openEscalation(onb.id);
    await stand.gateway.act(onb, {
      verb: 'note',
      escalationId: escalation,
      by: { id: CANARIES.actor, name: CANARIES.actor },
      note: CANARIES.note,
    });
    await eventually(async () => ((await stand.dump()).includes(CANARIES.note) ? true : undefined));
    await answerKeptForRepeats({ name: CANARIES.onboarding });
    // Somebody else, whose names must not be touched.
    await stand.hear(event('customer.created', { id: 'cus_10', name: 'Bystander Ltd' }));
    expect(shownIn(await stand.dump())).toEqual(ALL);
    expect(shownIn(await stand.histories())).toEqual(
      ALL.filter(
        (one) =>
          ![CANARIES.contactName, CANARIES.contactEmail, CANARIES.contactTitle, CANARIES.quarantined].includes(one),
      ),
    );

    const { id } = await stand.store.erasures.ask({
      subject: { kind: 'customer', customerId: 'cus_1' },
      by: 'dpo',
      reason: 'Asked for by letter',
    });
    await stand.care.resumeErasure(id);
    const waiting = await eventually(async () => {
      const erasure = await stand.store.erasures.find(id);
      return erasure?.state === 'waiting' ? erasure : undefined;
    });

    expect(waiting.workflows).toEqual([
      { workflowId: 'customer/main/cus_1', state: 'open' },
      { workflowId: 'onboarding/main/onb_canary', state: 'open' },
    ]);
    expect(shownIn(await stand.dump())).toEqual([]);

    await stand.gateway.hold(onb, { verb: 'close', by: { id: 'tom', name: 'Tom' }, reason: CANARIES.note });
    await stand.client.workflow.getHandle(workflowId('onboarding', onb)).result();
    await stand.care.resumeErasure(id);
    await untilDone(stand, id);

    expect(shownIn(await stand.dump())).toEqual([]);
    expect(shownIn(await stand.histories())).toEqual([]);
    const done = await stand.store.erasures.find(id);
    expect(done?.workflows.map(({ state }) => state)).toEqual(['deleted', 'deleted']);
    expect(done?.erased).toMatchObject({
      archive: 7,
      onboardings: expect.any(Number),
      escalations: expect.any(Number),
    });
    expect((await stand.store.audit.entries({ subject: id, limit: 5 })).data.map(({ action }) => action)).toEqual([
      'erasure.done',
    ]);
  });

  it('keeps what tells a repeat, and every other customer', async () => {
    const [first] = (
      await stand.store.events.events({ limit: 50, type: 'customer.created', workflowId: 'customer/main/cus_1' })
    ).data;
    const stored = await stand.store.events.event(first?.seq as string);
    expect(stored?.body.toString()).toMatch(/^\{"erased_by":"era_[0-9a-f]{32}"\}$/);
    const again = event('customer.created', { id: 'cus_1', name: CANARIES.customer });
    // The very same event, as the sender would repeat it: known by its id and digest, though its body is gone.
    const repeat = { ...again, id: FIRST.id, created_at: FIRST.created_at };
    await stand.hear(repeat);
    expect((await stand.store.events.event(first?.seq as string))?.seq).toBe(first?.seq);
    expect(
      (await stand.store.events.events({ limit: 50, workflowId: 'customer/main/cus_1', type: 'customer.created' }))
        .data,
    ).toHaveLength(1);
    expect(await stand.dump()).toContain('Bystander Ltd');
  });

  it('takes a later event for what it is: the beginning of something new', async () => {
    await stand.hear(
      event('onboarding.created', { id: 'onb_canary', customer_id: 'cus_1', name: 'New start', phase: 'kickoff' }),
    );

    const view = await eventually(() =>
      stand.gateway.view({ workspace: 'main', mode: 'live', id: 'onb_canary' }).catch(() => undefined),
    );
    expect(view).toMatchObject({ name: 'New start', closed: false, escalations: [] });
  });

  const FIRST = event('customer.created', { id: 'cus_1', name: CANARIES.customer });

  async function lifeOf(customer: string, onboarding: string): Promise<void> {
    const record = { id: onboarding, customer_id: customer, name: CANARIES.onboarding, phase: 'kickoff' };
    await stand.hear(FIRST);
    await stand.hear(
      event('contact.created', {
        id: 'con_1',
        customer_id: customer,
        name: CANARIES.contactName,
        email: CANARIES.contactEmail,
        title: CANARIES.contactTitle,
        is_primary: true,
      }),
    );
    await stand.hear(
      event('onboarding.created', { ...record, owner_email: CANARIES.owner, se_email: CANARIES.engineer }),
    );
    await stand.hear(event('onboarding.at_risk', record));
    await stand.hear(
      event('task.completed', {
        id: 'tsk_1',
        onboarding_id: onboarding,
        customer_id: customer,
        title: CANARIES.task,
        completed_by: CANARIES.taskBy,
      }),
    );
    // Of no workflow, each: one names the contact, one the customer by its id.
    await stand.hear({ strange: true, to: CANARIES.contactEmail, text: CANARIES.quarantined });
    await stand.hear({ ...event('webhook.ping', { customer_id: customer }), about: CANARIES.customer });
  }

  /** As the console keeps it for a day. */
  async function answerKeptForRepeats(answer: object): Promise<void> {
    const asked = { actor: 'local', action: 'onboarding.hold', subject: 'onb_canary' };
    const begun = await stand.store.changes.begin({ ...asked, repeat: { request: 'r', body: 'b' } });
    const entry = { ...asked, at: Date.now(), before: null, after: null, reason: CANARIES.note };
    await stand.store.changes.conclude(begun.state === 'begun' ? begun.ticket : '', entry, answer);
  }

  async function openEscalation(onboarding: string) {
    return eventually(async () => {
      const { data } = await stand.store.readModel.escalations({ onboarding_id: onboarding, limit: 5 });
      return data.find((one) => one.sends.some((send) => send.status === 'sent'));
    });
  }
});

describe('erasing a contact', () => {
  it('finds by the address every record of theirs, and touches nobody with a longer one', async () => {
    const contact = { id: 'con_7', customer_id: 'cus_7', name: 'Ann Lee', email: 'Ann@Customer.example' };
    await stand.hear(event('contact.created', contact));
    await stand.hear(
      event('contact.created', {
        id: 'con_8',
        customer_id: 'cus_7',
        name: 'Joann Leeds',
        email: 'joann@customer.example',
      }),
    );
    await stand.hear(
      event('task.completed', { id: 't', onboarding_id: 'onb_7', title: 'Call ann lee', completed_by: 'portal:con_7' }),
    );
    await stand.hear(event('customer.updated', { id: 'cus_7', name: 'Seven', health_score: 50 }));

    const { id } = await stand.store.erasures.ask({
      subject: { kind: 'contact', email: 'ANN@customer.example' },
      by: 'dpo',
      reason: 'Right to be forgotten',
    });
    await stand.care.resumeErasure(id);
    const waiting = await eventually(async () => {
      const erasure = await stand.store.erasures.find(id);
      return erasure?.state !== 'erasing' ? erasure : undefined;
    });

    // The task's title stands in the memory of its onboarding until that closes.
    expect(waiting?.workflows).toEqual([{ workflowId: 'onboarding/main/onb_7', state: 'open' }]);
    const archived = async () =>
      (await stand.dump())
        .split('\n')
        .filter((line) => line.startsWith('inbox'))
        .join('\n');
    expect(await archived()).not.toMatch(/ann lee|"ann@customer/i);
    const dump = await stand.dump();
    expect(dump).toContain('Joann Leeds');
    expect(dump).toContain('joann@customer.example');
    expect(dump).toContain('con_7');

    await stand.gateway.hold(
      { workspace: 'main', mode: 'live', id: 'onb_7' },
      { verb: 'close', by: { id: 'tom', name: 'Tom' }, reason: 'over' },
    );
    await stand.client.workflow.getHandle('onboarding/main/onb_7').result();
    await stand.care.resumeErasure(id);
    await untilDone(stand, id);

    expect(await stand.dump()).not.toMatch(/\bann lee|\bann@customer/i);
    expect(await stand.histories()).not.toMatch(/\bann lee|\bann@customer/i);
  });

  it('is over at once where no workflow knows them', async () => {
    await stand.hear(
      event('contact.created', { id: 'con_9', customer_id: 'cus_9', name: 'Bo Quick', email: 'bo@customer.example' }),
    );

    const { id } = await stand.store.erasures.ask({
      subject: { kind: 'contact', contactId: 'con_9' },
      by: 'dpo',
      reason: 'x',
    });
    await stand.care.resumeErasure(id);
    await untilDone(stand, id);

    expect(await stand.store.erasures.find(id)).toMatchObject({ state: 'done', erased: { archive: 1 }, workflows: [] });
    expect(await stand.dump()).not.toMatch(/Bo Quick|bo@customer/);
    expect(await stand.store.erasures.unfinished()).toEqual([]);
  });
});
