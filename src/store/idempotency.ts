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
/** Longer than any statement is waited for, so that a row as old was begun before this server said what it knows. */
const UNHEARD_SECONDS = 15;
/** No request takes as long, on the database's clock: a row as old was left behind, whatever its server says. */
const LONGEST_MINUTES = 10;
/** So many rows that nobody needs any more are cleared at each change: faster than they come, and never a long pause. */
const CLEARED_AT_ONCE = 100;

/**
 * Changes that were asked for, one row each while they are under way; a row with a repeatable request stays for a day.
 * A row belongs to the server that began it. Where that server is gone, as its heartbeat tells, or knows nothing of it any
 * more, the row is left over: it is entered as of unknown outcome, and the request may be made again.
 */
export class StoredChanges implements ChangeLedger {
  readonly #db: Kysely<Tables>;
  readonly #serverId: string;
  readonly #now: () => number;
  /** Ids of this server's rows. One that could not be released stays in the table and not here. */
  readonly #underWay = new Set<string>();

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
      const ticket = id.toString('hex');
      // One at a time on this server. Were two to try for the row, the one that loses would find it this server's own and
      // unknown to it, take it for left over, and both would make the change.
      if (this.#underWay.has(ticket)) return underWay(await this.#earlier(id, body));
      this.#underWay.add(ticket);
      let begun = false;
      try {
        const isTaken = await this.#take(id, body, { actor, action, subject });
        const found = isTaken ? 'own' : await this.#earlier(id, body);
        // A row of this server's own that it does not know of could not be released: it is taken up again.
        begun = found === 'own';
        return begun ? { state: 'begun', ticket } : underWay(found);
      } finally {
        if (!begun) this.#underWay.delete(ticket);
      }
    });
  }

  async #take(
    id: Buffer,
    body: Buffer | null,
    asked: Pick<AskedChange, 'actor' | 'action' | 'subject'>,
  ): Promise<boolean> {
    const taken = await this.#db
      .insertInto('changes')
      .values({
        id,
        body_sha256: body,
        server_id: this.#serverId,
        actor: indexed(asked.actor),
        action: indexed(asked.action),
        subject: indexed(asked.subject),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    return taken !== undefined;
  }

  /** What became of the request that came first. */
  async #earlier(id: Buffer, body: Buffer | null): Promise<'own' | Begun> {
    const earlier = await this.#db
      .selectFrom('changes')
      .select(['body_sha256', 'server_id', 'done', 'answer'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (!earlier) return { state: 'under_way' };
    if (body && earlier.body_sha256 && !body.equals(earlier.body_sha256)) return { state: 'another_body' };
    if (earlier.done) return { state: 'done', answer: earlier.answer };
    return earlier.server_id === this.#serverId ? 'own' : { state: 'under_way' };
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
    ).then(() => void this.#underWay.delete(ticket));
  }

  release(ticket: string, entry?: AuditEntry): Promise<void> {
    return reaching(() =>
      this.#db.transaction().execute(async (trx) => {
        const left = await trx
          .deleteFrom('changes')
          .where('id', '=', Buffer.from(ticket, 'hex'))
          .where('server_id', '=', this.#serverId)
          .where('done', '=', false)
          .returning('id')
          .executeTakeFirst();
        if (left && entry) await enter(trx, entry);
      }),
    ).finally(() => void this.#underWay.delete(ticket));
  }

  /**
   * Enters what was left in the middle, and forgets what is over. Two servers that clear at once take different rows.
   */
  async #clear(): Promise<void> {
    const known = [...this.#underWay].map((ticket) => Buffer.from(ticket, 'hex'));
    await sql`
      with left_over as (
        delete from changes where id in (
          select id from changes c
          where not done and (
            begun_at < clock_timestamp() - make_interval(mins => ${LONGEST_MINUTES})
            or (begun_at < clock_timestamp() - make_interval(secs => ${UNHEARD_SECONDS})
              and server_id = ${this.#serverId} and id <> all(${known}::bytea[]))
            or (begun_at < clock_timestamp() - make_interval(secs => ${LEASE_MS / 1000}) and not exists (
              select 1 from servers s where s.server_id = c.server_id
                and s.last_seen_at > clock_timestamp() - make_interval(secs => ${LEASE_MS / 1000})
            ))
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

const underWay = (found: 'own' | Begun): Begun => (found === 'own' ? { state: 'under_way' } : found);

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
