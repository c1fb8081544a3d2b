import type { TimelineEntry } from '../contracts/api.js';
import { type EventRow, InvalidCursor, type Page } from '../contracts/read-model.js';
import { describeFact } from '../domain/onboarding/describe.js';
import type { LogEntry } from '../domain/onboarding/log.js';
import { iso } from './instant.js';

/**
 * Archive and decision log as one story, oldest first; of one instant what was heard comes before what was decided.
 * That an event was applied is told beside the event, and a wake of the clock alone only by what it decided.
 */
export function timelineOf(events: readonly EventRow[], log: readonly LogEntry[]): readonly TimelineEntry[] {
  const appliedAt = new Map(
    log.flatMap(({ what, at }) => (what.kind === 'applied' ? what.events.map((id) => [id, at] as const) : [])),
  );
  const heard = events.map((row) => heardEntry(row, appliedAt.get(row.eventId)));
  const decided = log.filter(({ what }) => what.kind !== 'applied' && what.kind !== 'woke').map(decidedEntry);
  return [...heard, ...decided].sort(byPlace);
}

function heardEntry(row: EventRow, appliedAt: number | undefined): TimelineEntry {
  const fact = row.route?.to === 'onboarding' ? row.route.fact : undefined;
  const text = fact ? describeFact(fact) : (row.type ?? 'An event without a type');
  return {
    at: iso(row.occurredAt ?? row.receivedVirtual),
    kind: 'event',
    what: row.type ?? 'unknown',
    text: `${text}${row.status === 'late' ? ' (came after the end)' : ''}`,
    event_id: row.eventId,
    seq: row.seq,
    applied_at: appliedAt === undefined ? null : iso(appliedAt),
    escalation_id: null,
    by: null,
  };
}

function decidedEntry({ at, seq, text, what }: LogEntry): TimelineEntry {
  const action = what.kind === 'action' ? what.action : undefined;
  const escalation = action && 'escalationId' in action ? action.escalationId : undefined;
  return {
    at: iso(at),
    kind: 'decision',
    what: action ? action.verb : what.kind,
    text,
    event_id: null,
    seq: String(seq),
    applied_at: null,
    escalation_id: escalation ?? ('escalation' in what ? (what.escalation ?? null) : null),
    by: action?.by.name ?? null,
  };
}

type Place = readonly [at: string, rank: number, seq: number];

/** One page after the cursor. The cursor is the place of the last entry seen, so that news in between shifts nothing. */
export function pageOf(
  entries: readonly TimelineEntry[],
  limit: number,
  cursor: string | undefined,
): Page<TimelineEntry> {
  const after = cursor === undefined ? undefined : placeIn(cursor);
  const rest = after ? entries.filter((entry) => compare(placeOf(entry), after) > 0) : entries;
  const data = rest.slice(0, limit);
  const last = data.at(-1);
  return {
    data,
    next_cursor: last && rest.length > limit ? Buffer.from(JSON.stringify(placeOf(last))).toString('base64url') : null,
  };
}

function placeIn(cursor: string): Place {
  const [at, rank, seq] = decoded(cursor);
  if (typeof at !== 'string' || typeof rank !== 'number' || typeof seq !== 'number') throw new InvalidCursor(cursor);
  return [at, rank, seq];
}

function decoded(cursor: string): readonly unknown[] {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(place) ? place : [];
  } catch {
    return [];
  }
}

const placeOf = (entry: TimelineEntry): Place => [entry.at, entry.kind === 'event' ? 0 : 1, Number(entry.seq)];
const byPlace = (a: TimelineEntry, b: TimelineEntry): number => compare(placeOf(a), placeOf(b));

function compare(a: Place, b: Place): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] - b[1] || a[2] - b[2];
}
