import { setTimeout as delay } from 'node:timers/promises';
import { mustBeStored } from './archive.mjs';
import { atLeast, atMost, told } from './figures.mjs';
import { Histories } from './histories.mjs';
import { prepareLoad } from './load.mjs';
import { oneSignalAnEvent } from './one-signal-an-event.mjs';
import { residentMegabytes } from './processes.mjs';
import { System } from './system.mjs';

/** A replayed backlog: 10,000 events over 300 onboardings at once, against one signal an event on the same server. */
export async function measure({ quick, say }) {
  const system = await System.start();
  const count = quick ? 3000 : 10_000;
  const load = await prepareLoad(system, { tag: 'burst', count, onboardings: 300, connections: 128 });
  const memory = watchMemory(system.pid);
  const books = await load.go();
  say(`Burst: ${books.line}, acknowledged at ${books.rate.toFixed(0)}/s`);
  books.mustBeWhole();
  await system.isDrained(90_000);
  const histories = await Histories.open(system);
  const applied = await histories.whenApplied(books, 120_000);
  const most = await memory.end();
  const tookMs = Math.max(...applied.values()) - books.startedAt;
  const rate = (count * 1000) / tookMs;
  say(`Burst: applied within ${(tookMs / 1000).toFixed(1)} s`);
  await mustBeStored(system, books);

  const single = await oneSignalAnEvent(histories, { events: quick ? 300 : 1500, onboardings: 100, say });
  await histories.close();
  await system.stop();
  return [
    atLeast('burst of 10,000 until all applied', rate, 'events/s', 2000),
    atLeast('the same against one signal an event', rate / single, 'times', 10),
    told('one signal an event, same server', single, 'events/s'),
    told('burst acknowledged', books.rate, 'events/s'),
    atMost('memory in the burst', most, 'MB', 1200),
  ];
}

/** Looks once a second: a look costs the kernel some milliseconds of the cores that are measured. */
function watchMemory(pid) {
  const over = new AbortController();
  let most = 0;
  const look = async () => {
    while (!over.signal.aborted) {
      most = Math.max(most, residentMegabytes(pid));
      await delay(1000, undefined, { signal: over.signal }).catch(() => {});
    }
  };
  // Kept until somebody asks: where the run itself has failed, nobody does.
  const looking = look().catch((error) => error);
  return {
    async end() {
      over.abort();
      const error = await looking;
      if (error) throw error;
      return most;
    },
  };
}
