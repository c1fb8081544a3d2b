import { Agent } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fastClock, MONDAY_9 } from '../support/onboarding-fixture.js';
import { TestPostgres } from '../support/postgres.js';
import { Assembly, type AssemblyOptions } from './parts/assembly.js';
import { said } from './parts/figures.js';
import { booksBalance, noneDiverged, noneDoubled, noneLost } from './parts/invariants.js';
import { noneStuck } from './parts/stuck.js';
import { Ledger } from './parts/ledger.js';
import type { Message } from './parts/message.js';
import { post, signedDelivery } from './parts/posts.js';
import { runLengths } from './parts/run-lengths.js';
import { startTraffic } from './parts/sender.js';
import { sized, told } from './parts/size.js';

/** B7 of the fault list. */
const SEED = Number(process.env['FAULTS_SEED'] ?? 20_261_123);
/** At this length Temporal begins to warn; at five times as much it ends a run. */
const LONGEST_HISTORY = 10_240;
/** A run goes on to the next at about 1,000 events, once nothing is under way. */
const LONGEST_AS_SHIPPED = 1_200;

describe('a flood of events for one onboarding', () => {
  let postgres: TestPostgres;
  let it_: Assembly | undefined;
  let agent: Agent;
  beforeAll(async () => {
    postgres = await TestPostgres.start();
    agent = new Agent({ connections: 2 });
  });
  afterEach(async () => {
    await it_?.close();
    it_ = undefined;
  });
  afterAll(async () => {
    await agent.destroy();
    await postgres.stop();
  });

  const open = async (options: Pick<AssemblyOptions, 'edges' | 'maxHistory'>): Promise<Assembly> => {
    it_ = await Assembly.open({ ...options, clock: fastClock(1 / 86_400), databaseUrl: await postgres.database() });
    return it_;
  };

  /** Task by task of one onboarding. */
  const eventsOf = (onboarding: string, count: number): readonly Message[] =>
    Array.from({ length: count }, (_, n) => {
      const id = `evt_${onboarding}_${n}`;
      const type = 'task.completed';
      const object = { id: `tsk_${n}`, onboarding_id: onboarding, title: `Task ${n}` };
      const created_at = new Date(MONDAY_9 - count + n).toISOString();
      const body = JSON.stringify({ id, type, created_at, org_id: 'org_1', livemode: true, data: { object } });
      return { id: `msg_${id}`, eventId: id, type, subject: { kind: 'onboarding', id: onboarding }, body };
    });

  const traffic = (here: Assembly, messages: readonly Message[], ratePerSecond: number, ledger: Ledger) =>
    startTraffic({
      edges: here.webhooks(),
      secret: () => here.secret,
      messages: messages.values(),
      ledger,
      seed: SEED,
      ratePerSecond,
      duplicates: 0,
    }).done;

  /** Nothing lost, nothing twice, no run too long, and it still waits for what comes next. */
  async function expectAllApplied(here: Assembly, ledger: Ledger, count: number): Promise<readonly number[]> {
    await here.settled(120_000);
    const observed = await here.observed(1, 120_000);
    const findings = [booksBalance(ledger), noneLost(ledger, observed), noneDoubled(observed), noneDiverged(observed)];
    expect(findings.flatMap(({ violations }) => violations)).toEqual([]);
    expect([...observed.applied.values()].map((one) => one.count)).toEqual([count]);
    expect(noneStuck({ ...observed, onboardings: new Map() }, { levels: 1, repeats: 0 }).n).toBe(1);
    const lengths = await runLengths(here.client, observed.workflows[0]?.workflowId ?? '');
    expect(Math.max(...lengths)).toBeLessThan(LONGEST_HISTORY);
    const runs = `${lengths.length} runs of at most ${Math.max(...lengths)} events`;
    told(`B7 n = ${count} events, ${runs} of history; ${said(ledger.figures().ackedWait)}`);
    return lengths;
  }

  it('at once is all applied over several runs, and known as repeats: after 1, 499, 501 and all others (B7, B9)', {
    timeout: 180_000,
  }, async () => {
    const here = await open({ edges: 2, maxHistory: 100 });
    const count = sized(2_500, 10_000);
    const messages = eventsOf('onb_b7', count);
    const ledger = new Ledger();
    const isRepeat = async (n: number): Promise<boolean> => {
      const { id, body } = messages[n] as Message;
      return (
        (await post(here.webhooks()[n % 2] ?? '', signedDelivery(here.secret, id, body), agent)).json.duplicate === true
      );
    };
    await traffic(here, messages.slice(0, 500), 20_000, ledger);
    for (const n of [498, 0]) expect(await isRepeat(n)).toBe(true);
    await traffic(here, messages.slice(500), 20_000, ledger);
    for (const n of [count - 502, 0, 1]) expect(await isRepeat(n)).toBe(true);

    expect((await expectAllApplied(here, ledger, count)).length).toBeGreaterThan(1);
  });

  it('of 200 a second is all applied by runs of the length that ships (B7)', { timeout: 360_000 }, async () => {
    const here = await open({ edges: 2 });
    const ratePerSecond = 200;
    const messages = eventsOf('onb_b7_steady', ratePerSecond * sized(12, 60));
    const ledger = new Ledger();
    await traffic(here, messages, ratePerSecond, ledger);

    expect(Math.max(...(await expectAllApplied(here, ledger, messages.length)))).toBeLessThan(LONGEST_AS_SHIPPED);
  });
});
