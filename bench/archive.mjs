import { eventId } from './events.mjs';
import { Void } from './figures.mjs';

/** Reads the archive through the console API: every acknowledged event must stand there. Throws `Void` otherwise. */
export async function mustBeStored(system, books) {
  const stored = await storedIds(system);
  const lost = books.acknowledgedIndexes.filter((index) => !stored.has(eventId(books.plan.tag, index)));
  if (lost.length > 0)
    throw new Void(`${lost.length} acknowledged events are lost, ${eventId(books.plan.tag, lost[0])} the first.`);
}

async function storedIds(system) {
  const ids = new Set();
  for (let cursor = ''; cursor !== null; ) {
    const page = await system.api(`/events?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    for (const event of page.data) ids.add(event.id);
    cursor = page.next_cursor;
  }
  return ids;
}
