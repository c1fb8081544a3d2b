import { type Kysely, type Selectable, sql } from 'kysely';
import type { EventFilter, EventReads, EventRow, EventStatus, Page, StoredEvent } from '../contracts/read-model.js';
import { escapePart } from '../domain/escalation/escalation-id.js';
import { indexed, storable } from './column-values.js';
import { decodeCursor, encodeCursor, pageOf, pageSize } from './cursor.js';
import type { Tables } from './tables.js';
import { reaching } from './unavailable.js';

const ORDER = 'events';
/** What `eventsOf` reads at the most: an onboarding's whole life, not a list for people. */
const MAX_OF_WORKFLOW = 10_000;

const STATUS = sql<EventStatus>`coalesce(dispatch.state, 'unrouted')`;
/** Read from the id and not from the route: PostgreSQL cannot look into a document that has a NUL in any of its texts. */
const WORKSPACE = sql<string>`split_part(regexp_replace(inbox.workflow_id, '^test/', ''), '/', 2)`;
const IS_TEST = sql<boolean>`(inbox.workflow_id like 'test/%')`;

/** The archive as people look at it. */
export class StoredEvents implements EventReads {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  events(filter: EventFilter): Promise<Page<EventRow>> {
    return reaching(async () => {
      const limit = pageSize(filter.limit);
      const rows = await this.#filtered(filter)
        .orderBy('inbox.seq', 'desc')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, shown, (row) => encodeCursor(ORDER, [row.seq]));
    });
  }

  #filtered({ type, source, workspace, mode, workflowId, status, cursor }: EventFilter) {
    let query = this.#rows();
    if (type !== undefined) query = query.where('inbox.type', '=', storable(type));
    if (source !== undefined) query = query.where('inbox.source', '=', storable(source));
    if (workspace !== undefined) query = query.where(WORKSPACE, '=', escapePart(storable(workspace)));
    if (mode !== undefined) query = query.where(IS_TEST, '=', mode === 'test');
    if (workflowId !== undefined) query = query.where('inbox.workflow_id', '=', indexed(workflowId));
    if (status === 'unrouted') query = query.where('inbox.workflow_id', 'is', null);
    else if (status !== undefined) query = query.where('dispatch.state', '=', status);
    if (cursor !== undefined) {
      const [seq] = decodeCursor(cursor, ORDER, ['number']);
      query = query.where('inbox.seq', '<', Number(seq));
    }
    return query;
  }

  event(ref: string): Promise<StoredEvent | undefined> {
    return reaching(async () => {
      const query = this.#rows().select(['inbox.headers', 'inbox.body', 'inbox.secret']);
      const isSeq = /^\d{1,15}$/.test(ref);
      const one = isSeq ? query.where('inbox.seq', '=', Number(ref)) : query.where('inbox.event_id', '=', indexed(ref));
      const row = await one.orderBy('inbox.seq', 'desc').limit(1).executeTakeFirst();
      return row && { ...shown(row), headers: row.headers, body: row.body, secret: row.secret };
    });
  }

  eventsOf(workflowId: string, limit: number): Promise<readonly EventRow[]> {
    return reaching(async () => {
      const rows = await this.#rows()
        .where('inbox.workflow_id', '=', indexed(workflowId))
        .orderBy('inbox.seq', 'desc')
        .limit(Math.max(1, Math.min(limit, MAX_OF_WORKFLOW)))
        .execute();
      return rows.map(shown).reverse();
    });
  }

  #rows() {
    return this.#db
      .selectFrom('inbox')
      .leftJoin('dispatch', 'dispatch.seq', 'inbox.seq')
      .select([
        'inbox.seq',
        'inbox.event_id',
        'inbox.source',
        'inbox.type',
        'inbox.delivery_id',
        'inbox.received_real_ms',
      ])
      .select([
        'inbox.received_virtual_ms',
        'inbox.occurred_virtual_ms',
        'inbox.quarantined',
        'inbox.route',
        'inbox.org',
      ])
      .select(['inbox.duplicates', STATUS.as('status')]);
  }
}

type Row = Omit<Selectable<Tables['inbox']>, 'body' | 'body_sha256' | 'headers' | 'secret' | 'workflow_id'> & {
  readonly status: EventStatus;
};

function shown(row: Row): EventRow {
  return {
    seq: String(row.seq),
    eventId: row.event_id,
    source: row.source,
    type: row.type,
    deliveryId: row.delivery_id,
    receivedAt: row.received_real_ms,
    receivedVirtual: row.received_virtual_ms,
    occurredAt: row.occurred_virtual_ms,
    status: row.status,
    quarantined: row.quarantined,
    route: row.route,
    org: row.org,
    duplicates: row.duplicates,
  };
}
