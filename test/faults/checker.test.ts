import { describe, expect, it } from 'vitest';
import { messageId } from '../../src/channels/message-id.js';
import type { Escalation, Onboarding } from '../../src/contracts/api.js';
import { upperBound } from './parts/figures.js';
import { holds, tableOf } from './parts/finding.js';
import type { WorkflowSeen } from './parts/histories.js';
import { memoryIsFlat, sameEnds } from './parts/invariants.js';
import { Ledger } from './parts/ledger.js';
import { MemoryLog } from './parts/memory.js';
import { message } from './parts/planted.js';
import {
  again,
  arrived,
  at,
  escalation,
  judged,
  listed,
  type Plant,
  row,
  taken,
  violated,
  workflow,
} from './parts/planted-run.js';
import type { Remade } from './parts/remade.js';

/** A checker that finds nothing is worth nothing until it is seen to find: each part of the harness, with a fault planted. */
describe('the checker', () => {
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
