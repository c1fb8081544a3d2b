import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../start/slipway-process.js';
import type { Cluster } from './cluster.js';
import type { Victim } from './killer.js';
import type { TroublePlan } from './parts/hook-double.js';
import type { FaultName, Strike } from './plan.js';
import type { Proxy, ProxyMode } from './proxy.js';
import { Refuser, RESOURCE_EXHAUSTED, UNAVAILABLE } from './throttle.js';

/** What a strike did. */
export interface Struck {
  /** False where the point it waited for did not come: then it proves nothing and is not counted. */
  readonly met: boolean;
  /** Calls that were on the wire when their worker was killed. */
  readonly cut?: number;
  readonly violations?: readonly string[];
}

type Deed = (cluster: Cluster, strike: Strike) => Promise<Struck>;

const MET: Struck = { met: true };
const NOT_MET: Struck = { met: false };
/** How long a strike waits for a message to be on the wire. */
const POINT_WITHIN_MS = 8_000;
const DRAIN_WITHIN_MS = 10_000;
const SLOW_MS = 250;

/** How each fault is caused and ended. What was killed runs again afterwards, though it need not be ready yet. */
const DEEDS: Readonly<Record<FaultName, Deed>> = {
  server_killed: (cluster, strike) => killed([one(cluster.servers, strike)], strike.lastsMs),
  worker_killed_before_call: (cluster) => killedOnTheWire(cluster, { kind: 'drop' }, 0),
  worker_killed_after_call: (cluster) =>
    killedOnTheWire(cluster, { kind: 'lose_replies', chance: 1, afterwards: 'silence' }, 0),
  worker_killed_in_heartbeat: (cluster, { lastsMs }) => killedOnTheWire(cluster, { kind: 'drop' }, lastsMs),
  worker_killed_in_task: (cluster, strike) => killed([one(cluster.workers, strike)], strike.lastsMs),
  worker_stalled: async (cluster, strike) => {
    const worker = one(cluster.workers, strike);
    worker.freeze();
    await pause(strike.lastsMs);
    worker.thaw();
    return MET;
  },
  workers_away: (cluster, { lastsMs }) => killed(cluster.workers, lastsMs),
  all_killed: (cluster, { lastsMs }) => killed(cluster.processes, lastsMs),
  temporal_refuses: during((cluster) => cluster.temporal.proxy, { kind: 'refuse' }),
  temporal_hangs: during((cluster) => cluster.temporal.proxy, { kind: 'drop' }),
  temporal_resets: during((cluster) => cluster.temporal.proxy, { kind: 'reset' }),
  temporal_half_open: during((cluster) => cluster.temporal.proxy, { kind: 'half_open' }),
  temporal_slow: during((cluster) => cluster.temporal.proxy, { kind: 'delay', ms: SLOW_MS }),
  temporal_exhausted: (cluster, { lastsMs }) => refused(cluster, RESOURCE_EXHAUSTED, lastsMs),
  temporal_unavailable: (cluster, { lastsMs }) => refused(cluster, UNAVAILABLE, lastsMs),
  temporal_killed: async ({ temporal }, { lastsMs }) => {
    await temporal.kill();
    await pause(lastsMs);
    await temporal.startAgain();
    return MET;
  },
  temporal_replies_lost: losing((cluster) => cluster.temporal.proxy, 0.15),
  store_replies_lost: losing((cluster) => cluster.store.proxy, 0.05),
  server_rolled: (cluster, strike) => rolled(one(cluster.servers, strike)),
  worker_rolled: (cluster, strike) => rolled(one(cluster.workers, strike)),
  store_stops: async ({ store }, { lastsMs }) => {
    await store.stopImmediately();
    await pause(lastsMs);
    await store.startAgain();
    return MET;
  },
  store_refuses: during((cluster) => cluster.store.proxy, { kind: 'refuse' }),
  store_hangs: during((cluster) => cluster.store.proxy, { kind: 'drop' }),
  store_resets: during((cluster) => cluster.store.proxy, { kind: 'reset' }),
  store_half_open: during((cluster) => cluster.store.proxy, { kind: 'half_open' }),
  store_slow: during((cluster) => cluster.store.proxy, { kind: 'delay', ms: SLOW_MS }),
  store_read_only: async (cluster, { lastsMs }) => {
    await readOnly(cluster, 'on');
    await pause(lastsMs);
    await readOnly(cluster, 'off');
    return MET;
  },
  store_full: async ({ store }, { lastsMs }) => {
    if (!store.fillDisk()) return NOT_MET;
    await pause(lastsMs);
    await store.freeDisk();
    return MET;
  },
  receiver_limits: receiving({ trouble: { kind: 'rate_limited', retryAfterSeconds: 1 }, chance: 0.5 }),
  receiver_fails: receiving({ trouble: { kind: 'error', status: 503 }, chance: 0.5 }),
  receiver_hangs: receiving({ trouble: { kind: 'hang' }, chance: 0.5 }),
  receiver_drops: receiving({ trouble: { kind: 'drop' }, chance: 0.5 }),
  receiver_loses_replies: receiving({ trouble: { kind: 'lose_reply' }, chance: 0.5 }),
  output_closed: async (cluster, strike) => {
    const victim = one(cluster.processes, strike);
    await victim.kill();
    victim.launch({ unheard: true });
    await pause(strike.lastsMs);
    return MET;
  },
};

/** Carries one strike out, and the one within it; resolves when the fault is over. */
export async function carryOut(cluster: Cluster, strike: Strike): Promise<Struck> {
  const second = strike.within;
  const [first, inner] = await Promise.all([
    DEEDS[strike.fault](cluster, strike),
    second && pause(second.afterMs).then(() => DEEDS[second.fault](cluster, second)),
  ]);
  return { ...first, violations: [...(first.violations ?? []), ...(inner?.violations ?? [])] };
}

function one(victims: readonly Victim[], { lot }: Strike): Victim {
  return victims[Math.floor(lot * victims.length)] as Victim;
}

async function killed(victims: readonly Victim[], awayMs: number): Promise<Struck> {
  await Promise.all(victims.map((victim) => victim.kill()));
  await pause(awayMs);
  for (const victim of victims) victim.launch();
  return MET;
}

/** Holds calls on the wire, kills the workers while they are there, and lets the wire go. */
async function killedOnTheWire(cluster: Cluster, mode: ProxyMode, heldMs: number): Promise<Struck> {
  const { hookProxy, workers } = cluster;
  const held = () => hookProxy.counts.swallowed + hookProxy.counts.repliesLost;
  const before = held();
  await hookProxy.set(mode);
  const came = await until(() => held() > before, 'a call is on the wire', POINT_WITHIN_MS).then(
    () => true,
    () => false,
  );
  if (came) await pause(heldMs);
  if (came) await Promise.all(workers.map((worker) => worker.kill()));
  const cut = held() - before;
  await hookProxy.set({ kind: 'pass' });
  for (const worker of workers) worker.launch();
  return came ? { met: true, cut } : NOT_MET;
}

function during(proxyOf: (cluster: Cluster) => Proxy, mode: ProxyMode): Deed {
  return async (cluster, { lastsMs }) => {
    await proxyOf(cluster).set(mode);
    await pause(lastsMs);
    await proxyOf(cluster).set({ kind: 'pass' });
    return MET;
  };
}

/** Counts only where an answer was lost. */
function losing(proxyOf: (cluster: Cluster) => Proxy, chance: number): Deed {
  return async (cluster, strike) => {
    const { counts } = proxyOf(cluster);
    const before = counts.repliesLost;
    await during(proxyOf, { kind: 'lose_replies', chance, afterwards: 'reset' })(cluster, strike);
    return counts.repliesLost > before ? { met: true, cut: counts.repliesLost - before } : NOT_MET;
  };
}

async function refused({ temporal }: Cluster, status: number, lastsMs: number): Promise<Struck> {
  const refuser = await Refuser.start(status);
  temporal.proxy.divert(refuser.port);
  await pause(lastsMs);
  temporal.proxy.divert(temporal.directPort);
  await refuser.close();
  return MET;
}

/** SIGTERM and a new start, as a deploy does. */
async function rolled(victim: Victim): Promise<Struck> {
  if (!victim.isRunning) return NOT_MET;
  const { ending, ms } = await victim.terminate();
  victim.launch();
  const violations = [
    ...(ending === 0 ? [] : [`${victim.name} ended with ${ending} after SIGTERM`]),
    ...(ms <= DRAIN_WITHIN_MS ? [] : [`${victim.name} took ${(ms / 1_000).toFixed(1)} s to end after SIGTERM`]),
  ];
  return { met: true, violations };
}

async function readOnly(cluster: Cluster, state: 'on' | 'off'): Promise<void> {
  await cluster.sql(`alter system set default_transaction_read_only = ${state}`);
  await cluster.sql('select pg_reload_conf()');
}

function receiving(plan: TroublePlan): Deed {
  return async ({ hook }, { lastsMs }) => {
    hook.trouble(plan);
    await pause(lastsMs);
    hook.trouble(null);
    return MET;
  };
}
