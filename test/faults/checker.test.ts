import { describe, expect, it } from 'vitest';
import { messageId } from '../../src/channels/message-id.js';
import type { Escalation, Onboarding } from '../../src/contracts/api.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { messageOf, ONBOARDING } from '../channels/message.js';
import { judge } from './parts/checker.js';
import type { Divergence } from './parts/divergence.js';
import { upperBound } from './parts/figures.js';
import { type Finding, holds, tableOf } from './parts/finding.js';
import { lateTimers, type WorkflowSeen } from './parts/histories.js';
import { type Arrival, HookDouble, type Taken } from './parts/hook-double.js';
import { memoryIsFlat, sameEnds } from './parts/invariants.js';
import { Ledger, type Outcome } from './parts/ledger.js';
import { MemoryLog } from './parts/memory.js';
import type { Observed } from './parts/observe.js';
import type { Outage, Span } from './parts/outage.js';
import { ACKED, message } from './parts/planted.js';
import type { Remade } from './parts/remade.js';

/** A checker that finds nothing is worth nothing until it is seen to find: each part of the harness, with a fault planted. */
const SECRET_TEXT = `whsec_${Buffer.from('a secret of the harness tests').toString('base64')}`;

describe('the checker', () => {
  const at = Date.UTC(2026, 10, 2, 12);
  const workflow = (over: Partial<WorkflowSeen> = {}): WorkflowSeen => ({
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
  const row = { id: 'evt_1', type: null, status: 'signalled', workflow_id: 'onboarding/main/onb_1' } as const;
  const send = {
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
  const escalation = (...sends: readonly object[]): Escalation => {
    const own = { ...messageOf().escalation, id: 'esc_1', onboarding_id: 'onb_1' };
    return { ...own, sends: sends.map((over) => ({ ...send, ...over })) } as Escalation;
  };

  const listed = (over: Partial<Onboarding>): Observed['onboardings'] =>
    new Map([['onboarding/main/onb_1', { ...ONBOARDING, id: 'onb_1', ...over } as unknown as Onboarding]]);

  interface Plant {
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

  const taken = (over: Partial<Taken> = {}): Taken => ({
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
  const arrived = (afterMs: number, isReplyLost = false): Arrival => ({ at: at + afterMs, isReplyLost });
  const again = (over: Partial<Arrival> = {}): Taken =>
    taken({ arrivals: [{ ...arrived(900), ...over }, arrived(31_000)] });

  async function judged({
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
  const violated = (findings: readonly Finding[]): string[] =>
    findings.filter(({ violations }) => violations.length > 0).map(({ id }) => id);

  it('finds nothing where nothing is wrong, and says on how many trials that rests', async () => {
    const findings = await judged({});
    expect(violated(findings)).toEqual([]);
    expect(holds(findings)).toBe(true);
    expect(findings.map(({ id, n }) => `${id} ${n}`)).toEqual([
      'I0 1',
      'I1 1',
      'I2 1',
      'I3 1',
      'I4 0',
      'I5 1',
      'I6 1',
      'I7 1',
    ]);
    expect(tableOf(findings)).toMatch(/I1 +acknowledged events lost +0 +1 +< 100\.0 %/);
  });

  const same: Remade = {
    onboarding_id: 'onb_1',
    present_digest: 'd1',
    differences: [],
    differences_in_all: 0,
    missing: 0,
  };
  const differences = [{ field: 'late', present: '1', rebuilt: '0' }];
  const lateRow = new Map([['evt_1', [{ ...row, status: 'late' as const }]]]);
  const moved = workflow({ workflowId: 'onboarding/main/onb_2' });
  it.each<[string, string, Plant]>([
    ['I1', 'an acknowledged event that is not in the archive', { observed: { archive: new Map() } }],
    [
      'I1',
      'an event that was archived and never signalled',
      { applied: 0, observed: { workflows: [workflow({ signalled: [] })] } },
    ],
    ['I1', 'an event that was signalled to two workflows', { observed: { workflows: [workflow(), moved] } }],
    ['I1', 'an event that went to another workflow than its own', { observed: { workflows: [moved] } }],
    ['I1 I2', 'an event that was signalled and not applied', { applied: 0 }],
    [
      'I1',
      'a well-formed event that was quarantined',
      { outcome: { kind: 'acked', duplicate: false, quarantined: true } },
    ],
    [
      'I1',
      'an event that counts as late though its workflow was open',
      { applied: 0, observed: { workflows: [workflow({ signalled: [] })], archive: lateRow } },
    ],
    ['I2', 'an event that was applied twice', { applied: 2 }],
    ['I3', 'a send that never arrived', { taken: [] }],
    ['I3', 'a message that came again with nothing broken', { taken: [again()] }],
    ['I3', 'a message that came again long after a cut', { taken: [again()], cut: { from: at - 9_000, to: at } }],
    [
      'I3',
      'a message that came again, which a cut excuses once',
      {
        taken: [taken({ arrivals: [900, 31_000, 62_000].map((ms) => arrived(ms)) })],
        cut: { from: at, to: at + 1_000 },
      },
    ],
    [
      'I3',
      'two ids of one send',
      {
        taken: [taken(), taken({ id: messageId('esc_1/notified/1/1/hook/mia') })],
        observed: { escalations: [escalation({}, { key: 'esc_1/notified/1/1/hook/mia' })] },
      },
    ],
    [
      'I3',
      'an id that is not made of its send',
      {
        taken: [taken({ id: messageId('run_7/esc_1') })],
        observed: { escalations: [escalation({ key: 'run_7/esc_1' })] },
      },
    ],
    ['I3', 'a send that was given up', { taken: [], observed: { escalations: [escalation({ status: 'failed' })] } }],
    ['I3', 'a message that is none of the sends', { observed: { escalations: [] } }],
    ['I4', 'a forgery in the archive and in Temporal', { forged: 'evt_1' }],
    ['I4', 'a forgery that was answered as if it were believed', { believed: ['a delivery was answered 200'] }],
    [
      'I4',
      'an event in the archive that nobody made',
      { observed: { archive: new Map([...Object.entries({ evt_1: [row] }), ['evt_9', [{ ...row, id: 'evt_9' }]]]) } },
    ],
    [
      'I4',
      'an event that nobody made',
      { applied: 2, observed: { workflows: [workflow({ signalled: ['evt_1', 'evt_9'] })] } },
    ],
    [
      'I5',
      'a send that came early',
      { observed: { escalations: [escalation({ at: new Date(at - 60_000).toISOString() })] } },
    ],
    [
      'I5',
      'a send that came late',
      { observed: { escalations: [escalation({ at: new Date(at + 6_000).toISOString() })] } },
    ],
    [
      'I6',
      'a task that fails for ever',
      { observed: { workflows: [workflow({ pending: { timers: [], activities: 0, taskTries: 9 } })] } },
    ],
    [
      'I6',
      'a timer that is overdue',
      { observed: { workflows: [workflow({ pending: { timers: [at - 90_000], activities: 0, taskTries: 0 } })] } },
    ],
    [
      'I6',
      'a workflow that waits for nothing',
      { observed: { workflows: [workflow({ pending: { timers: [], activities: 0, taskTries: 0 } })] } },
    ],
    [
      'I7',
      'a task that diverged',
      { observed: { workflows: [workflow({ taskFailures: ['WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR'] })] } },
    ],
    ['I7', 'a worker that says so', { divergence: { logged: ['[TMPRL1100]'], replayed: null } }],
    ['I7', 'a run that does not replay', { divergence: { logged: [], replayed: { n: 1, failed: ['onb_1'] } } }],
    [
      'I8',
      'a state that archive and log tell otherwise',
      { remade: [{ ...same, differences, differences_in_all: 1 }] },
    ],
    ['I8', 'an archive that lacks what the log names', { remade: [{ ...same, missing: 1 }] }],
  ])('finds (%s) %s', async (ids, _, plant) => {
    expect(violated(await judged(plant)).join(' ')).toBe(ids);
  });

  it('allows a repeat under one id where a fault left no other way, and tells of it', async () => {
    const afterLostReply = await judged({ taken: [again({ isReplyLost: true })] });
    const afterCut = await judged({ taken: [again()], cut: { from: at + 5_000, to: at + 6_000 } });

    expect(violated([...afterLostReply, ...afterCut])).toEqual([]);
    const notes = [afterLostReply, afterCut].map((findings) => findings.find(({ id }) => id === 'I3')?.note);
    expect(notes).toEqual([
      '0 risks to tell; 1 repeats under one id: 1 after a lost reply, 0 of calls that were cut',
      '0 risks to tell; 1 repeats under one id: 0 after a lost reply, 1 of calls that were cut',
    ]);
  });

  it('lets the last level come as often as it repeats, each time under an id of its own', async () => {
    const keys = [0, 1].map((round) => `esc_1/notified/3/${round}/hook/mia`);
    const climbed = escalation(...keys.map((key) => ({ key, level: 3 })));

    const findings = await judged({
      taken: keys.map((key) => taken({ id: messageId(key), level: 3 })),
      observed: { escalations: [climbed] },
    });

    expect(violated(findings)).toEqual([]);
  });

  it('lets a send be given up whose receiver failed', async () => {
    const givenUp: Plant = { taken: [], observed: { escalations: [escalation({ status: 'failed' })] } };

    expect(violated(await judged({ ...givenUp, troubled: true }))).toEqual([]);
  });

  const broken = (stops: Outage['stops'], fromMs = -1_000): Outage => ({ from: at + fromMs, to: at + 50_000, stops });
  const lateBy = (afterMs: number, over: Partial<WorkflowSeen> = {}): Partial<Observed> => ({
    workflows: [workflow(over)],
    escalations: [escalation({ at: new Date(at + afterMs).toISOString() })],
  });

  it('allows for an outage of who acts that began in time, and not for longer', async () => {
    expect(violated(await judged({ outage: broken('acts'), observed: lateBy(54_000) }))).toEqual([]);
    expect(violated(await judged({ outage: broken('acts'), observed: lateBy(56_000) }))).toEqual(['I5']);
    expect(violated(await judged({ outage: broken('acts', 6_000), observed: lateBy(54_000) }))).toEqual(['I5']);
  });

  it('allows while a server is gone for what waited for an event, and for nothing else', async () => {
    const outage = broken('hears');
    const late = (signalledAt: readonly number[]) => judged({ outage, observed: lateBy(30_000, { signalledAt }) });

    expect(violated(await late([at + 26_000]))).toEqual([]);
    expect(violated(await late([at + 24_000, at + 31_000]))).toEqual(['I5']);
    expect(violated(await late([]))).toEqual(['I5']);
    expect(violated(await judged({ observed: lateBy(30_000, { signalledAt: [at + 26_000] }) }))).toEqual(['I5']);
  });

  it('finds (I5) a send that was due and never tried, unless its clock stands still or its time is not over', async () => {
    const waiting = (over: object, hold: Onboarding['hold'] = null, dueAgoMs = 6_000): Plant => ({
      taken: [],
      observed: {
        onboardings: listed({ hold }),
        escalations: [
          { ...escalation({ status: 'waiting', at: null, tries: 0, due_at: ago(dueAgoMs) }), rule: 'at_risk', ...over },
        ],
      },
    });
    const ago = (ms: number): string => new Date(at - ms).toISOString();

    expect(violated(await judged(waiting({})))).toEqual(['I5']);
    expect(violated(await judged(waiting({}, 'waiting')))).toEqual(['I5']);
    expect(violated(await judged(waiting({}, 'paused')))).toEqual([]);
    expect(violated(await judged(waiting({}, null, 4_000)))).toEqual([]);
    expect(violated(await judged(waiting({ status: 'resolved' })))).toEqual([]);
  });

  it('waits for a person (I6) only where the ladder was climbed to its end, or stands still', async () => {
    const idle = workflow({ pending: { timers: [], activities: 0, taskTries: 0 } });
    const waits = async (level: number, round: number, over: Partial<Onboarding> = {}, status = 'open') => {
      const key = `esc_1/notified/${level}/${round}/hook/mia`;
      const chased = { ...escalation({ key, level }), level, status, rule: 'stuck_in_phase' } as Escalation;
      const onboardings = listed({ escalations: [chased], ...over });
      const findings = await judged({
        taken: [taken({ id: messageId(key), level })],
        observed: { workflows: [idle], onboardings, escalations: [chased] },
      });
      return findings.flatMap(({ violations }) => violations);
    };
    const halfway = (status: string, level: number) => [
      `onboarding/main/onb_1 has no timer, and esc_1 (${status}) is at level ${level} of its ladder`,
    ];

    expect(await waits(3, 1)).toEqual([]);
    expect(await waits(3, 0)).toEqual(halfway('open', 3));
    expect(await waits(2, 1)).toEqual(halfway('open', 2));
    expect(await waits(3, 1, {}, 'acknowledged')).toEqual(halfway('acknowledged', 3));
    expect(await waits(2, 0, { hold: 'blocked' })).toEqual([]);
  });

  it('reads from a history which timers Temporal fired late', () => {
    const seconds = (n: number) => ({ seconds: n as never, nanos: 0 });
    const started = (timerId: string, from: number) => ({
      eventTime: seconds(from),
      timerStartedEventAttributes: { timerId, startToFireTimeout: seconds(3) },
    });
    const fired = (timerId: string, when: number) => ({
      eventTime: seconds(when),
      timerFiredEventAttributes: { timerId },
    });

    const late = lateTimers([started('1', 10), started('2', 10), fired('2', 14), started('3', 20), fired('1', 39)]);

    expect(late).toEqual([{ due: 13_000, fired: 39_000 }]);
  });

  it('tells beside I5 what Temporal itself fired late, and no more than that', async () => {
    const timer = { due: at + 300, fired: at + 30_000 };
    const sent = (afterMs: number, timers = [timer]): Plant => ({
      observed: {
        workflows: [workflow({ lateTimers: timers })],
        escalations: [escalation({ at: new Date(at + afterMs).toISOString() })],
      },
    });

    const excused = await judged(sent(34_000));

    expect(violated(excused)).toEqual([]);
    expect(excused.find(({ id }) => id === 'I5')?.note).toMatch(/; 1 waited for timers that Temporal fired late$/);
    expect(violated(await judged(sent(36_000)))).toEqual(['I5']);
    expect(violated(await judged(sent(34_000, [{ due: at - 60_000, fired: at - 1 }])))).toEqual(['I5']);
    expect(violated(await judged(sent(34_000, [{ due: at + 2_000, fired: at + 30_000 }])))).toEqual(['I5']);
  });

  it('calls a late event lost only where its workflow was open when it came', async () => {
    const late = (over: Partial<WorkflowSeen>): Plant => ({
      applied: 0,
      observed: { workflows: [workflow({ signalled: [], ...over })], archive: lateRow },
    });

    expect(violated(await judged(late({ status: 'COMPLETED' })))).toEqual([]);
    expect(violated(await judged(late({ openSince: performance.timeOrigin + 1 })))).toEqual([]);
  });

  it('calls a run void whose books do not balance, and a late event none lost', async () => {
    const ledger = new Ledger();
    ledger.post(message(1), 0);
    expect(ledger.faults()).toHaveLength(2);
    const findings = await judged({
      applied: 0,
      observed: { workflows: [], archive: new Map([['evt_1', [{ ...row, status: 'late' }]]]) },
    });
    expect(violated(findings)).toEqual([]);
  });

  it('compares ends (I8) and sees a process grow (I9)', () => {
    expect(sameEnds([{ name: 'a', one: { phase: 1 }, other: { phase: 2 } }]).violations).toHaveLength(1);
    const [flat, growing] = [new MemoryLog(), new MemoryLog()];
    for (let n = 0; n < 40; n++) {
      flat.add('server', 100 + (n % 3));
      growing.add('server', 100 + n);
    }
    expect(memoryIsFlat(flat).violations).toEqual([]);
    expect(memoryIsFlat(growing).violations).toHaveLength(1);
  });

  it('sees a process that takes more than it may (I9)', async () => {
    const taking = (mb: number): MemoryLog => {
      const log = new MemoryLog();
      log.add('worker-1', mb * 1e6);
      return log;
    };

    expect(violated(await judged({ memory: taking(301) }))).toEqual(['I9']);
    expect(violated(await judged({ memory: taking(299) }))).toEqual([]);
  });

  it('finds nothing in what replays and is told alike, and says of how many', async () => {
    const findings = await judged({
      divergence: { logged: [], replayed: { n: 40, failed: [] } },
      remade: [same, { ...same, present_digest: null }],
    });

    expect(violated(findings)).toEqual([]);
    expect(findings.find(({ id }) => id === 'I7')?.note).toBe('no task failure; 40 runs replayed');
    expect(findings.find(({ id }) => id === 'I8')?.n).toBe(1);
  });

  it('knows what a nought of n trials is worth', () => {
    expect([0, 1, 300, 30_000].map(upperBound)).toEqual([1, 1, 0.01, 0.0001]);
  });
});
