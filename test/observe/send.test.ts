import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { createNotify } from '../../src/activities/notify.js';
import { createProject } from '../../src/activities/project.js';
import type { NotifyOrder, Projection } from '../../src/contracts/activities.js';
import { type Observer, SILENT, type Span } from '../../src/contracts/observer.js';
import type { LogEntry, LogEvent } from '../../src/domain/onboarding/log.js';
import { orderOf } from '../activities/order.js';
import { ChannelDouble, type GateAnswer, gateThat, LedgerDouble, ObserverDouble } from '../activities/send-doubles.js';
import { ESCALATION, ONBOARDING } from '../channels/message.js';

describe('a send', () => {
  const observer = () => {
    const timed: [string, number][] = [];
    const spans: Span[] = [];
    const double = new ObserverDouble();
    const all: Observer = {
      ...SILENT,
      log: (...line) => double.log(...line),
      count: (metric, labels) => double.count(metric, labels),
      time: (metric, seconds) => void timed.push([metric, seconds]),
      trace: (span) => void spans.push(span),
    };
    return { all, timed, spans, lines: double.lines };
  };
  const send = (order: NotifyOrder, ledger: LedgerDouble, seen: Observer, gate: GateAnswer = { open: true }) =>
    new MockActivityEnvironment({ heartbeatTimeoutMs: 5000 }).run(
      createNotify({
        ledger,
        gate: gateThat(gate),
        channel: () => new ChannelDouble(() => Promise.resolve({ providerId: 'sent_1' })),
        observer: seen,
      }),
      order,
    );
  const due = (agoMs: number): NotifyOrder => orderOf({ gate: { ...orderOf().gate, dueAt: Date.now() - agoMs } });

  it('writes one line with the delivery it answers to, and names nobody', async () => {
    const { all, lines, spans } = observer();

    await send(orderOf(), new LedgerDouble(), all);

    const ids = { delivery: 'msg_newest', escalation: ESCALATION.id, onboarding: 'onb_42' };
    expect(lines).toEqual([
      {
        level: 'info',
        message: 'send',
        fields: {
          ...ids,
          kind: 'notified',
          channel: 'hook',
          rule: 'stuck_in_phase',
          escalation_level: 2,
          result: 'sent',
        },
      },
    ]);
    expect(JSON.stringify([lines, spans])).not.toMatch(/Mia|mia|Borealis|@/);
    expect(spans).toMatchObject([{ name: 'notify', correlations: ['msg_newest'], failed: false }]);
  });

  it('is measured against its due instant on the first try and on no later one', async () => {
    const { all, timed } = observer();
    const ledger = new LedgerDouble();

    await send(due(90_000), ledger, all);
    await send(due(90_000), ledger, all);

    const late = timed.filter(([metric]) => metric === 'slipway_send_lateness_seconds');
    expect(late).toHaveLength(1);
    expect(late[0]?.[1]).toBeGreaterThanOrEqual(90);
    expect(late[0]?.[1]).toBeLessThan(95);
  });

  it('that the gate held is not late when it leaves at last', async () => {
    const { all, timed } = observer();
    const ledger = new LedgerDouble();
    const order = due(1_000);

    await send(order, ledger, all, { open: false, until: Date.now() + 120_000, reason: 'catching up' });
    await send({ ...order, gate: due(120_000).gate }, ledger, all);

    const late = timed.filter(([metric]) => metric === 'slipway_send_lateness_seconds').map(([, seconds]) => seconds);
    expect(late).toHaveLength(1);
    expect(late[0]).toBeLessThan(10);
  });
});

describe('what becomes of escalations', () => {
  const entry = (seq: number, what: LogEvent): LogEntry => ({ seq, at: 0, what, text: '' });
  const projection: Projection = {
    entity: { workspace: 'main', mode: 'live', id: 'onb_42' },
    workflowId: 'onboarding/main/onb_42',
    revision: 1,
    view: ONBOARDING,
    escalations: [ESCALATION],
    log: [
      entry(1, { kind: 'woke' }),
      entry(2, { kind: 'opened', escalation: ESCALATION.id }),
      entry(3, { kind: 'sending', escalation: ESCALATION.id, send: 'k' }),
      entry(4, { kind: 'climbed', escalation: ESCALATION.id }),
      entry(5, { kind: 'resolved', escalation: ESCALATION.id }),
    ],
  };

  it('is counted by rule, once an entry, however often it is projected', async () => {
    const observer = new ObserverDouble();
    const stored = new Set<number>();
    const project = createProject({
      observer,
      readModel: {
        project: async ({ log }) => {
          const news = log.filter(({ seq }) => !stored.has(seq));
          for (const { seq } of news) stored.add(seq);
          return news;
        },
      },
    });

    await project(projection);
    await project({ ...projection, revision: 2 });

    expect(observer.counted.filter((line) => line.startsWith('slipway_escalations_total'))).toEqual([
      'slipway_escalations_total stuck_in_phase opened',
      'slipway_escalations_total stuck_in_phase climbed',
      'slipway_escalations_total stuck_in_phase resolved',
    ]);
  });
});
