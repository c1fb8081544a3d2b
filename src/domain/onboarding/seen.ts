/**
 * Ids of events that were applied, remembered as short hashes over continue-as-new. Deliveries can be replayed for 90
 * days; what is older goes, and beyond the cap the oldest go, so that the state stays small.
 */
export type Seen = readonly (readonly [hash: string, day: number])[];

const MOST = 1_000;
const KEEP_DAYS = 90;

/** `day` counts days of any one clock, oldest first, e.g. virtual days since 1970. An id that is known already stays as it is. */
export function remember(seen: Seen, id: string, day: number): Seen {
  if (hasSeen(seen, id)) return seen;
  const young = seen.findIndex(([, seenOn]) => day - seenOn <= KEEP_DAYS);
  const kept = young < 0 ? [] : seen.slice(Math.max(young, seen.length + 1 - MOST));
  return [...kept, [shortHash(id), day]];
}

export function hasSeen(seen: Seen, id: string): boolean {
  const hash = shortHash(id);
  return seen.some(([known]) => known === hash);
}

/**
 * 53 bits of the id in base 36: two independent 32-bit lanes. Among 1,000 ids two collide about once in 10^10 states,
 * and what a collision costs is one event taken for a repeat.
 */
export function shortHash(id: string): string {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul((high ^ unit) + 0x7f4a7c15, 0x85ebca6b);
    high ^= high >>> 15;
  }
  low = scatter(low ^ id.length);
  high = scatter(high ^ low);
  return ((high >>> 11) * 0x1_0000_0000 + (low >>> 0)).toString(36);
}

function scatter(bits: number): number {
  const once = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  const twice = Math.imul(once ^ (once >>> 15), 0x735a2d97);
  return twice ^ (twice >>> 15);
}
