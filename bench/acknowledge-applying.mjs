import { setTimeout as delay } from 'node:timers/promises';
import { mustBeStored } from './archive.mjs';
import { atMost } from './figures.mjs';
import { Histories } from './histories.mjs';
import { runLoad } from './load.mjs';
import { System } from './system.mjs';

/** 1,000 events/s on a schedule over 300 onboardings that are under way, while the workflows apply them. */
export async function measure({ quick, say }) {
  const system = await System.start();
  const seconds = quick ? 3 : 30;
  // The first event of each comes before: what 300 starts at once cost is the burst's row. It is sent again, as a repeat.
  (await runLoad(system, { tag: 'applying', count: 300, onboardings: 300 })).mustBeWhole();
  await system.isDrained(60_000);
  await delay(5_000);
  const books = await runLoad(system, { tag: 'applying', count: seconds * 1000, onboardings: 300, perSecond: 1000 });
  say(
    `Temporal up, 1,000/s: ${books.line}; p50 ${books.wait(0.5).toFixed(1)} ms, at most ${books.latestMs.toFixed(0)} ms late in leaving`,
  );
  books.mustBeWhole();
  await system.isDrained(60_000);
  const histories = await Histories.open(system);
  const applied = await histories.whenApplied(books, 90_000);
  await histories.close();
  await mustBeStored(system, books);
  await system.stop();
  const last = Math.max(...applied.values());
  return [
    atMost('acknowledge p99, 1,000/s, applying', books.wait(0.99), 'ms', 40),
    atMost('all applied after the end', Math.max(0, last - books.endedAt) / 1000, 's', 1),
  ];
}
