import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../start/slipway-process.js';
import { Era } from './era.js';
import { type Finding, holds, tableOf } from './parts/finding.js';
import type { Traffic } from './parts/sender.js';
import type { FaultName } from './plan.js';
import { tooSlow } from './recovery.js';
import { carryOut } from './strikes.js';

const SEED = Number(process.env['FAULTS_SEED'] ?? 20_261_124);
const EVENTS_PER_SECOND = 15;
/** Whatever else runs on the machine; what must be faster is asserted. */
const LONG = 180_000;

let era: Era;
let traffic: Traffic;

beforeAll(async () => {
  era = await Era.begin({ seed: SEED });
  traffic = era.load(EVENTS_PER_SECOND);
  await era.measureCalm();
}, LONG);
afterAll(() => era?.end(), LONG);

/** Strikes, and returns how many calls it cut once a new event comes through again within the limits of that fault. */
async function strike(fault: FaultName, lastsMs: number, lot = 0): Promise<number> {
  const from = Date.now();
  const struck = await carryOut(era.cluster, { fault, afterMs: 0, lastsMs, lot });
  const lasted = { from, to: Date.now() };
  const recovery = await era.recover();
  era.broke({ fault, afterMs: 0, lastsMs, lot }, lasted);
  expect(struck).toMatchObject({ met: true, violations: [] });
  expect(tooSlow(fault, recovery, era.calm)).toEqual([]);
  return struck.cut ?? 0;
}

/** One process, and at once the next. */
async function kill(fault: FaultName, lot: number): Promise<void> {
  const from = Date.now();
  const deed = { fault, afterMs: 0, lastsMs: 0, lot };
  await carryOut(era.cluster, deed);
  era.broke(deed, { from, to: Date.now() });
}

const unknownBy = (): Readonly<Record<string, number>> => era.ledger.figures().unknownBy;
const unknown = (): number => era.ledger.figures().posts.unknown;
/** Posts that were answered with a refusal. A connection that an earlier kill left behind is found dead whenever it is used. */
const refused = (): number => Object.entries(unknownBy()).reduce((sum, [why, n]) => sum + (/^\d/.test(why) ? n : 0), 0);

async function readiness(): Promise<{ status: number; temporal: string }> {
  const answer = await fetch(`${era.cluster.front.url}/readyz`);
  const { checks } = (await answer.json()) as { checks: { temporal: string } };
  return { status: answer.status, temporal: checks.temporal };
}

/**
 * C1 to C5, C7 and C8 of the fault list on one cluster: two servers and two workers over a real PostgreSQL and a real
 * Temporal server, under load throughout. Told in order; what they all promise is judged at the end.
 */
describe('two servers and two workers', { timeout: LONG }, () => {
  it('go on after a worker was killed before a message left, after it left, and in mid-heartbeat (C2)', async () => {
    expect(await strike('worker_killed_before_call', 0)).toBeGreaterThan(0);
    expect(await strike('worker_killed_after_call', 0)).toBeGreaterThan(0);
    expect(await strike('worker_killed_in_heartbeat', 1_500)).toBeGreaterThan(0);
  });

  it('go on after servers were killed while requests waited for their commit (C1)', async () => {
    const before = unknown();
    const more = era.load(60);
    await era.cluster.store.proxy.set({ kind: 'delay', ms: 30 });
    for (const lot of [0, 0.9, 0, 0.9]) {
      await kill('server_killed', lot);
      await until(() => era.cluster.front.ready > 0, 'a server takes requests', LONG);
      await pause(500);
    }
    await era.cluster.store.proxy.set({ kind: 'pass' });
    await strike('server_killed', 0);
    await more.stop();

    expect(unknown()).toBeGreaterThan(before);
  });

  it('go on after workers were killed in mid-task (C3)', async () => {
    for (const lot of [0, 0.9, 0]) {
      await kill('worker_killed_in_task', lot);
      await pause(1_000);
    }
    await strike('worker_killed_in_task', 0, 0.9);
  });

  it('catch up on what came due while no worker was there (C4)', async () => {
    const before = refused();

    await strike('workers_away', 4_000);

    expect(refused()).toBe(before);
  });

  it.each(['temporal_refuses', 'temporal_hangs', 'temporal_resets', 'temporal_exhausted'] as const)(
    'take every event while Temporal is away, say so, and come back by themselves (C5: %s)',
    async (fault) => {
      // Servers that were killed before may have left connections that are found dead now.
      await era.recover();
      const before = refused();

      const struck = strike(fault, 4_000);
      await until(async () => (await readiness()).temporal !== 'ok', 'readyz tells that Temporal is away', 5_000);
      expect((await readiness()).status).toBe(200);
      await struck;

      expect(refused()).toBe(before);
      await until(async () => (await readiness()).temporal === 'ok', 'readyz tells that Temporal is back', 5_000);
    },
  );

  it('apply an event once whose signal or commit was never confirmed (C7)', async () => {
    expect(await strike('temporal_replies_lost', 3_000)).toBeGreaterThan(0);
    expect(await strike('store_replies_lost', 3_000)).toBeGreaterThan(0);
  });

  it('are replaced one by one under load, and no sender hears more than a closed connection (C8)', async () => {
    const before = refused();

    await strike('server_rolled', 0, 0);
    await strike('worker_rolled', 0, 0);
    await strike('server_rolled', 0, 0.9);

    expect(refused()).toBe(before);
  });

  it('have lost nothing, doubled nothing, sent each message once, and none is stuck (I0 to I8)', async () => {
    await traffic.stop();
    await era.settled(LONG);

    const findings: readonly Finding[] = await era.judge({ atEnd: true });

    expect(holds(findings), tableOf(findings)).toBe(true);
    expect(findings.find(({ id }) => id === 'I3')?.n).toBeGreaterThan(50);
    expect(era.cluster.unbidden).toEqual([]);
  });
});
