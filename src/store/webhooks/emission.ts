import { sql, type Transaction } from 'kysely';
import { type EndpointKey, OWN_APPLICATIONS } from '../../contracts/webhooks.js';
import type { OutgoingMessage } from '../../domain/outgoing/message.js';
import { reemission } from '../../domain/outgoing/reemission.js';
import type { Mode } from '../../domain/policy/policy-file.js';
import type { Tables } from '../tables.js';
import type { WebhookDeps } from './deps.js';
import { messageIdOf } from './ids.js';
import { holdAwake, messageRow, writeMessages } from './write-messages.js';

/** Whom what is of that mode is told to. */
export const applicationOf = (mode: Mode): string => OWN_APPLICATIONS[mode].id;

/** Whether anybody has subscribed to what Slipway itself has to tell; two looks into an index. */
const IS_HEARD = sql<boolean>`(
  exists (select from endpoints where application_id = ${sql.lit(applicationOf('live'))})
  or exists (select from endpoints where application_id = ${sql.lit(applicationOf('test'))}))`;

/** Bodies are read whole; of more rows than this not all at once. */
const MAX_ROWS = 200;

export type SettledAs = 'signalled' | 'late';

/**
 * Marks rows of the archive done. Where there is an endpoint of Slipway's own applications, the events are told to it in
 * the same commit, in the order in which they arrived; where there is none that costs no statement. One that is settled
 * again, since it was signalled again, is told under the same ids, which are there already.
 */
export class Settling {
  readonly #deps: WebhookDeps;

  /** `db` may lose what it writes in a crash of the server: mark and message are lost together, and done again. */
  constructor(deps: WebhookDeps) {
    this.#deps = deps;
  }

  async settle(seqs: readonly string[], outcome: SettledAs): Promise<void> {
    if (!(await this.#settleUnheard(seqs, outcome))) return;
    const inOrder = seqs.toSorted((a, b) => Number(a) - Number(b));
    for (let from = 0; from < inOrder.length; from += MAX_ROWS)
      await this.#settleHeard(inOrder.slice(from, from + MAX_ROWS), outcome);
  }

  /** True where it did nothing, since somebody hears. */
  async #settleUnheard(seqs: readonly string[], outcome: SettledAs): Promise<boolean> {
    const { rows } = await sql<{ is_heard: boolean }>`
      with heard as materialized (
        select ${IS_HEARD} as is_heard
      ), settled as (
        update dispatch set state = ${outcome}, settled_real_ms = ${this.#deps.nowReal()}
        where seq = any(${seqs}::bigint[]) and state = 'pending' and not (select is_heard from heard)
      )
      select is_heard from heard`.execute(this.#deps.db);
    return rows[0]?.is_heard === true;
  }

  async #settleHeard(seqs: readonly string[], outcome: SettledAs): Promise<void> {
    const woken = await this.#deps.db.transaction().execute(async (trx) => {
      await holdAwake(trx, [applicationOf('live'), applicationOf('test')]);
      const { rows } = await sql<ArchivedRow>`
        with settled as (
          update dispatch set state = ${outcome}, settled_real_ms = ${this.#deps.nowReal()}
          where seq = any(${seqs}::bigint[]) and state = 'pending'
          returning seq
        )
        select i.event_id, i.type, a.mode, i.org, i.occurred_virtual_ms, i.received_virtual_ms, i.workflow_id, i.body
        from settled s join inbox i on i.seq = s.seq
        join (values (${applicationOf('live')}, 'live'), (${applicationOf('test')}, 'test')) as a (id, mode)
          on a.mode = case when starts_with(i.workflow_id, 'test/') then 'test' else 'live' end
        where exists (select from endpoints e where e.application_id = a.id)
        order by i.seq`.execute(trx);
      return tell(trx, rows.flatMap(reemitted), { dueAt: this.#deps.now(), nowReal: this.#deps.nowReal() });
    });
    if (woken.length > 0) this.#deps.onWake(woken);
  }
}

interface ArchivedRow {
  readonly event_id: string;
  readonly type: string | null;
  readonly mode: Mode;
  readonly org: string | null;
  readonly occurred_virtual_ms: number | null;
  readonly received_virtual_ms: number;
  readonly workflow_id: string;
  readonly body: Buffer;
}

function reemitted(row: ArchivedRow): readonly Told[] {
  const message = reemission({
    eventId: row.event_id,
    type: row.type,
    mode: row.mode,
    org: row.org,
    occurredAt: row.occurred_virtual_ms,
    receivedAt: row.received_virtual_ms,
    of: row.workflow_id,
    body: row.body.toString('utf8'),
  });
  return message ? [{ message, at: row.occurred_virtual_ms ?? row.received_virtual_ms }] : [];
}

/** `at`: when it happened, virtual epoch ms, for an id that is the same each time. */
export interface Told {
  readonly message: OutgoingMessage;
  readonly at: number;
}

/**
 * Writes own messages, within a transaction that holds their applications awake. What was told before stays as it was.
 * `dueAt`: virtual; they are made and due then.
 */
export async function tell(
  trx: Transaction<Tables>,
  told: readonly Told[],
  { dueAt, nowReal }: { readonly dueAt: number; readonly nowReal: number },
): Promise<readonly EndpointKey[]> {
  if (told.length === 0) return [];
  const rows = told.map(({ message: { mode, type, id, of, payload }, at }) => {
    const application = applicationOf(mode);
    return messageRow(application, messageIdOf(application, id, at), dueAt, {
      eventType: type,
      eventId: id,
      channels: null,
      tags: null,
      payload,
      orderKey: of,
    });
  });
  return (await writeMessages(trx, rows, nowReal)).woken;
}
