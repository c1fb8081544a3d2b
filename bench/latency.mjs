import { eventId } from './events.mjs';
import { atMost, percentile } from './figures.mjs';
import { Histories } from './histories.mjs';
import { prepareLoad, runLoad } from './load.mjs';
import { System } from './system.mjs';

/** A usual day: 20 events/s over onboardings that are known, from the instant an event leaves until it is applied. */
export async function measure({ quick, say }) {
  const system = await System.start();
  const histories = await Histories.open(system);
  await histories.whenApplied(
    (await runLoad(system, { tag: 'day', count: 100, onboardings: 100 })).mustBeWhole(),
    60_000,
  );
  const count = quick ? 60 : 600;
  // The same onboardings go on: the first turn of each is a repeat of its creation, which changes nothing.
  const load = await prepareLoad(system, { tag: 'day', count: 100 + count, onboardings: 100, perSecond: 20 });
  const books = (await load.go()).mustBeWhole();
  const applied = await histories.whenApplied(books, 60_000);
  await histories.close();
  await system.stop();
  const waits = books.acknowledgedIndexes
    .filter((index) => index >= 100)
    .map((index) => applied.get(eventId('day', index)) - books.sentAt[index]);
  say(`Usual day: ${books.line}; slowest ${Math.max(...waits).toFixed(0)} ms`);
  return [
    atMost('event to applied p50, 20/s', percentile(waits, 0.5), 'ms', 60),
    atMost('event to applied p99, 20/s', percentile(waits, 0.99), 'ms', 400),
  ];
}
