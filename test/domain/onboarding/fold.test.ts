import { describe, expect, it } from 'vitest';
import { fold, orderFacts } from '../../../src/domain/onboarding/fold.js';
import { DAY, HOUR, MINUTE, MONDAY, task, told } from './some-facts.js';

const T = MONDAY;
const stays = (facts: Parameters<typeof fold>[1]) =>
  fold(null, facts).phases.map((it) => [it.phase, it.from, it.atLeast]);

describe('an empty history', () => {
  it('knows nothing', () => {
    expect(fold(null, [])).toMatchObject({
      upTo: 0,
      firstSeenAt: 0,
      createdAt: null,
      phases: [],
      states: [],
      launchedAt: null,
    });
  });
});

describe('the order of facts', () => {
  it('is by instant, then so that each previous value meets the value before it', () => {
    const created = told('created', T, { phase: 'kickoff' });
    const second = told('moved', T + DAY, { phase: 'uat' }, { id: 'evt_a', previous: { phase: 'integration' } });
    const first = told('moved', T + DAY, { phase: 'integration' }, { id: 'evt_b', previous: { phase: 'kickoff' } });
    expect(orderFacts([second, first, created]).map((it) => it.id)).toEqual([created.id, 'evt_b', 'evt_a']);
    expect(stays([second, first, created])).toEqual([
      ['kickoff', T, false],
      ['integration', T + DAY, false],
      ['uat', T + DAY, false],
    ]);
  });

  describe('of a sender whose clock runs a minute ahead of ours', () => {
    const created = told('created', T, { phase: 'kickoff' });
    // Said first, and heard on a retry, when its instant had passed by our clock as well.
    const first = told('moved', T + HOUR, { phase: 'integration' }, { heardAt: T + HOUR + 4 * MINUTE });
    const receipt = T + HOUR - 30_000;
    const second = told('moved', receipt, { phase: 'uat' }, { heardAt: receipt, saidAt: T + HOUR + 30_000 });

    it('is the one in which it spoke, and no stay begins before the one before it', () => {
      expect(stays([second, first, created])).toEqual([
        ['kickoff', T, false],
        ['integration', T + HOUR, false],
        ['uat', T + HOUR, false],
      ]);
    });

    it('is by receipt where an instant lies further ahead than a signature may', () => {
      const lost = told('moved', T + HOUR, { phase: 'uat' }, { saidAt: T + HOUR + 5 * MINUTE + 1 });
      const next = told('moved', T + HOUR + 1, { phase: 'launch' });
      expect(stays([created, lost, next]).at(-1)?.[0]).toBe('launch');
      const trusted = told('moved', T + HOUR, { phase: 'uat' }, { saidAt: T + HOUR + 5 * MINUTE });
      expect(stays([created, trusted, next]).at(-1)?.[0]).toBe('uat');
    });
  });

  it('finds the beginning of a chain when nothing was known before', () => {
    const facts = [
      told('moved', T, { phase: 'c' }, { id: '1', previous: { phase: 'b' } }),
      told('moved', T, { phase: 'd' }, { id: '2', previous: { phase: 'c' } }),
      told('moved', T, { phase: 'b' }, { id: '3', previous: { phase: 'a' } }),
    ];
    expect(orderFacts(facts).map((it) => it.id)).toEqual(['3', '1', '2']);
  });

  it('reads a pause that ends in the same instant as ended', () => {
    const facts = [
      told('created', T, { state: 'active' }),
      told('state', T + DAY, { state: 'active' }, { id: '1', previous: { state: 'paused' } }),
      told('state', T + DAY, { state: 'paused' }, { id: '2', previous: { state: 'active' } }),
    ];
    expect(fold(null, facts).states.map((it) => it.state)).toEqual(['active', 'paused', 'active']);
  });

  it('puts created before moves, states, the launch and the completion, then goes by id', () => {
    const kinds = ['completed', 'launched', 'state', 'moved', 'created'] as const;
    const facts = [...kinds.map((kind) => told(kind, T)), told('moved', T, {}, { id: 'evt_a' })];
    expect(orderFacts(facts).map((it) => it.kind)).toEqual([
      'created',
      'moved',
      'moved',
      'state',
      'launched',
      'completed',
    ]);
    expect(orderFacts(facts)[1]?.id).toBe('evt_a');
  });

  it('takes of one id with two contents the one heard first', () => {
    const heard = told('created', T, { name: 'first' }, { id: 'x' });
    const edited = told('created', T, { name: 'edited' }, { id: 'x', heardAt: T + DAY });
    for (const facts of [
      [heard, edited],
      [edited, heard],
    ])
      expect(fold(null, facts).name).toBe('first');
  });
});

describe('a stay in a phase', () => {
  it('begins with the creation, with a move, or at the first sight of it', () => {
    expect(stays([told('created', T, { phase: 'kickoff' })])).toEqual([['kickoff', T, false]]);
    expect(stays([told('moved', T, { phase: 'uat' }, { previous: { phase: 'kickoff' } })])).toEqual([
      ['uat', T, false],
    ]);
    expect(stays([told('at_risk', T, { phase: 'uat' })])).toEqual([['uat', T, true]]);
    expect(stays([told('created', T, { phase: 'kickoff' }), told('at_risk', T + DAY, { phase: 'uat' })])).toEqual([
      ['kickoff', T, false],
      ['uat', T + DAY, true],
    ]);
  });

  it('is not begun again by a repeat of its move, under whatever name', () => {
    const moved = told('moved', T, { phase: 'uat' }, { previous: { phase: 'kickoff' } });
    const other = told('moved', T + 200, { phase: 'uat' }, { id: 'other', previous: { phase: 'kickoff' } });
    const nameless = told('moved', T + DAY, { phase: 'uat' }, { id: 'nameless' });
    const itself = told('moved', T + DAY, { phase: 'uat' }, { id: 'itself', previous: { phase: 'uat' } });
    const history = fold(null, [moved, other, nameless, itself]);
    expect(history.phases).toEqual([{ phase: 'uat', from: T, atLeast: false }]);
    expect(history.activityAt).toBe(T);
  });

  it('is begun again by a move that names another phase before it: it was left unseen', () => {
    const back = told('moved', T + DAY, { phase: 'uat' }, { id: 'back', previous: { phase: 'kickoff' } });
    expect(stays([told('moved', T, { phase: 'uat' }), back])).toEqual([
      ['uat', T, false],
      ['uat', T + DAY, false],
    ]);
  });

  it('is confirmed by a move within a minute after its first sight, which stays its beginning', () => {
    const launched = told('launched', T, { phase: 'launch' });
    const moved = told('moved', T + 300, { phase: 'launch' }, { previous: { phase: 'uat' } });
    expect(stays([launched])).toEqual([['launch', T, true]]);
    expect(stays([launched, moved])).toEqual([['launch', T, false]]);
  });

  it('does not flap when an older snapshot is told just after the move', () => {
    const facts = [
      told('created', T, { phase: 'kickoff' }),
      told('moved', T + DAY, { phase: 'uat' }, { previous: { phase: 'kickoff' } }),
      told('state', T + DAY, { phase: 'kickoff', state: 'paused' }),
      told('at_risk', T + DAY + MINUTE, { phase: 'kickoff' }),
    ];
    expect(stays(facts).map(([phase]) => phase)).toEqual(['kickoff', 'uat']);
    const later = told('at_risk', T + DAY + MINUTE + 1, { phase: 'kickoff' });
    expect(stays([...facts, later]).at(-1)).toEqual(['kickoff', later.at, true]);
  });

  it('is found by an event that comes in later but happened earlier', () => {
    const seen = told('at_risk', T + DAY, { phase: 'uat' });
    expect(stays([seen, told('moved', T, { phase: 'uat' })])).toEqual([['uat', T, false]]);
  });
});

describe('a state', () => {
  const states = (facts: Parameters<typeof fold>[1]) =>
    fold(null, facts).states.map(
      (it) => `${it.state}${it.waiting ? ' waiting' : ''}${it.moved ? ' moved' : ''} ${it.from - T}`,
    );

  it('is kept in the sender’s word, with whether an event showed its beginning', () => {
    expect(
      states([
        told('created', T, { state: 'active' }),
        told('task', T + 1),
        told('at_risk', T + HOUR, { state: 'on ice' }),
      ]),
    ).toEqual(['active moved 0', `on ice ${HOUR}`]);
    expect(states([told('state', T, { state: 'paused' })])).toEqual(['paused moved 0']);
  });

  it('goes on through records that repeat it, and through those that say nothing', () => {
    const facts = [
      told('state', T, { state: 'paused' }),
      told('record', T + DAY, { state: 'paused' }),
      told('record', T + 2 * DAY, { name: 'x' }),
      told('record', T + 3 * DAY, { state: null }),
    ];
    expect(states(facts)).toEqual(['paused moved 0']);
  });

  it('waits by the flag beside it, until the flag or the word that came of it goes', () => {
    const flag = told('record', T, { state: 'active', waitingOnCustomer: true });
    expect(states([flag, told('record', T + DAY, { waitingOnCustomer: false })])).toEqual([
      'active waiting 0',
      `active ${DAY}`,
    ]);
    const word = told('state', T, { state: 'waiting', waitingOnCustomer: true });
    expect(states([word, told('state', T + DAY, { state: 'active' })])).toEqual([
      'waiting waiting moved 0',
      `active moved ${DAY}`,
    ]);
    expect(states([flag, told('state', T + DAY, { state: 'paused' })])).toEqual([
      'active waiting 0',
      `paused waiting moved ${DAY}`,
    ]);
    expect(states([told('record', T, { waitingOnCustomer: true })])).toEqual(['waiting waiting 0']);
  });

  it('is begun again where an event says it was another one before', () => {
    const again = told('state', T + DAY, { state: 'paused' }, { previous: { state: 'active' } });
    expect(states([told('state', T, { state: 'paused' }), again])).toEqual(['paused moved 0', `paused moved ${DAY}`]);
  });
});

describe('the risk flag', () => {
  const risks = (facts: Parameters<typeof fold>[1]) => fold(null, facts).risks;

  it('is one span from its first event to its clearing, with every event in between', () => {
    const facts = [
      told('at_risk', T),
      told('at_risk', T + DAY),
      told('back_on_track', T + 2 * DAY),
      told('at_risk', T + 3 * DAY),
    ];
    expect(risks(facts)).toEqual([
      { from: T, to: T + 2 * DAY, events: [T, T + DAY] },
      { from: T + 3 * DAY, to: null, events: [T + 3 * DAY] },
    ]);
  });

  it('is set by the state at_risk too, cleared by leaving it, and is one event when told both ways', () => {
    const set = told('state', T, { state: 'at_risk' }, { previous: { state: 'active' } });
    expect(risks([set, told('at_risk', T + 500)])).toEqual([{ from: T, to: null, events: [T] }]);
    expect(risks([set, told('state', T + DAY, { state: 'active' })])).toEqual([{ from: T, to: T + DAY, events: [T] }]);
  });

  it('set by an event is not cleared by any other change of state', () => {
    const facts = [told('at_risk', T, { state: 'active' }), told('state', T + DAY, { state: 'paused' })];
    expect(risks(facts)[0]?.to).toBeNull();
  });

  it('is no activity, however it is told', () => {
    const facts = [
      told('created', T, { state: 'active' }),
      told('state', T + DAY, { state: 'at_risk' }),
      told('at_risk', T + 2 * DAY),
      told('state', T + 3 * DAY, { state: 'active' }),
    ];
    expect(fold(null, facts).activityAt).toBe(T);
  });
});

describe('the end', () => {
  it('launches at the first launch, or earlier where a record names an earlier instant', () => {
    const launched = told('launched', T + DAY);
    expect(fold(null, [launched, told('launched', T + 2 * DAY)]).launchedAt).toBe(T + DAY);
    expect(fold(null, [launched, told('record', T + 2 * DAY, { launchedAt: T })]).launchedAt).toBe(T);
    expect(fold(null, [told('record', T, { launchedAt: T + DAY })]).launchedAt).toBeNull();
    expect(fold(null, [launched, told('record', T + 3 * DAY, { launchedAt: null })]).launchedAt).toBe(T + DAY);
  });

  it('completes by event, by state or by a date in the record, and by no phase', () => {
    expect(fold(null, [told('completed', T)]).completedAt).toBe(T);
    expect(fold(null, [told('state', T, { state: 'completed' })]).completedAt).toBe(T);
    expect(fold(null, [told('record', T, { state: 'done' })]).completedAt).toBe(T);
    expect(fold(null, [told('record', T, { completedAt: T - DAY })]).completedAt).toBe(T - DAY);
    expect(fold(null, [told('moved', T, { phase: 'completed' })]).completedAt).toBeNull();
  });

  it('is told as one act by completed, moved and state in any order', () => {
    const act = [
      told('completed', T + 300, { state: 'active' }),
      told('moved', T + 100, { phase: 'completed' }),
      told('state', T, { state: 'completed' }),
    ];
    expect(fold(null, [...act, told('completed', T + DAY, {}, { id: 'repeat' })]).completedAt).toBe(T);
  });

  it('comes again only after something that may have undone it', () => {
    const first = [
      told('created', T - DAY, { phase: 'kickoff', state: 'active' }),
      told('launched', T),
      told('completed', T, { state: 'completed' }),
    ];
    const again = [told('launched', T + 5 * DAY, {}, { id: 'l2' }), told('completed', T + 6 * DAY, {}, { id: 'c2' })];
    expect(fold(null, [...first, ...again])).toMatchObject({ launchedAt: T, completedAt: T });
    const back = told('state', T + 2 * DAY, { state: 'active' }, { previous: { state: 'completed' } });
    expect(fold(null, [...first, back])).toMatchObject({ completedAt: T });
    expect(fold(null, [...first, back, ...again])).toMatchObject({ launchedAt: T + 5 * DAY, completedAt: T + 6 * DAY });
  });
});

describe('the ledger of targets', () => {
  const ledger = (facts: Parameters<typeof fold>[1]) =>
    fold(null, facts).targets.map((it) => `${it.date} ${(it.at - T) / DAY}`);

  it('keeps the first promise and every later one with its instant', () => {
    const facts = [
      told('created', T, { target: '2026-12-01' }),
      told('record', T + DAY, { target: '2026-12-01' }),
      told('at_risk', T + 2 * DAY, { target: '2026-12-08' }),
      told('record', T + 3 * DAY, { target: null }),
      told('record', T + 4 * DAY),
    ];
    expect(ledger(facts)).toEqual(['2026-12-01 0', '2026-12-08 2', 'null 3']);
  });

  it('finds the first promise in an event that names the date before', () => {
    const shifted = told('record', T, { target: '2026-12-08' }, { previous: { target: '2026-12-01' } });
    expect(ledger([shifted])).toEqual(['2026-12-01 0', '2026-12-08 0']);
  });

  it('counts no shift for an older snapshot told just after one', () => {
    const facts = [
      told('created', T, { target: '2026-12-01' }),
      told('record', T + DAY, { target: '2026-12-08' }, { previous: { target: '2026-12-01' } }),
      told('launched', T + DAY, { target: '2026-12-01' }),
      told('at_risk', T + DAY + 500, { target: '2026-12-01' }),
    ];
    expect(ledger(facts)).toEqual(['2026-12-01 0', '2026-12-08 1']);
  });
});

describe('roles', () => {
  it('are what the latest record said, with the instant the owner changed', () => {
    const facts = [
      told('created', T, { owner: 'mia@v.example', se: 'usr_1' }),
      told('record', T + DAY, { owner: 'tom@v.example', productOps: 'usr_2' }),
      told('record', T + 2 * DAY, { owner: 'tom@v.example' }),
    ];
    expect(fold(null, facts)).toMatchObject({
      roles: { owner: 'tom@v.example', csm: null, se: 'usr_1', designer: null, product_ops: 'usr_2' },
      ownerSince: T + DAY,
    });
    expect(fold(null, [...facts, told('record', T + 3 * DAY, { owner: null })])).toMatchObject({
      roles: { owner: null },
      ownerSince: T + 3 * DAY,
    });
  });
});

describe('activity', () => {
  const last = (facts: Parameters<typeof fold>[1]) => {
    const { activityAt, activity } = fold(null, facts);
    return [activityAt === null ? null : (activityAt - T) / DAY, activity];
  };
  const created = told('created', T, {
    phase: 'kickoff',
    state: 'active',
    owner: 'mia@v.example',
    target: '2026-12-01',
  });

  it('is a phase, state, target or owner change, or a task', () => {
    expect(last([created])).toEqual([0, 'created']);
    expect(last([created, told('moved', T + DAY, { phase: 'uat' })])).toEqual([1, 'moved to uat']);
    expect(last([created, told('state', T + DAY, { state: 'paused' })])).toEqual([1, 'became paused']);
    expect(last([created, told('record', T + DAY, { target: '2026-12-08' })])).toEqual([
      1,
      'target moved to 2026-12-08',
    ]);
    expect(last([created, told('record', T + DAY, { owner: 'tom@v.example' })])).toEqual([1, 'owner changed']);
    expect(last([created, task('sso', T + DAY)])).toEqual([1, 'task done: task sso']);
  });

  it('is no record that repeats what is known, no risk flag and no task that was not done', () => {
    const quiet = [
      told('record', T + DAY, created.record),
      told('at_risk', T + 2 * DAY, created.record),
      told('back_on_track', T + 3 * DAY),
      told('record', T + 4 * DAY, { name: 'renamed', customerId: 'cus_1' }),
    ];
    expect(last([created, ...quiet])).toEqual([0, 'created']);
  });

  it('is not the first sight of an onboarding', () => {
    expect(last([told('record', T, created.record)])).toEqual([null, null]);
  });

  it('counts tasks by event', () => {
    expect(fold(null, [task('a', T), task('b', T), task('a', T)]).tasksDone).toBe(2);
  });
});
