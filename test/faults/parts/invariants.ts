import { escapePart } from '../../../src/domain/escalation/escalation-id.js';
import type { Divergence } from './divergence.js';
import type { Finding } from './finding.js';
import type { Forging } from './forging.js';
import { grouped } from './grouped.js';
import type { WorkflowSeen } from './histories.js';
import type { Ledger } from './ledger.js';
import type { MemoryLog } from './memory.js';
import type { Message } from './message.js';
import type { Observed } from './observe.js';

/** What somebody without the secret posted. */
export type Forged = Pick<Forging, 'ids' | 'believed'>;

/** I0: the books of the sender balance, else the run is void and nothing below means anything. */
export function booksBalance(ledger: Ledger): Finding {
  const { posts, events, resolved } = ledger.figures();
  const note = `${events.acked} acked, ${events.rejected} rejected, ${events.unresolved} unresolved; ${resolved} resolved by a retry`;
  return {
    id: 'I0',
    what: 'sent = acked + rejected + unknown',
    n: posts.sent,
    violations: ledger.faults().map((fault) => `void: ${fault}`),
    note,
  };
}

/**
 * I1: every acknowledged event is archived, and in the applied list of one workflow, its own; or it is recorded as late,
 * where that was not open. What the sender made well is not quarantined.
 */
export function noneLost(ledger: Ledger, observed: Observed, workspace = 'main'): Finding {
  const homes = homesOf(observed.workflows);
  const acked = ledger.ended('acked');
  let late = 0;
  const violations = acked.flatMap(({ message, quarantined, firstAt }) => {
    const { eventId, subject } = message;
    const rows = observed.archive.get(eventId) ?? [];
    if (quarantined) return subject ? [`${eventId} was quarantined, and nothing is wrong with it`] : [];
    if (rows.length === 0) return [`${eventId} was acknowledged and is not in the archive`];
    if (!subject) return [];
    const row = rows.find(({ status }) => status === 'late');
    if (!row) return lossOf(message, observed, homes, workspace);
    late++;
    const own = observed.workflows.find(({ workflowId }) => workflowId === row.workflow_id);
    if (own?.status !== 'RUNNING' || own.openSince > firstAt) return [];
    return [`${eventId} counts as late, and ${own.workflowId} was open before it came and still is`];
  });
  const note = late > 0 ? `${late} recorded as late` : '';
  return { id: 'I1', what: 'acknowledged events lost', n: acked.length, violations, note };
}

function lossOf(
  { eventId, subject }: Message,
  { applied, archive }: Observed,
  homes: ReadonlyMap<string, ReadonlySet<string>>,
  workspace: string,
): string[] {
  const rows = archive.get(eventId) ?? [];
  const own = rows[0]?.workflow_id ?? `${subject?.kind}/${escapePart(workspace)}/${escapePart(subject?.id ?? '')}`;
  const found = [...(homes.get(eventId) ?? [])];
  if (found.length > 1) return [`${eventId} went to ${found.length} workflows: ${found.join(', ')}`];
  if (found.length === 0) return [`${eventId} (${rows.map(({ status }) => status).join(', ')}) was never signalled`];
  if (found[0] !== own) return [`${eventId} went to ${found[0]} instead of ${own}`];
  const workflow = applied.get(own);
  if (!workflow) return [`${own} could not be asked whether it applied ${eventId}`];
  return workflow.has(eventId) ? [] : [`${eventId} was signalled to ${own} and not applied`];
}

/** I2: a workflow counts each distinct event it was signalled once, over all its runs. */
export function noneDoubled(observed: Observed): Finding {
  let n = 0;
  let repeats = 0;
  const violations = observed.workflows.flatMap(({ workflowId, signalled }) => {
    const workflow = observed.applied.get(workflowId);
    if (!workflow) return [];
    const distinct = new Set(signalled).size;
    n += distinct;
    repeats += signalled.length - distinct;
    if (workflow.count > distinct)
      return [`${workflowId} applied ${workflow.count} events and was signalled ${distinct}`];
    return workflow.count < distinct ? [`${workflowId} applied ${workflow.count} of ${distinct} events`] : [];
  });
  return { id: 'I2', what: 'events applied twice, or not', n, violations, note: `${repeats} repeats signalled` };
}

/** I4: nothing that was refused or forged, and nothing the sender never made, was believed or got any further. */
export function noneForged(ledger: Ledger, { ids, believed }: Forged, observed: Observed): Finding {
  const homes = homesOf(observed.workflows);
  const refused = new Set([...ids, ...ledger.ended('rejected').map(({ message }) => message.eventId)]);
  const made = new Set(ledger.accounts.map(({ message }) => message.eventId));
  const isStrange = (id: string) => !made.has(id) && !refused.has(id);
  const violations = [
    ...believed,
    ...[...refused].filter((id) => observed.archive.has(id)).map((id) => `${id} was refused and is in the archive`),
    ...[...refused].filter((id) => homes.has(id)).map((id) => `${id} was refused and reached Temporal`),
    ...[...observed.archive.keys()].filter(isStrange).map((id) => `nobody made ${id}, and it is in the archive`),
    ...[...homes.keys()].filter(isStrange).map((id) => `nobody made ${id}`),
  ];
  return { id: 'I4', what: 'refused requests that got through', n: refused.size, violations };
}

/** I7: no run ever met a history that its code does not reproduce, and those that are replayed now do. */
export function noneDiverged(observed: Observed, { logged, replayed }: Divergence = UNREAD): Finding {
  const runs = observed.workflows.reduce((sum, { runIds }) => sum + runIds.length, 0);
  const causes = observed.workflows.flatMap(({ taskFailures }) => taskFailures);
  const met = observed.workflows.filter(({ taskFailures }) =>
    taskFailures.some((cause) => /NON_DETERMINISTIC/.test(cause)),
  );
  const violations = [
    ...met.map(({ workflowId }) => `${workflowId} met a history that its code does not reproduce`),
    ...logged.map((line) => `a worker said: ${line}`),
    ...(replayed?.failed ?? []),
  ];
  const counts = [...grouped(causes, (cause) => cause)].map(([cause, all]) => `${all.length} ${short(cause)}`);
  const failures = counts.length > 0 ? `task failures: ${counts.join(', ')}` : 'no task failure';
  const note = replayed ? `${failures}; ${replayed.n} runs replayed` : failures;
  return { id: 'I7', what: 'non-deterministic tasks', n: runs, violations, note };
}

const UNREAD: Divergence = { logged: [], replayed: null };
const short = (cause: string): string => cause.replace('WORKFLOW_TASK_FAILED_CAUSE_', '').toLowerCase();

/** I8: two ways of hearing one set of events end in the same state. */
export function sameEnds<T>(pairs: readonly { readonly name: string; readonly one: T; readonly other: T }[]): Finding {
  const violations = pairs
    .filter(({ one, other }) => JSON.stringify(one) !== JSON.stringify(other))
    .map(({ name }) => `${name} ended differently`);
  return { id: 'I8', what: 'orders that end differently', n: pairs.length, violations };
}

const MOST_GROWTH = 0.05;

/** I9: memory does not grow in the last half of a soak. */
export function memoryIsFlat(memory: MemoryLog, mostMb = Infinity): Finding {
  const growth = memory.growth();
  const violations = growth.flatMap(({ name, share, peakMb }) => [
    ...(share > MOST_GROWTH ? [`${name} grew by ${(share * 100).toFixed(1)} % in the last half`] : []),
    ...(peakMb > mostMb ? [`${name} took ${peakMb.toFixed(0)} MB, ${mostMb} are allowed`] : []),
  ]);
  const note = growth.map(({ name, peakMb }) => `${name} ${peakMb.toFixed(0)} MB`).join(', ');
  const n = growth.reduce((sum, one) => sum + one.n, 0);
  return { id: 'I9', what: 'processes that grow', n, violations, note };
}

/** To which workflows each event was signalled. */
function homesOf(workflows: readonly WorkflowSeen[]): ReadonlyMap<string, ReadonlySet<string>> {
  const homes = new Map<string, Set<string>>();
  for (const { workflowId, signalled } of workflows)
    for (const id of signalled) homes.set(id, (homes.get(id) ?? new Set()).add(workflowId));
  return homes;
}
