import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { type ReplayResult, Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isQuarantined, parseEvent } from '../../src/domain/event/envelope.js';
import { routeEvent } from '../../src/domain/event/route.js';
import { fact, fastClock, MONDAY_9 } from '../support/onboarding-fixture.js';
import { eventually, quiet, testBundle } from '../support/temporal.js';
import { type Stand, stand } from '../workflows/stand.js';
import { firstCaught, type Mutant, Mutants, type Recorded } from '../replay/mutants.js';
import { told } from './parts/size.js';

const HISTORIES = join(import.meta.dirname, '../histories');
const LIVES = join(import.meta.dirname, 'lives');

/** Every history there is: each behaviour, and whole lives with all their runs, of every version that was shipped. */
function corpus(): readonly Recorded[] {
  const behaviours = readdirSync(HISTORIES)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ workflowId: file, history: JSON.parse(readFileSync(join(HISTORIES, file), 'utf8')) as unknown }));
  const lives = readdirSync(LIVES).flatMap((file) => {
    const text = brotliDecompressSync(readFileSync(join(LIVES, file))).toString('utf8');
    return JSON.parse(text) as Recorded[];
  });
  return [...behaviours, ...lives];
}

async function failures(codePath: string, histories: readonly Recorded[]): Promise<readonly ReplayResult[]> {
  const failed: ReplayResult[] = [];
  for await (const result of Worker.runReplayHistories({ workflowBundle: { codePath } }, histories))
    if (result.error) failed.push(result);
  return failed;
}

describe('a corpus of at least 50 histories (E1)', () => {
  it('replays on the workflows of today, in less than a minute', { timeout: 120_000 }, async () => {
    quiet();
    const bundle = await testBundle();
    const histories = corpus();
    const from = performance.now();
    const failed = await failures(bundle, histories);
    const seconds = (performance.now() - from) / 1_000;
    told(`E1 n = ${histories.length} histories in ${seconds.toFixed(1)} s`);
    expect(failed.map(({ workflowId, error }) => [workflowId, String(error)])).toEqual([]);
    expect(histories.length).toBeGreaterThanOrEqual(50);
    expect(seconds).toBeLessThan(60);
  });
});

/** Beside the six of test/replay: commands that come in another order, of another kind, or under another name. */
const MUTANTS: readonly Mutant[] = [
  {
    change: 'the list columns are written after the title',
    file: 'onboarding-run.ts',
    from: 'publishColumns(view, this.#wake);\n    publishTitle(view);',
    to: 'publishTitle(view);\n    publishColumns(view, this.#wake);',
  },
  {
    change: 'the timer is set before anything is carried out',
    file: 'onboarding-run.ts',
    from: 'for (const effect of decision.effects) this.#carryOut(effect);',
    to: 'this.#timer.set(decision.wake);\n    for (const effect of decision.effects) this.#carryOut(effect);',
  },
  {
    change: 'effects are carried out from the last to the first, and the view is written each time',
    file: 'onboarding-run.ts',
    from: 'for (const effect of decision.effects) this.#carryOut(effect);',
    to: 'this.#projector.want();\n    for (const effect of [...decision.effects].reverse()) this.#carryOut(effect);',
  },
  {
    change: 'the last view is written by a local activity',
    file: 'projector.ts',
    from: "await patient.project.executeWithOptions({ summary: 'Write the final state' }, [",
    to: 'await quick.project(...[',
  },
  {
    change: 'the policy is read by an activity of the server',
    file: 'policy-reader.ts',
    from: 'const quick = proxyLocalActivities<',
    to: 'const quick = proxyActivities<',
  },
];

describe('a change that replays otherwise (E2)', () => {
  let mutants: Mutants;
  beforeAll(() => {
    quiet();
    mutants = new Mutants();
  });
  afterAll(() => mutants.forget());

  for (const mutant of MUTANTS)
    it(`is caught by the corpus: ${mutant.change}`, { timeout: 120_000 }, async () => {
      const caught = await firstCaught(await mutants.bundle(mutant), corpus());
      told(`E2 ${mutant.change}: caught by ${caught}`);
      expect(caught).toBeDefined();
    });
});

describe('what another version sent (E4)', () => {
  let it_: Stand | undefined;
  afterEach(async () => {
    await it_?.close();
    it_ = undefined;
  });

  it('by a newer one is applied as far as it is understood, and stops nothing', async () => {
    it_ = await stand(fastClock(1 / 24));
    const handle = it_.server.client.workflow.getHandle(it_.workflowId);
    await it_.gateway.signalEvents(it_.key, [fact('created', MONDAY_9, { phase: 'kickoff' })]);
    const newer = { ...fact('moved', MONDAY_9 + 1, { phase: 'integration' }), v: 2, confidence: 0.9, record2: {} };
    const unknownKind = { ...fact('moved', MONDAY_9 + 2, { phase: 'launch' }), kind: 'merged' };
    await handle.signal('events', [newer, unknownKind]);
    await handle.signal('events2', { v: 2, facts: [newer] });
    await handle.signal('policyPublished', { hash: 'test-policy', v: 2, since: 1 });
    await it_.gateway.signalEvents(it_.key, [fact('task', MONDAY_9 + 3)]);
    const view = await eventually(async () => {
      const found = await it_?.gateway.view(it_.key).catch(() => undefined);
      return found && found.events.applied >= 3 ? found : undefined;
    });
    expect(view.phase).not.toBe('kickoff');
    const { events } = await handle.fetchHistory();
    expect(events?.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
  });

  it('by an older one, whose facts lack what came later, is applied too', async () => {
    it_ = await stand(fastClock(1 / 24));
    const handle = it_.server.client.workflow.getHandle(it_.workflowId);
    await it_.gateway.signalEvents(it_.key, [fact('created', MONDAY_9, { phase: 'kickoff' })]);
    const { previous: _, ...older } = fact('moved', MONDAY_9 + 1, { phase: 'integration' });
    await handle.signal('events', [{ ...older, previous: {} }, older]);
    await it_.gateway.signalEvents(it_.key, [fact('task', MONDAY_9 + 3)]);
    const view = await eventually(async () => {
      const found = await it_?.gateway.view(it_.key).catch(() => undefined);
      return found && found.events.applied >= 3 ? found : undefined;
    });
    expect(view.phase).toBe('integration');
    const { events } = await handle.fetchHistory();
    expect(events?.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
  });

  it('at the edge, by a sender of a newer schema, is routed as the one we know', () => {
    const now = MONDAY_9;
    const hearing = {
      source: 'pivotal',
      workspace: 'main',
      sourceMode: 'live',
      heardAt: now,
      fallbackAt: now,
    } as const;
    const record = { id: 'onb_1', phase: 'uat', state: 'active' };
    const known = {
      id: 'evt_1',
      type: 'onboarding.phase_changed',
      created_at: '2026-03-01T00:00:00Z',
      data: { object: record },
    };
    const newer = {
      ...known,
      api_version: 'v9',
      trace: { id: 1 },
      data: { object: { ...record, phase_v2: { id: 7 }, tags: ['x'] }, previous_attributes: {}, diff: [] },
    };
    const [one, other] = [known, newer].map((body) => {
      const event = parseEvent(body);
      return isQuarantined(event) ? undefined : routeEvent(event, hearing);
    });
    expect(other).toEqual(one);
    expect(one?.to).toBe('onboarding');
  });
});
