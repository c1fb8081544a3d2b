import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { workflowId } from '../../src/contracts/ids.js';
import { erasureWorkflowId } from '../../src/contracts/care.js';
import { READ_MODEL_REBUILD } from '../../src/contracts/rebuild.js';
import type { EscalationAction } from '../../src/domain/escalation/action.js';
import type { CustomerFact } from '../../src/domain/event/fact.js';
import type { Clock } from '../../src/domain/time/clock.js';
import { createCareGateway } from '../../src/temporal/care.js';
import { createRebuildGateway } from '../../src/temporal/rebuild.js';
import { fact, fastClock, MONDAY_9, testPolicy } from '../support/onboarding-fixture.js';
import { eventually } from '../support/temporal.js';
import type { Stand, StandOptions } from '../workflows/stand.js';
import { ENDPOINT_BEHAVIOURS } from './endpoint-behaviours.js';

/** One thing a workflow can do, lived through on a real server; its history is kept under `<name>@<version>.json`. */
export interface Behaviour {
  readonly name: string;
  readonly clock: () => Clock;
  readonly options?: StandOptions;
  /** Lives through it and names the workflow whose history shows it, and the run where it is not the last. */
  live(it_: Stand): Promise<{ readonly workflowId: string; readonly runId?: string }>;
}

const TOM = { id: 'tom', name: 'Person tom' };
const ANA = testPolicy().people.find((one) => one.id === 'eve');
const slow = () => fastClock(1 / 24);
const days = () => fastClock(2);
const created = (more = {}) =>
  fact('created', MONDAY_9, { name: 'Acme', phase: 'kickoff', owner: 'mia@vendor.example', ...more });
const atRisk = () => fact('at_risk', MONDAY_9 + 1);
/** One level that is repeated once: what is late of the first round is called off. */
const CALLING_OFF = testPolicy({
  ladders: {
    nudge: [
      {
        after: { amount: 0, unit: 'minutes' },
        to: ['owner', 'manager'],
        repeat: { every: { amount: 1, unit: 'working_days' }, times: 1 },
      },
    ],
  },
});
const shown = (it_: Stand) => ({ workflowId: it_.workflowId });
const act = (it_: Stand, action: EscalationAction) => it_.gateway.act(it_.key, action);

export const BEHAVIOURS: readonly Behaviour[] = [
  ...ENDPOINT_BEHAVIOURS,
  {
    name: 'ladder-to-the-end',
    clock: days,
    async live(it_) {
      await it_.gateway.signalEvents(it_.key, [created()]);
      await it_.escalation((one) => one.level === 3 && one.sends.every((send) => send.status === 'sent'), 60_000);
      return shown(it_);
    },
  },
  {
    name: 'last-message-called-off',
    clock: days,
    options: { policy: CALLING_OFF },
    async live(it_) {
      it_.recorded.answer = ({ key }) =>
        key.includes('/0/') && key.includes('tom')
          ? { outcome: 'later', until: it_.now() + 3 * 86_400_000, reason: 'a source catches up' }
          : { outcome: 'sent', atReal: Date.now() };
      await it_.gateway.signalEvents(it_.key, [created()]);
      await it_.escalation((one) => one.sends.some((send) => send.status === 'withdrawn'), 60_000);
      await eventually(() => it_.recorded.projections.at(-1)?.view.next_wake_at === null || undefined);
      return shown(it_);
    },
  },
  {
    name: 'acknowledged-in-mid-call',
    clock: slow,
    async live(it_) {
      it_.recorded.answer = untilCancelled;
      await it_.gateway.signalEvents(it_.key, [created(), atRisk()]);
      const calling = await it_.escalation((one) => one.sends.some((send) => send.status === 'calling'));
      await eventually(() => it_.recorded.orders.length > 0 || undefined);
      await act(it_, { verb: 'acknowledge', escalationId: calling.id, by: TOM });
      await it_.escalation((one) => one.sends.every((send) => send.status === 'withdrawn'));
      return shown(it_);
    },
  },
  {
    name: 'actions-of-people',
    clock: slow,
    async live(it_) {
      await it_.gateway.signalEvents(it_.key, [created(), atRisk()]);
      const { id } = await it_.escalation((one) => one.sends.some((send) => send.status === 'sent'));
      await act(it_, { verb: 'note', escalationId: id, by: TOM, note: 'I called them.' });
      await act(it_, { verb: 'escalate', escalationId: id, by: TOM });
      await it_.escalation((one) => one.level === 2 && one.sends.every((send) => send.status === 'sent'));
      if (ANA) await act(it_, { verb: 'reassign', escalationId: id, by: TOM, to: ANA });
      await it_.escalation((one) => one.sends.some((send) => send.round > 0 && send.status === 'sent'));
      await act(it_, { verb: 'snooze', escalationId: id, by: TOM, until: 'next_working_morning' });
      await act(it_, { verb: 'resolve', escalationId: id, by: TOM });
      await it_.escalation((one) => one.sends.some((send) => send.kind === 'resolved' && send.status === 'sent'));
      return shown(it_);
    },
  },
  {
    name: 'held-and-released',
    clock: slow,
    async live(it_) {
      await it_.gateway.signalEvents(it_.key, [created()]);
      await eventually(async () => (await it_.state()).policy ?? undefined);
      await it_.gateway.hold(it_.key, { verb: 'hold', by: TOM, state: 'paused', reason: 'Security review' });
      await it_.gateway.hold(it_.key, { verb: 'release', by: TOM });
      await eventually(async () => ((await it_.state()).log.length === 0 ? true : undefined));
      return shown(it_);
    },
  },
  {
    name: 'completed-and-closed',
    clock: days,
    async live(it_) {
      await closeByGrace(it_);
      return shown(it_);
    },
  },
  {
    name: 'reopened',
    clock: days,
    async live(it_) {
      await closeByGrace(it_);
      const final = it_.recorded.projections.at(-1)?.final;
      if (!final) throw new Error('The last projection carries no final state.');
      const back = fact('moved', it_.now(), { phase: 'kickoff', state: 'active' }, { previous: { phase: 'launch' } });
      await it_.gateway.reopen(final, [back]);
      await eventually(async () => ((await it_.state()).counts.applied === 3 ? true : undefined));
      return shown(it_);
    },
  },
  {
    name: 'continued-as-new',
    clock: slow,
    options: { maxHistory: 20 },
    async live(it_) {
      await it_.gateway.signalEvents(it_.key, [created(), atRisk()]);
      await it_.escalation((one) => one.sends.some((send) => send.status === 'sent'));
      const handle = it_.server.client.workflow.getHandle(it_.workflowId);
      const { runId } = await handle.describe();
      for (let n = 1; (await handle.describe()).runId === runId; n++) {
        await it_.gateway.signalEvents(it_.key, [fact('task', MONDAY_9 + n)]);
      }
      return { workflowId: it_.workflowId, runId };
    },
  },
  {
    name: 'began-from-a-run-before',
    clock: slow,
    options: { maxHistory: 20 },
    async live(it_) {
      await it_.gateway.signalEvents(it_.key, [created(), atRisk()]);
      const handle = it_.server.client.workflow.getHandle(it_.workflowId);
      const { runId } = await handle.describe();
      for (let n = 1; (await handle.describe()).runId === runId; n++) {
        await it_.gateway.signalEvents(it_.key, [fact('task', MONDAY_9 + n)]);
      }
      const { id } = await it_.escalation((one) => one.rule === 'at_risk');
      await act(it_, { verb: 'acknowledge', escalationId: id, by: TOM });
      return shown(it_);
    },
  },
  {
    name: 'store-down',
    clock: slow,
    async live(it_) {
      let down = true;
      it_.recorded.before = () => {
        if (down) throw new Error('connect ECONNREFUSED');
      };
      await it_.gateway.signalEvents(it_.key, [created()]);
      await eventually(async () => ((await it_.state()).counts.applied === 1 ? true : undefined));
      down = false;
      await eventually(() => it_.recorded.projections.at(-1));
      await eventually(async () => ((await it_.state()).log.length === 0 ? true : undefined));
      return shown(it_);
    },
  },
  {
    name: 'policy-published-and-owner-changed',
    clock: slow,
    async live(it_) {
      await it_.gateway.signalEvents(it_.key, [created()]);
      await eventually(async () => (await it_.state()).policy ?? undefined);
      it_.recorded.policy = testPolicy({ hash: 'second' });
      await it_.gateway.announcePolicy(it_.workflowId, 'second');
      await eventually(async () => ((await it_.state()).policy?.hash === 'second' ? true : undefined));
      await it_.gateway.signalEvents(it_.key, [fact('record', MONDAY_9 + 1, { owner: 'tom@vendor.example' })]);
      await eventually(() => it_.recorded.questions.length === 3 || undefined);
      return shown(it_);
    },
  },
  {
    name: 'send-held-by-the-gate-then-failed',
    clock: days,
    async live(it_) {
      it_.recorded.answer = (order) => {
        if (it_.recorded.orders.length === 1)
          return { outcome: 'later', until: order.gate.dueAt + 3_600_000, reason: 'catching up' };
        return { outcome: 'failed', failure: 'UpstreamUnavailable', message: 'HTTP 503' };
      };
      await it_.gateway.signalEvents(it_.key, [created()]);
      await it_.escalation((one) => one.sends.some((send) => send.tries === 1), 60_000);
      return shown(it_);
    },
  },
  {
    name: 'customer-flagged',
    clock: slow,
    options: { policy: customerPolicy() },
    async live(it_) {
      const customerId = await flagCustomer(it_);
      await it_.gateway.signalEvents(it_.key, [fact('completed', it_.now(), { state: 'completed' })]);
      await it_.server.client.workflow.getHandle(it_.workflowId).result();
      return { workflowId: workflowId('customer', { ...it_.key, id: customerId }) };
    },
  },
  {
    name: 'carrier-closed-by-a-person',
    clock: slow,
    options: { policy: customerPolicy() },
    async live(it_) {
      await flagCustomer(it_);
      await it_.gateway.hold(it_.key, { verb: 'close', by: TOM, reason: 'Deal lost' });
      await it_.server.client.workflow.getHandle(it_.workflowId).result();
      return shown(it_);
    },
  },
  {
    name: 'publish-in-pages',
    clock: slow,
    async live(it_) {
      const hash = `pol-${randomUUID()}`;
      await it_.gateway.publishPolicy(hash);
      await it_.server.client.workflow.getHandle(`publish/${hash}`).result();
      return { workflowId: `publish/${hash}` };
    },
  },
  {
    name: 'read-model-rebuilt-in-pages',
    clock: slow,
    async live(it_) {
      const { client } = it_.server;
      const rebuilds = createRebuildGateway({ client, taskQueue: it_.taskQueue, clock: slow() }, it_.gateway);
      await rebuilds.startReadModelRebuild();
      await client.workflow.getHandle(READ_MODEL_REBUILD).result();
      return { workflowId: READ_MODEL_REBUILD };
    },
  },
  {
    name: 'retention-in-pages',
    clock: slow,
    async live(it_) {
      const retention = { workflowId: `retention-${randomUUID()}`, taskQueue: it_.taskQueue };
      await it_.server.client.workflow.execute('retention', retention);
      return retention;
    },
  },
  {
    name: 'erasure-that-waits-for-what-is-open',
    clock: slow,
    async live(it_) {
      it_.recorded.settled.push(
        { open: 1, deleting: 0, ended: 0 },
        { open: 0, deleting: 1, ended: 1 },
        { open: 0, deleting: 0, ended: 0 },
      );
      const erasure = `era_${randomUUID()}`;
      const care = createCareGateway({ client: it_.server.client, taskQueue: it_.taskQueue, clock: slow() });
      await care.resumeErasure(erasure);
      await eventually(() => it_.recorded.calls.includes('settleErasure') || undefined);
      await it_.restartWorker();
      await care.resumeErasure(erasure);
      await it_.server.client.workflow.getHandle(erasureWorkflowId(erasure)).result();
      return { workflowId: erasureWorkflowId(erasure) };
    },
  },
];

async function closeByGrace(it_: Stand): Promise<void> {
  const completed = fact('completed', MONDAY_9 + 1, { state: 'completed' });
  await it_.gateway.signalEvents(it_.key, [created({ phase: 'launch' }), completed]);
  await it_.server.client.workflow.getHandle(it_.workflowId).result();
}

function customerPolicy() {
  const rule = { ladder: 'nudge', severity: 'high', anyHour: true } as const;
  const graceAfterCompleted = { amount: 1, unit: 'hours' } as const;
  return testPolicy({ rules: { customer_at_risk: rule, customer_churned: rule }, graceAfterCompleted });
}

async function flagCustomer(it_: Stand): Promise<string> {
  const customerId = `cus_${randomUUID().slice(0, 8)}`;
  await it_.gateway.signalEvents(it_.key, [created({ customerId })]);
  const handle = it_.server.client.workflow.getHandle(workflowId('customer', { ...it_.key, id: customerId }));
  await eventually(async () => handle.describe().catch(() => undefined));
  const flag: CustomerFact = {
    id: `evt_${randomUUID()}`,
    source: 'pivotal',
    type: 'customer.at_risk',
    kind: 'at_risk',
    at: MONDAY_9 + 1,
    heardAt: MONDAY_9 + 1,
    record: { name: 'Acme' },
    previous: {},
  };
  await it_.gateway.signalCustomer({ ...it_.key, id: customerId }, [flag]);
  await it_.escalation((one) => one.rule === 'customer_at_risk' && one.sends.some((send) => send.status === 'sent'));
  return customerId;
}

function untilCancelled(): Promise<never> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 200);
  return context.cancelled.finally(() => clearInterval(beat));
}
