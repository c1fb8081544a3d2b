import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { temporal } from '@temporalio/proto';
import { workflowId } from '../../src/contracts/ids.js';
import type { CustomerState } from '../../src/domain/customer/state.js';
import type { EntityKey } from '../../src/domain/event/key.js';
import type { CustomerFact, CustomerFactKind, CustomerFields } from '../../src/domain/event/fact.js';
import { fact, fastClock, MONDAY_9, newKey, testPolicy } from '../support/onboarding-fixture.js';
import { eventually } from '../support/temporal.js';
import { type Stand, stand } from './stand.js';

const nudge = { ladder: 'nudge', severity: 'high', anyHour: true } as const;
const policy = testPolicy({
  rules: { customer_at_risk: nudge, customer_churned: nudge },
  graceAfterCompleted: { amount: 1, unit: 'hours' },
});

describe('a customer', () => {
  let it_: Stand;
  afterEach(() => it_.close());

  it('tells its open onboardings apart: the oldest carries the escalation, and hands it on when it closes', async () => {
    it_ = await stand(fastClock(1 / 24), { policy });
    const customerId = `cus_${randomUUID().slice(0, 8)}`;
    const customer = { ...it_.key, id: customerId };
    const second = newKey();
    await it_.gateway.signalEvents(it_.key, [fact('created', MONDAY_9, { customerId, phase: 'kickoff' })]);
    await it_.gateway.signalEvents(second, [fact('created', MONDAY_9 + 60_000, { customerId, phase: 'kickoff' })]);
    await eventually(async () => ((await eventsOf(it_, customer)).filter(isLink).length === 2 ? true : undefined));

    await it_.gateway.signalCustomer(customer, [customerFact('at_risk', MONDAY_9 + 120_000, { name: 'Acme' })]);

    const carried = await it_.escalation((one) => one.rule === 'customer_at_risk');
    const other = await eventually(async () => {
      const state = await it_.gateway.state(second);
      return state?.customer?.flags.length ? state : undefined;
    });
    expect(other.escalations).toEqual([]);
    expect(other.customer?.carriers.at_risk).toBe(it_.key.id);
    const details = await detailsOf(it_, customer);
    expect(details).toContain('### Acme');
    expect(details).toMatch(new RegExp(`^\\| at_risk \\| \\S+ \\S+ UTC \\| .+ \\| ${it_.key.id} \\|$`, 'm'));
    for (const { id } of [it_.key, second]) expect(details).toContain(`| ${id} | 2026-`);

    await it_.gateway.signalEvents(it_.key, [fact('completed', it_.now(), { state: 'completed' })]);
    await it_.server.client.workflow.getHandle(it_.workflowId).result();

    const heir = await eventually(async () => {
      const state = await it_.gateway.state(second);
      return state?.escalations.find((one) => one.id === carried.id && one.status !== 'resolved');
    });
    expect(heir.level).toBe(carried.level);
    expect((await customerState(it_, customer)).open.map((one) => one.id)).toEqual([second.id]);
    for (const id of [workflowId('onboarding', second), workflowId('customer', customer)]) {
      await it_.server.client.workflow.getHandle(id).terminate('The test is over.');
    }
  });

  it('forgets an onboarding that is gone without a word, and goes on in later runs', async () => {
    it_ = await stand(fastClock(1 / 24), { policy, maxHistory: 30 });
    const customerId = `cus_${randomUUID().slice(0, 8)}`;
    const customer = { ...it_.key, id: customerId };
    await it_.gateway.signalEvents(it_.key, [fact('created', MONDAY_9, { customerId, phase: 'kickoff' })]);
    await eventually(async () => ((await eventsOf(it_, customer)).some(isLink) ? true : undefined));
    await it_.server.client.workflow.getHandle(it_.workflowId).terminate('Gone.');

    await it_.gateway.signalCustomer(customer, [customerFact('churned', MONDAY_9 + 1)]);

    await eventually(async () => ((await eventsOf(it_, customer)).some(isUntold) ? true : undefined));
    for (let n = 0; n < 30; n++) await it_.gateway.signalCustomer(customer, [customerFact('contact', MONDAY_9 + n)]);
    const state = await customerState(it_, customer);
    expect(state.open).toEqual([]);
    expect(state.counts).toEqual({ applied: 31, duplicates: 0 });
    const { count } = await it_.server.client.workflow.count(`WorkflowId = '${workflowId('customer', customer)}'`);
    expect(count).toBeGreaterThan(1);
    await it_.server.client.workflow.getHandle(workflowId('customer', customer)).terminate('The test is over.');
  });
});

type Event = temporal.api.history.v1.IHistoryEvent;
const isLink = (event: Event): boolean => event.workflowExecutionSignaledEventAttributes?.signalName === 'link';
const isUntold = (event: Event): boolean => Boolean(event.signalExternalWorkflowExecutionFailedEventAttributes);

async function eventsOf(it_: Stand, customer: EntityKey): Promise<readonly Event[]> {
  const handle = it_.server.client.workflow.getHandle(workflowId('customer', customer));
  return handle.fetchHistory().then(
    ({ events }) => events ?? [],
    () => [],
  );
}

/** Asked once nothing is under way for it: a query that meets a signal is what `lookUpdate` is there to avoid. */
async function customerState(it_: Stand, customer: EntityKey): Promise<CustomerState> {
  const handle = it_.server.client.workflow.getHandle(workflowId('customer', customer));
  await eventually(async () => ((await handle.describe()).raw.pendingWorkflowTask ? undefined : true));
  return handle.query<CustomerState>('getState');
}

/** What the Temporal UI shows on the customer's page. */
async function detailsOf(it_: Stand, customer: EntityKey): Promise<string> {
  await customerState(it_, customer);
  const handle = it_.server.client.workflow.getHandle(workflowId('customer', customer));
  return (await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;
}

function customerFact(kind: CustomerFactKind, at: number, record: CustomerFields = {}): CustomerFact {
  return {
    id: `evt_${randomUUID()}`,
    source: 'pivotal',
    type: `customer.${kind}`,
    kind,
    at,
    heardAt: at,
    record,
    previous: {},
  };
}
