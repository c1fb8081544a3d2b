import { Agent } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { workflowId } from '../../src/contracts/ids.js';
import { type Clock, toVirtual } from '../../src/domain/time/clock.js';
import { DAY_MS } from '../../src/domain/time/duration.js';
import { Dice } from '../../src/simulator/dice.js';
import { fact, fastClock, MONDAY_9 } from '../support/onboarding-fixture.js';
import { TestPostgres } from '../support/postgres.js';
import { GatewayError } from '../../src/contracts/gateway.js';
import { eventually } from '../support/temporal.js';
import { Assembly, type AssemblyOptions } from './parts/assembly.js';
import { said } from './parts/figures.js';
import { booksBalance, noneDiverged, noneDoubled, noneLost } from './parts/invariants.js';
import { Ledger } from './parts/ledger.js';
import type { Message } from './parts/message.js';
import { inLanes, post, signedDelivery } from './parts/posts.js';
import { eventScript } from './parts/script.js';
import { sized, told } from './parts/size.js';

/** Looks again where a busy machine did not answer in time. */
function look<T>(at: () => Promise<T | undefined>): Promise<T> {
  const patiently = (error: unknown): undefined => {
    if (!(error instanceof GatewayError)) throw error;
  };
  return eventually(() => at().catch(patiently), 60_000);
}

/** B2 to B6, B8 and B10 of the fault list: the same events late, twice, or for somebody who is gone. */
const SEED = Number(process.env['FAULTS_SEED'] ?? 20_261_123);

describe('deliveries', () => {
  let postgres: TestPostgres;
  let it_: Assembly | undefined;
  let agent: Agent;
  beforeAll(async () => {
    postgres = await TestPostgres.start();
    agent = new Agent({ connections: 32 });
  });
  afterEach(async () => {
    await it_?.close();
    it_ = undefined;
  });
  afterAll(async () => {
    await agent.destroy();
    await postgres.stop();
  });

  /** As fast as real time goes. */
  const clock = (): Clock => fastClock(1 / 86_400);
  const open = async (options: Omit<AssemblyOptions, 'databaseUrl'>): Promise<Assembly> => {
    it_ = await Assembly.open({ ...options, databaseUrl: await postgres.database() });
    return it_;
  };

  const send = async (here: Assembly, message: Pick<Message, 'id' | 'body'>, edge = 0, source = 'pivotal') => {
    const url = here.webhooks(source)[edge] ?? '';
    return post(url, signedDelivery(here.secret, message.id, message.body), agent);
  };

  /** An event of the envelope dialect, without a message id of its own. */
  const event = (id: string, type: string, object: object, at: number, previous?: object): Message => ({
    id: `msg_${id}`,
    eventId: id,
    type,
    subject: null,
    body: JSON.stringify({
      id,
      type,
      created_at: new Date(at).toISOString(),
      org_id: 'org_1',
      livemode: true,
      data: { object, ...(previous ? { previous_attributes: previous } : {}) },
    }),
  });
  const onboardingKey = (id: string, workspace = 'main') => ({ workspace, mode: 'live', id }) as const;

  it('one to five times each, at the same instant through two edges too, are applied once (B2)', async () => {
    const time = clock();
    const here = await open({ clock: time, edges: 2 });
    const dice = new Dice(SEED, 'B2');
    const script = eventScript({
      seed: SEED,
      onboardings: 6,
      livemode: true,
      now: () => toVirtual(time, Date.now()),
      disorder: 10,
    });
    const ledger = new Ledger();
    const messages = Array.from({ length: sized(120, 600) }, () => script.next().value);
    let posts = 0;
    await inLanes(messages, 8, async (message) => {
      const times = dice.between(1, 5);
      posts += times;
      const once = async (edge: number): Promise<void> => {
        const ticket = ledger.post(message, performance.now());
        const { status, json } = await send(here, message, edge);
        expect(status).toBe(200);
        ledger.settle(ticket, { kind: 'acked', duplicate: json.duplicate === true, quarantined: false });
      };
      await Promise.all([once(0), ...(times > 1 ? [once(1)] : [])]);
      for (let n = 2; n < times; n++) await once(n % 2);
    });
    await here.settled();

    const subjects = new Set(
      messages.flatMap(({ subject }) => (subject ? [`${subject.kind}/main/${subject.id}`] : [])),
    );
    const observed = await here.observed(subjects.size);
    told(
      `B2 n = ${messages.length} events in ${posts} posts, ${subjects.size} workflows; ${said(ledger.figures().ackedWait)}`,
    );
    const findings = [booksBalance(ledger), noneLost(ledger, observed), noneDoubled(observed), noneDiverged(observed)];
    expect(findings.flatMap(({ violations }) => violations)).toEqual([]);
    expect(observed.workflows.map(({ workflowId: id }) => id).sort()).toEqual([...subjects].sort());
    expect(observed.workflows.map(({ runIds }) => runIds.length).every((runs) => runs === 1)).toBe(true);
    const repeats = [...ledger.accounts].reduce((sum, one) => sum + one.duplicates, 0);
    expect(repeats).toBe(posts - messages.length);
  });

  it('that begin in the middle start the onboarding, which takes what comes later where it belongs (B3)', async () => {
    const here = await open({ clock: clock() });
    await send(
      here,
      event(
        'evt_task',
        'task.completed',
        { id: 'tsk_1', onboarding_id: 'onb_b3', title: 'First' },
        MONDAY_9 - 3 * DAY_MS,
      ),
    );
    const started = await look(() => here.gateway.view(onboardingKey('onb_b3')));
    expect([started.phase, started.created_at]).toEqual([null, null]);
    await send(
      here,
      event('evt_moved', 'onboarding.phase_changed', { id: 'onb_b3', phase: 'integration' }, MONDAY_9 - DAY_MS, {
        phase: 'kickoff',
      }),
    );
    await send(
      here,
      event(
        'evt_created',
        'onboarding.created',
        { id: 'onb_b3', phase: 'kickoff', name: 'Acme' },
        MONDAY_9 - 5 * DAY_MS,
      ),
    );
    const view = await look(async () => {
      const found = await here.gateway.view(onboardingKey('onb_b3'));
      return found?.events.applied === 3 ? found : undefined;
    });
    expect([view.phase, view.name, view.created_at]).toEqual([
      'integration',
      'Acme',
      new Date(MONDAY_9 - 5 * DAY_MS).toISOString(),
    ]);
  });

  it('for who is gone are taken, start nothing, and are called late: completed, closed by a person, terminated, cancelled (B4)', async () => {
    // A day takes a tenth of a second: the two days of grace are over at once.
    const time = fastClock(10);
    const here = await open({ clock: time });
    const now = () => toVirtual(time, Date.now());
    const ids = ['onb_done', 'onb_dropped', 'onb_killed', 'onb_cancelled'];
    for (const id of ids)
      await send(here, event(`evt_${id}`, 'onboarding.created', { id, phase: 'launch', state: 'active' }, MONDAY_9));
    for (const id of ids) await look(() => here.gateway.view(onboardingKey(id)));
    await send(here, event('evt_completed', 'onboarding.completed', { id: 'onb_done', state: 'completed' }, now()));
    await here.gateway.hold(onboardingKey('onb_dropped'), {
      verb: 'close',
      by: { id: 'tom', name: 'Tom' },
      reason: 'Deal lost',
    });
    const handle = (id: string) => here.client.workflow.getHandle(workflowId('onboarding', onboardingKey(id)));
    await handle('onb_killed').terminate('by an operator');
    await handle('onb_done').result();
    await handle('onb_dropped').result();
    await handle('onb_cancelled').cancel();
    await look(async () => ((await handle('onb_cancelled').describe()).status.name === 'CANCELLED' ? true : undefined));

    const late = ids.map((id) =>
      event(`evt_late_${id}`, 'task.completed', { id: `tsk_${id}`, onboarding_id: id, title: 'Late' }, now()),
    );
    for (const message of late) expect((await send(here, message)).status).toBe(200);
    await here.settled();

    const rows = await Promise.all(late.map(({ eventId }) => here.store.events.event(eventId)));
    expect(rows.map((row) => row?.status)).toEqual(ids.map(() => 'late'));
    const { count } = await here.client.workflow.count(
      ids.map((id) => `WorkflowId = '${handle(id).workflowId}'`).join(' or '),
    );
    expect(count).toBe(ids.length);
  });

  it('that no workflow can read hold up nothing: what follows is applied, and no task fails (B5)', async () => {
    const here = await open({ clock: clock() });
    await send(here, event('evt_created', 'onboarding.created', { id: 'onb_b5', phase: 'kickoff' }, MONDAY_9));
    await look(() => here.gateway.view(onboardingKey('onb_b5')));
    const handle = here.client.workflow.getHandle(workflowId('onboarding', onboardingKey('onb_b5')));
    const nowhere = { kind: 'moved', at: 'soon', record: null, previous: 7 };
    for (const poison of [
      [null],
      [{ id: 'evt_x' }],
      [nowhere],
      'no list',
      [[]],
      [{ ...fact('moved', MONDAY_9), record: { phase: {} } }],
    ])
      await handle.signal('events', poison);
    await send(
      here,
      event('evt_after', 'onboarding.phase_changed', { id: 'onb_b5', phase: 'launch' }, MONDAY_9 + 1, {
        phase: 'kickoff',
      }),
    );
    await look(async () => ((await here.gateway.view(onboardingKey('onb_b5')))?.phase === 'launch' ? true : undefined));
    const { events } = await handle.fetchHistory();
    expect(events?.filter((one) => one.workflowTaskFailedEventAttributes)).toEqual([]);
  });

  it('whose message a receiver refuses cost one call, show why, and fail no task (B6)', async () => {
    const here = await open({ clock: clock() });
    here.recorded.answer = () => ({
      outcome: 'failed',
      failure: 'PayloadRejected',
      message: 'The receiver answered 400.',
    });
    const risky = { id: 'onb_b6', phase: 'kickoff', owner_email: 'mia@vendor.example' };
    await send(here, event('evt_b6', 'onboarding.created', risky, MONDAY_9));
    await send(here, event('evt_b6_risk', 'onboarding.at_risk', risky, MONDAY_9 + 1));
    const refused = await look(async () => {
      const [one] = (await here.gateway.view(onboardingKey('onb_b6')))?.escalations ?? [];
      return one?.sends.find(({ tries }) => tries > 0);
    });
    expect(refused).toMatchObject({ recipient: 'mia', status: 'waiting', tries: 1 });
    expect(refused.error).toContain('The receiver answered 400.');
    await send(here, event('evt_b6_task', 'task.completed', { id: 'tsk_1', onboarding_id: 'onb_b6' }, MONDAY_9 + 2));
    const observed = await here.observed(1);
    expect(observed.applied.get('onboarding/main/onb_b6')?.count).toBe(3);
    expect(observed.workflows.flatMap(({ taskFailures }) => taskFailures)).toEqual([]);
    // What is tried again is the core's to say, half a minute later: the server tries nothing by itself.
    expect(here.recorded.orders).toHaveLength(1);
  });

  it('every 5 ms while one run continues as the next, over and over, are all applied, each once (B8)', {
    timeout: 240_000,
  }, async () => {
    const here = await open({ clock: clock(), maxHistory: 5 });
    const key = onboardingKey('onb_b8');
    const most = sized(25, 100);
    let sent = 0;
    const signal = async (id: string): Promise<void> => {
      // As the dispatcher does: what was not taken in time is sent again.
      for (let taken = false; !taken; ) {
        const signalled = here.gateway.signalEvents(key, [fact('task', MONDAY_9 + sent, {}, { id })]);
        taken = (await signalled.catch(() => 'unanswered')) === 'signalled';
      }
    };
    const applied = async () => (await look(() => here.gateway.state(key))).counts.applied;
    for (let runs = 0; runs < most; ) {
      const lot = Array.from({ length: 40 }, () => `evt_b8_${sent++}`);
      const under = lot.map(async (id, n) => {
        await new Promise((wake) => setTimeout(wake, 5 * n));
        await signal(id);
      });
      await Promise.all(under);
      // The server keeps 100 signals for a run that is about to end.
      await look(async () => ((await applied()) >= sent - 40 ? true : undefined));
      const { events } = await here.client.workflow.getHandle(workflowId('onboarding', key)).fetchHistory();
      expect(events?.length).toBeLessThan(10_240);
      runs = (await here.observed(1)).workflows[0]?.runIds.length ?? 0;
    }
    const observed = await here.observed(1);
    told(`B8 n = ${sent} signals over ${observed.workflows[0]?.runIds.length} runs`);
    const findings = [noneDoubled(observed), noneDiverged(observed)];
    expect(findings.flatMap(({ violations }) => violations)).toEqual([]);
    expect(observed.applied.get('onboarding/main/onb_b8')?.count).toBe(sent);
  });

  it('of two workspaces with the same ids never meet, odd ids neither (B10)', async () => {
    const here = await open({ clock: clock() });
    const ids = ['onb_1', '__proto__', 'a/b', 'constructor', 'ä ö', '..', '%2F'];
    for (const [n, id] of ids.entries())
      for (const source of ['pivotal', 'second']) {
        const record = { id, phase: 'kickoff', name: `${source} ${n}`, customer_id: 'cus_1' };
        await send(here, event(`evt_${n}`, 'onboarding.created', record, MONDAY_9), 0, source);
        await send(
          here,
          event(`evt_c${n}`, 'customer.at_risk', { id: 'cus_1', name: source }, MONDAY_9 + n),
          0,
          source,
        );
      }
    await here.settled();
    for (const [n, id] of ids.entries())
      for (const [source, workspace] of [
        ['pivotal', 'main'],
        ['second', 'second'],
      ] as const) {
        const view = await look(() => here.gateway.view(onboardingKey(id, workspace)));
        expect([view.id, view.name, view.events.applied]).toEqual([id, `${source} ${n}`, 1]);
      }
    const observed = await here.observed(2 * ids.length + 2);
    expect(observed.workflows).toHaveLength(2 * ids.length + 2);
    expect(noneDoubled(observed).violations).toEqual([]);
    expect(({} as { phase?: unknown }).phase).toBeUndefined();
  });

  it('of more onboardings than a worker has in memory are applied to the histories that it reads again (C13)', {
    timeout: 120_000,
  }, async () => {
    const here = await open({ clock: clock(), cached: 2 });
    const ids = Array.from({ length: 6 }, (_, n) => `onb_c13_${n}`);
    const rounds = 5;
    for (let round = 0; round < rounds; round++) {
      for (const [n, id] of ids.entries()) {
        const [type, object] =
          round === 0
            ? ['onboarding.created', { id, name: id, phase: 'kickoff' }]
            : ['task.completed', { id: `tsk_${n}_${round}`, onboarding_id: id, title: `Task ${round}` }];
        await send(here, event(`evt_c13_${n}_${round}`, type, object, MONDAY_9 + round));
      }
      await here.settled();
    }

    const observed = await here.observed(ids.length);
    expect(observed.workflows).toHaveLength(ids.length);
    expect(here.inMemory).toBeLessThanOrEqual(2);
    expect([...observed.applied.values()].map(({ count }) => count)).toEqual(ids.map(() => rounds));
    expect([noneDoubled(observed), noneDiverged(observed)].flatMap(({ violations }) => violations)).toEqual([]);
    for (const id of ids) expect((await look(() => here.gateway.view(onboardingKey(id)))).name).toBe(id);
  });
});
