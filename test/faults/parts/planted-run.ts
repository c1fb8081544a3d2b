import { messageId } from '../../../src/channels/message-id.js';
import type { Escalation, Onboarding } from '../../../src/contracts/api.js';
import { REAL_CLOCK } from '../../../src/domain/time/clock.js';
import { messageOf, ONBOARDING } from '../../channels/message.js';
import { judge } from './checker.js';
import type { Divergence } from './divergence.js';
import type { Finding } from './finding.js';
import type { WorkflowSeen } from './histories.js';
import { type Arrival, HookDouble, type Taken } from './hook-double.js';
import { Ledger, type Outcome } from './ledger.js';
import type { MemoryLog } from './memory.js';
import type { Observed } from './observe.js';
import type { Outage, Span } from './outage.js';
import { ACKED, message } from './planted.js';
import type { Remade } from './remade.js';

/** A run of one event, one workflow and one send in which all is well, and what the tests of the checker change of it. */
const SECRET_TEXT = `whsec_${Buffer.from('a secret of the harness tests').toString('base64')}`;

export const at = Date.UTC(2026, 10, 2, 12);
export const workflow = (over: Partial<WorkflowSeen> = {}): WorkflowSeen => ({
  workflowId: 'onboarding/main/onb_1',
  type: 'onboarding',
  runIds: ['run_1'],
  status: 'RUNNING',
  signalled: ['evt_1'],
  signalledAt: [],
  openSince: at - 60_000,
  taskFailures: [],
  lateTimers: [],
  pending: { timers: [at + 1_000], activities: 0, taskTries: 0 },
  ...over,
});
export const row = { id: 'evt_1', type: null, status: 'signalled', workflow_id: 'onboarding/main/onb_1' } as const;
export const send = {
  key: 'esc_1/notified/1/0/hook/mia',
  channel: 'hook',
  recipient: 'mia',
  kind: 'notified',
  level: 1,
  fallback: false,
  at: new Date(at + 900).toISOString(),
  due_at: new Date(at).toISOString(),
  status: 'sent',
  tries: 1,
  error: null,
  provider_id: null,
} as const;
export const escalation = (...sends: readonly object[]): Escalation => {
  const own = { ...messageOf().escalation, id: 'esc_1', onboarding_id: 'onb_1' };
  return { ...own, sends: sends.map((over) => ({ ...send, ...over })) } as Escalation;
};

export const listed = (over: Partial<Onboarding>): Observed['onboardings'] =>
  new Map([['onboarding/main/onb_1', { ...ONBOARDING, id: 'onb_1', ...over } as unknown as Onboarding]]);

export interface Plant {
  readonly observed?: Partial<Observed>;
  readonly applied?: number;
  readonly forged?: string;
  readonly believed?: string[];
  readonly divergence?: Divergence;
  readonly remade?: readonly Remade[];
  readonly memory?: MemoryLog;
  readonly outage?: Outage;
  readonly outcome?: Outcome;
  readonly taken?: readonly Taken[];
  readonly cut?: Span;
  readonly troubled?: boolean;
}

export const taken = (over: Partial<Taken> = {}): Taken => ({
  id: messageId(send.key),
  type: 'escalation.notified',
  escalation: 'esc_1',
  onboarding: 'onb_1',
  level: 1,
  recipient: 'mia',
  channel: 'hook',
  arrivals: [arrived(900)],
  ...over,
});
export const arrived = (afterMs: number, isReplyLost = false): Arrival => ({ at: at + afterMs, isReplyLost });
export const again = (over: Partial<Arrival> = {}): Taken =>
  taken({ arrivals: [{ ...arrived(900), ...over }, arrived(31_000)] });

export async function judged({
  observed = {},
  applied = 1,
  forged,
  believed = [],
  divergence,
  remade,
  memory,
  outage,
  outcome = ACKED,
  taken: all = [taken()],
  cut,
  troubled = false,
}: Plant): Promise<readonly Finding[]> {
  const ledger = new Ledger();
  ledger.settle(ledger.post(message(1), 0), outcome);
  const double = await HookDouble.open({ secret: SECRET_TEXT });
  for (const one of all) double.taken.set(one.id, one);
  if (troubled) double.trouble({ trouble: { kind: 'drop' } });
  await double.close();
  return judge(
    {
      ledger,
      forged: { ids: new Set(forged ? [forged] : []), believed },
      hooks: [{ channel: 'hook', double, cuts: cut ? [cut] : [] }],
      script: { ladder: { levels: 3, repeats: 1 }, isSteady: () => true },
      ...(divergence ? { divergence } : {}),
      ...(remade ? { remade } : {}),
      ...(memory ? { memory, mostMb: 300 } : {}),
      time: { clock: REAL_CLOCK, outages: outage ? [outage] : [] },
    },
    {
      at,
      workflows: [workflow()],
      applied: new Map([['onboarding/main/onb_1', { count: applied, has: () => applied > 0 }]]),
      archive: new Map([['evt_1', [row]]]),
      onboardings: new Map(),
      escalations: [escalation({})],
      ...observed,
    },
  );
}
export const violated = (findings: readonly Finding[]): string[] =>
  findings.filter(({ violations }) => violations.length > 0).map(({ id }) => id);
