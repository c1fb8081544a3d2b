import { setTimeout as delay } from 'node:timers/promises';
import { atMost } from './figures.mjs';
import { Histories } from './histories.mjs';
import { runLoad } from './load.mjs';
import { residentMegabytes } from './processes.mjs';
import { NPM_START, System, scratchDirectory } from './system.mjs';

/** `npm start` until it is ready, on a fresh data directory and on one that has been used; then what it holds at rest. */
export async function measure({ quick, say }) {
  const dataDir = scratchDirectory();
  const first = await System.start({ dataDir, command: NPM_START });
  await first.stop();
  const second = await System.start({ dataDir, command: NPM_START });
  await second.stop();
  say(`npm start: ready after ${first.readyMs.toFixed(0)} ms, the second time after ${second.readyMs.toFixed(0)} ms`);

  const system = await System.start({ dataDir });
  const books = (await runLoad(system, { tag: 'idle', count: 1000, onboardings: 100, perSecond: 200 })).mustBeWhole();
  const histories = await Histories.open(system);
  await histories.whenApplied(books, 60_000);
  await histories.close();
  await delay(quick ? 2000 : 10_000);
  const idle = residentMegabytes(system.pid);
  await system.stop();
  return [
    atMost('npm start to ready, first', first.readyMs / 1000, 's', 5),
    atMost('npm start to ready, again', second.readyMs / 1000, 's', 5),
    atMost('memory idle, 100 open onboardings', idle, 'MB', 600),
  ];
}
