import { afterEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/contracts/gateway.js';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.js';
import type { Fact } from '../../src/domain/event/fact.js';
import { fact, fastClock, MONDAY_9 } from '../support/onboarding-fixture.js';
import { runLengths } from '../faults/parts/run-lengths.js';
import { eventually } from '../support/temporal.js';
import { type Stand, stand } from './stand.js';

const SIGNALS = 800;
/** As shipped: the length at which a run continues as new where nothing else is said. */
const MAX_HISTORY = 1_000;
const REPEATS = 100;
const AT_ONCE = 8;
/** Signals sent ahead of the workflow: enough to meet every change of run, few enough for the server's buffer of 100. */
const AHEAD = 30;

describe('a run that continues as new', () => {
  let it_: Stand;
  afterEach(() => it_.close());

  it('loses and doubles none of 800 signals, and keeps list columns and title', { timeout: 240_000 }, async () => {
    it_ = await stand(fastClock(1 / 86_400), { maxHistory: 25 });
    const { gateway, key, server } = it_;
    const created = fact('created', MONDAY_9, { name: 'Acme rollout', phase: 'kickoff' });
    await gateway.signalEvents(key, [created], 'Acme rollout');
    const events = Array.from({ length: SIGNALS - 1 }, (_, n) => fact('task', MONDAY_9 + n));

    for (let sent = 0; sent < events.length; sent += AHEAD) {
      await inParallel(events.slice(sent, sent + AHEAD), AT_ONCE, (one) => signalUntilTaken(it_, one));
      await applied(it_, sent);
    }
    await inParallel(events.slice(-REPEATS), AT_ONCE, (one) => signalUntilTaken(it_, one));

    const counts = await eventually(async () => {
      const state = await it_.state();
      return state.counts.applied + state.counts.duplicates >= SIGNALS + REPEATS ? state.counts : undefined;
    }, 60_000);
    expect(counts.applied).toBe(SIGNALS);
    expect(counts.duplicates).toBeGreaterThanOrEqual(REPEATS);

    const now = await server.client.workflow.getHandle(it_.workflowId).describe();
    expect(now.memo?.['title']).toBe('Acme rollout');
    expect(now.typedSearchAttributes.get(SEARCH_ATTRIBUTES.phase)).toBe('kickoff');
    expect(now.typedSearchAttributes.get(SEARCH_ATTRIBUTES.health)).toBe('on_track');
    expect(now.typedSearchAttributes.get(SEARCH_ATTRIBUTES.workspace)).toBe('main');
    const { count } = await server.client.workflow.count(`WorkflowId = '${it_.workflowId}'`);
    expect(count).toBeGreaterThan(20);
  });

  it('does so at about 1,000 events of history, and loses none of the signals meanwhile', {
    timeout: 240_000,
  }, async () => {
    it_ = await stand(fastClock(1 / 86_400));
    const events = Array.from({ length: MAX_HISTORY + REPEATS }, (_, n) => fact('task', MONDAY_9 + n));

    for (let sent = 0; sent < events.length; sent += AHEAD) {
      await inParallel(events.slice(sent, sent + AHEAD), AT_ONCE, (one) => signalUntilTaken(it_, one));
      await applied(it_, sent);
    }
    await applied(it_, events.length);

    expect((await it_.state()).counts.applied).toBe(events.length);
    const [last, ...ended] = await runLengths(it_.server.client, it_.workflowId);
    expect(ended.length).toBeGreaterThan(0);
    for (const length of ended) expect(length).toBeGreaterThan(MAX_HISTORY);
    for (const length of [last, ...ended]) expect(length).toBeLessThan(MAX_HISTORY + 200);
  });
});

/** As the dispatcher does: what was not taken in time is sent again, and the workflow tells a repeat by its id. */
async function signalUntilTaken(it_: Stand, one: Fact): Promise<void> {
  for (;;) {
    try {
      expect(await it_.gateway.signalEvents(it_.key, [one])).toBe('signalled');
      return;
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
    }
  }
}

async function applied(it_: Stand, atLeast: number): Promise<void> {
  const look = async () => ((await it_.state()).counts.applied >= atLeast ? true : undefined);
  await eventually(() => look().catch(() => undefined), 30_000);
}

async function inParallel<T>(items: readonly T[], width: number, act: (item: T) => Promise<unknown>): Promise<void> {
  const queue = [...items];
  const drain = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: width }, drain));
}
