import { isDeepStrictEqual } from 'node:util';
import { GatewayError } from '../contracts/gateway.js';
import type { EventRow } from '../contracts/read-model.js';
import type { RebuildGateway, RebuildLook, RunHistory } from '../contracts/rebuild.js';
import type { Fact } from '../domain/event/fact.js';
import type { EntityKey } from '../domain/event/key.js';
import type { LogEntry } from '../domain/onboarding/log.js';
import type { OnboardingState } from '../domain/onboarding/state.js';
import { remake, type Told, type Unlogged } from '../domain/remake.js';
import { toVirtual, virtualSpan } from '../domain/time/clock.js';
import { rebuild, type Record } from '../domain/why.js';
import { factsOf, readEvents, type RecordDeps, recordOf } from './read-record.js';

export interface RemakeDeps extends RecordDeps {
  readonly gateway: Pick<RebuildGateway, 'state' | 'health' | 'history'>;
  /** Real epoch ms. */
  readonly now: () => number;
}

/** One onboarding as its workflow knows it, beside what archive and decision log make of it. */
export interface Remade {
  readonly workflow: RebuildLook['workflow'];
  /** Undefined where the workflow cannot be asked. */
  readonly present: OnboardingState | undefined;
  readonly rebuilt: OnboardingState;
  readonly record: Record;
  readonly unlogged: Unlogged;
  /** Entries of the log that are not in the store yet. */
  readonly unstored: readonly LogEntry[];
  /** What came since then and counts as late came to a workflow that was gone and should not have been. */
  readonly lateFrom: number;
  readonly missing: number;
  readonly answered: readonly string[];
}

/** A workflow task takes ten seconds at the most, and an update is logged on the clock of its task. */
const SAME_WITHIN_MS = 15_000;

/**
 * Undefined where no event ever spoke of it. The archive is read before the workflow is asked, so that every event which
 * counts as signalled then is one that the workflow has; the log after it, and no further than the workflow was.
 */
export async function readRemade(
  deps: RemakeDeps,
  key: EntityKey,
  how: { readonly isStuck: boolean } = { isStuck: false },
): Promise<Remade | undefined> {
  const rows = await readEvents(deps, key);
  const first = await deps.gateway.history(key);
  const isStuck = how.isStuck || first?.failing === true;
  const present = isStuck ? 'stuck' : await askFor(deps, key);
  const state = typeof present === 'object' ? present : undefined;
  // While it was asked in vain it may still have taken something in.
  const history = present === 'stuck' && !isStuck ? await deps.gateway.history(key) : first;
  const stored = await deps.readModel.log(key);
  if (rows.length === 0 && stored.length === 0) return undefined;
  return putTogether(deps, key, { rows, state, stored, history });
}

interface Sources {
  readonly rows: readonly EventRow[];
  readonly state: OnboardingState | undefined;
  readonly stored: readonly LogEntry[];
  readonly history: RunHistory | undefined;
}

/** The same from sources that were read before. */
export async function putTogether(
  deps: RecordDeps & Pick<RemakeDeps, 'now'>,
  key: EntityKey,
  { rows, state, stored, history }: Sources,
): Promise<Remade> {
  const log = merged(stored, [...(history?.log ?? []), ...(state?.log ?? [])], state?.nextLogSeq);
  const record = await recordOf(deps, key, rows, log);
  const named = log.flatMap(({ what }) => (what.kind === 'applied' ? what.events : []));
  const logged = new Set(named);
  const lateFrom = openSince(record);
  const unlogged = {
    facts: unloggedFacts(rows, logged, lateFrom),
    // A state that can be asked has its own log, and that holds all that it was told.
    told: state ? [] : (history?.told ?? []).filter((one) => !isLogged(one, log, deps)),
  };
  const lastStored = stored.at(-1)?.seq ?? 0;
  return {
    workflow: wordFor(state, history),
    present: state,
    rebuilt: remake(record, unlogged, toVirtual(deps.clock, deps.now())),
    record,
    unlogged,
    unstored: log.filter(({ seq }) => seq > lastStored),
    lateFrom,
    missing: [...logged].filter((id) => !record.facts.has(id)).length,
    answered: history?.answered ?? [],
  };
}

function wordFor(state: OnboardingState | undefined, history: RunHistory | undefined): Remade['workflow'] {
  if (history === undefined) return 'unknown';
  if (!history.running) return 'ended';
  return state ? 'running' : 'stuck';
}

/** A workflow that does not answer is stuck only where its server does. */
async function askFor(
  { gateway }: Pick<RemakeDeps, 'gateway'>,
  key: EntityKey,
): Promise<OnboardingState | 'stuck' | undefined> {
  try {
    return await gateway.state(key);
  } catch (error) {
    if (error instanceof GatewayError && (await gateway.health()).reachable) return 'stuck';
    throw error;
  }
}

/** By seq; what is stored stands. */
function merged(stored: readonly LogEntry[], more: readonly LogEntry[], end = Number.POSITIVE_INFINITY): LogEntry[] {
  const bySeq = new Map([...more, ...stored].map((entry) => [entry.seq, entry] as const));
  return [...bySeq.values()].filter(({ seq }) => seq < end).sort((a, b) => a.seq - b.seq);
}

/** Virtual; never where it is over: then what comes is late. */
function openSince(record: Record): number {
  if (rebuild(record, Number.POSITIVE_INFINITY).endedAt !== null) return Number.POSITIVE_INFINITY;
  return record.log.findLast(({ what }) => what.kind === 'reopened')?.at ?? Number.NEGATIVE_INFINITY;
}

/** What was signalled and not applied, and what came while a workflow that is not over was gone. The rest comes by itself. */
function unloggedFacts(rows: readonly EventRow[], logged: ReadonlySet<string>, lateFrom: number): readonly Fact[] {
  const counted = rows.filter((row) => row.status === 'signalled' || isWronglyLate(row, lateFrom));
  return [...factsOf(counted).values()].filter(({ id }) => !logged.has(id));
}

export const isWronglyLate = ({ status, receivedVirtual }: EventRow, lateFrom: number): boolean =>
  status === 'late' && receivedVirtual >= lateFrom;

function isLogged(told: Told, log: readonly LogEntry[], { clock }: Pick<RecordDeps, 'clock'>): boolean {
  if (!('action' in told)) return false;
  const close = virtualSpan(clock, SAME_WITHIN_MS);
  return log.some(
    ({ what, at }) =>
      what.kind === 'action' && Math.abs(at - told.at) <= close && isDeepStrictEqual(what.action, told.action),
  );
}
