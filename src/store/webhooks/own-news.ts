import { type Kysely, sql, type Transaction } from 'kysely';
import type { Projection } from '../../contracts/activities.js';
import type { EndpointKey } from '../../contracts/webhooks.js';
import type { EntityKey } from '../../domain/event/key.js';
import type { LogEntry } from '../../domain/onboarding/log.js';
import type { OnboardingView } from '../../domain/onboarding/present.js';
import type { OutgoingMessage } from '../../domain/outgoing/message.js';
import { openedEventId } from '../../domain/outgoing/own-id.js';
import { ownMessages } from '../../domain/outgoing/own-messages.js';
import type { Before } from '../../domain/outgoing/projection.js';
import { indexed, storable } from '../column-values.js';
import type { Tables } from '../tables.js';
import type { WebhookDeps } from './deps.js';
import { applicationOf, tell } from './emission.js';
import { holdAwake } from './write-messages.js';

/** The store as a projection finds it, and what of the log it may replace. */
export interface Found extends Before {
  readonly told: ReadonlySet<string>;
  /** From the first entry that the projection brings, by number. */
  readonly log: ReadonlyMap<number, { readonly text: string; readonly entry: LogEntry }>;
}

/**
 * To be asked before anything of the projection is written. Undefined where nobody subscribes to what is of its mode: that
 * is one look into an index.
 */
export async function findBefore(trx: Transaction<Tables>, projection: Projection): Promise<Found | undefined> {
  const { entity, escalations, log } = projection;
  const { rows } = await sql<{ view: OnboardingView | null }>`
    select (select view from onboardings where ${isOf(entity, sql.ref('id'))} for update) as view
    from endpoints where application_id = ${applicationOf(entity.mode)} limit 1`.execute(trx);
  const [heard] = rows;
  if (!heard) return undefined;
  const named = [...new Set([...escalations.map(({ id }) => id), ...log.flatMap(escalationsOf)])];
  const found = await trx
    .selectFrom('escalations')
    .select('view')
    .where((is) => is.or([is('id', 'in', ['', ...named.map(indexed)]), isOf(entity, sql.ref('onboarding_id'))]))
    .orderBy('id')
    .execute();
  const views = found.map(({ view }) => view);
  const ids = [...new Set([...named, ...views.map(({ id }) => id)])];
  return {
    view: heard.view,
    escalations: views,
    told: await toldOf(trx, entity, ids),
    log: await logOf(trx, projection),
  };
}

/** Told in the transaction that projected it. `isNewest`: it is newer than what stood there. */
export async function tellNews(
  trx: Transaction<Tables>,
  projection: Projection,
  found: Found,
  isNewest: boolean,
  deps: Pick<WebhookDeps, 'now' | 'nowReal'>,
): Promise<readonly EndpointKey[]> {
  const { news, undone } = changesOf(projection, found, isNewest);
  const { entity, workflowId, revision, view, escalations } = projection;
  // Of one that comes late only its entries are news: the view after it is the one that stands.
  const before = isNewest ? found : { ...found, view };
  const after = { entity, workflowId, revision, view, escalations: isNewest ? escalations : [], at: deps.now() };
  const messages = ownMessages(before, after, news, undone);
  if (messages.length === 0) return [];
  await holdAwake(trx, [applicationOf(entity.mode)]);
  const told = messages.map((message) => ({ message, at: happenedAt(message) }));
  // Temporal's clock: by that of a worker which is ahead it would be due when every other clock has come so far (4 minutes, seen).
  const newest = Math.max(...(news.length > 0 ? news : told).map(({ at }) => at));
  return tell(trx, told, { dueAt: Math.min(deps.now(), newest), nowReal: deps.nowReal() });
}

const happenedAt = ({ payload }: OutgoingMessage): number =>
  Date.parse((JSON.parse(payload) as { readonly timestamp: string }).timestamp);

function changesOf({ log }: Projection, found: Found, isNewest: boolean) {
  const texts = new Map(log.map((entry) => [entry.seq, JSON.stringify(entry)]));
  const stood = (seq: number) => found.log.get(seq);
  if (!isNewest) return { news: log.filter(({ seq }) => !stood(seq)), undone: [] };
  return {
    news: log.filter(({ seq }) => stood(seq)?.text !== texts.get(seq)),
    undone: [...found.log].filter(([seq, { text }]) => texts.get(seq) !== text).map(([, { entry }]) => entry),
  };
}

async function toldOf(
  trx: Kysely<Tables>,
  { mode }: EntityKey,
  escalationIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (escalationIds.length === 0) return new Set();
  const rows = await trx
    .selectFrom('messages')
    .select('event_id')
    .where('application_id', '=', applicationOf(mode))
    .where('event_id', 'in', escalationIds.map(openedEventId))
    .execute();
  return new Set(rows.flatMap(({ event_id }) => event_id ?? []));
}

async function logOf(trx: Kysely<Tables>, { entity, log }: Projection): Promise<Found['log']> {
  const [first] = log;
  if (!first) return new Map();
  const rows = await trx
    .selectFrom('decision_log')
    .select(['seq', 'entry', sql<string>`entry::text`.as('text')])
    .where(isOf(entity, sql.ref('onboarding_id')))
    .where('seq', '>=', first.seq)
    .orderBy('seq')
    .execute();
  return new Map(rows.map(({ seq, entry, text }) => [seq, { entry, text }]));
}

/** The escalations that an entry names. */
function escalationsOf({ what }: LogEntry): readonly string[] {
  switch (what.kind) {
    case 'action':
      return 'escalationId' in what.action ? [what.action.escalationId] : [];
    case 'concluded':
      return what.send.split('/').slice(0, 1);
    case 'customer':
      return what.standing.handedOver.map(({ escalation }) => escalation.id);
    default:
      return 'escalation' in what && what.escalation !== undefined ? [what.escalation] : [];
  }
}

const isOf = ({ workspace, mode, id }: EntityKey, column: ReturnType<typeof sql.ref>) =>
  sql<boolean>`(${column} = ${indexed(id)} and workspace = ${storable(workspace)} and mode = ${mode})`;
