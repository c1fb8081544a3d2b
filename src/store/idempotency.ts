import { createHash, randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { AskedChange, AuditEntry, Begun, ChangeLedger } from '../contracts/audit.js';
import { enter } from './audit.js';
import { indexed } from './column-values.js';
import { LEASE_MS } from './heartbeats.js';
import type { Tables } from './tables.js';
import { reaching } from './unavailable.js';

/** How long a repeat is answered as the first request was, on the database's clock: as others who take this header do. */
const KEPT_HOURS = 24;
/** So many rows that nobody needs any more are cleared at each change: faster than they come, and never a long pause. */
const CLEARED_AT_ONCE = 100;

/**
 * Changes that were asked for, one row each while they are under way; a row with a repeatable request stays for a day.
 * A row belongs to the server that began it: where that server is gone, its heartbeat tells so, the row is free.
 */
export class StoredChanges implements ChangeLedger {
  readonly #db: Kysely<Tables>;
  readonly #serverId: string;
  readonly #now: () => number;

  constructor(db: Kysely<Tables>, serverId: string, now: () => number) {
    this.#db = db;
    this.#serverId = serverId;
    this.#now = now;
  }

  begin({ actor, action, subject, repeat }: AskedChange): Promise<Begun> {
    const id = repeat ? digest(repeat.request) : randomBytes(32);
    const body = repeat ? digest(repeat.body) : null;
    return reaching(async () => {
      await this.#clear();
      const begun = await this.#db
        .insertInto('changes')
        .values({
          id,
          body_sha256: body,
          server_id: this.#serverId,
          actor: indexed(actor),
          action: indexed(action),
          subject: indexed(subject),
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .executeTakeFirst();
      if (begun) return { state: 'begun', ticket: id.toString('hex') };
      const earlier = await this.#db
        .selectFrom('changes')
        .select(['body_sha256', 'done', 'answer'])
        .where('id', '=', id)
        .executeTakeFirst();
      if (!earlier) return { state: 'under_way' };
      if (body && earlier.body_sha256 && !body.equals(earlier.body_sha256)) return { state: 'another_body' };
      return earlier.done ? { state: 'done', answer: earlier.answer } : { state: 'under_way' };
    });
  }

  conclude(ticket: string, entry: AuditEntry, answer: unknown): Promise<void> {
    const id = Buffer.from(ticket, 'hex');
    return reaching(() =>
      this.#db.transaction().execute(async (trx) => {
        await enter(trx, entry);
        const own = trx.deleteFrom('changes').where('id', '=', id).where('server_id', '=', this.#serverId);
        await own.where('body_sha256', 'is', null).execute();
        await trx
          .updateTable('changes')
          .set({ done: true, answer: JSON.stringify(answer) })
          .where('id', '=', id)
          .where('server_id', '=', this.#serverId)
          .execute();
      }),
    );
  }

  release(ticket: string): Promise<void> {
    return reaching(async () => {
      await this.#db
        .deleteFrom('changes')
        .where('id', '=', Buffer.from(ticket, 'hex'))
        .where('server_id', '=', this.#serverId)
        .where('done', '=', false)
        .execute();
    });
  }

  /**
   * Enters what a server that is gone left in the middle, and forgets what is over. Two servers that clear at once take
   * different rows.
   */
  async #clear(): Promise<void> {
    await sql`
      with left_over as (
        delete from changes where id in (
          select id from changes c
          where not done and begun_at < clock_timestamp() - make_interval(secs => ${LEASE_MS / 1000})
            and not exists (
              select 1 from servers s where s.server_id = c.server_id
                and s.last_seen_at > clock_timestamp() - make_interval(secs => ${LEASE_MS / 1000})
            )
          order by begun_at limit ${CLEARED_AT_ONCE} for update skip locked
        ) returning actor, action, subject
      )
      insert into audit (at_real_ms, actor, action, subject, after, reason)
      select ${this.#now()}, actor, action, subject, '{"outcome":"unknown"}',
        'The server that was doing it ended in the middle: it may or may not have been done.'
      from left_over`.execute(this.#db);
    await sql`
      delete from changes where id in (
        select id from changes
        where done and begun_at < clock_timestamp() - make_interval(hours => ${KEPT_HOURS})
        order by begun_at limit ${CLEARED_AT_ONCE} for update skip locked
      )`.execute(this.#db);
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
