import { mustBeStored } from './archive.mjs';
import { atLeast, atMost } from './figures.mjs';
import { runLoad } from './load.mjs';
import { killAll, memberWith } from './processes.mjs';
import { System } from './system.mjs';

/** The accept path with Temporal gone: 1,000 events/s on a schedule, then as many as it takes. */
export async function measure({ quick, say }) {
  const system = await System.start();
  const temporal = memberWith(system.pid, 'start-dev');
  if (temporal === undefined)
    throw new Error('No embedded Temporal server runs beside Slipway: unset TEMPORAL_ADDRESS.');
  killAll([temporal]);
  const seconds = quick ? 3 : 30;
  const offered = await runLoad(system, { tag: 'alone', count: seconds * 1000, onboardings: 300, perSecond: 1000 });
  say(
    `Temporal down, 1,000/s: ${offered.line}; p50 ${offered.wait(0.5).toFixed(1)} ms, at most ${offered.latestMs.toFixed(0)} ms late in leaving`,
  );
  offered.mustBeWhole();
  await mustBeStored(system, offered);

  const flatOut = await sustained(system, quick);
  say(`Temporal down, flat out: ${flatOut.line}; p99 ${flatOut.wait(0.99).toFixed(1)} ms`);
  await mustBeStored(system, flatOut);
  await system.stop();
  return [
    atMost('acknowledge p99, 1,000/s, Temporal down', offered.wait(0.99), 'ms', 15),
    atMost('acknowledged and lost, Temporal down', 0, 'events', 0),
    atLeast('sustained acknowledge', flatOut.rate, 'events/s', 6000),
  ];
}

/** More are signed than it can take, so that time ends the run. A first short run warms the path up. */
async function sustained(system, quick) {
  const seconds = quick ? 2 : 10;
  await runLoad(system, { tag: 'warm', count: 4000, onboardings: 300, connections: 128 });
  return runLoad(system, { tag: 'flat', count: seconds * 12_000, onboardings: 300, connections: 128, seconds });
}
