import { type Kysely, sql } from 'kysely';
import type { EndpointKey, Recovery, RecoveryTask } from '../../contracts/webhooks.js';
import type { Tables } from '../tables.js';
import { reaching } from '../unavailable.js';
import type { WebhookDeps } from './deps.js';
import { newId } from './ids.js';
import { messageSeq } from './message-reads.js';
import { nudge } from './nudge.js';
import { END } from './span.js';
import { WANTS } from './wants.js';

/**
 * What an operator asks of deliveries, each in one statement however many they are. All of it is due at once, in the lane
 * that may not starve live messages. A message that was about somebody who is erased is left alone.
 */
export class StoredRecovery implements Recovery {
  readonly #deps: WebhookDeps;

  constructor(deps: WebhookDeps) {
    this.#deps = deps;
  }

  /**
   * A delivery that still waits goes on with its schedule after this attempt; one that had ended gets this attempt alone;
   * a message that the endpoint was never given begins its schedule. False, too, where there is no such endpoint.
   */
  async resend(key: EndpointKey, messageId: string): Promise<boolean> {
    // The row of the message is held, so that retention does not take it away while a delivery of it is written.
    const queued = await this.#queue(key, (trx, at) =>
      sql`
        with message as (
          select seq, order_key from messages m
          where m.seq = ${messageSeq(key.application, messageId)} and not m.erased for key share
        )
        insert into deliveries (endpoint_id, message_seq, order_key, state, lane, manual, next_ms)
        select ${key.id}, seq, order_key, 'pending', 1, true, ${at} from message
        on conflict (endpoint_id, message_seq) do update set
          state = 'pending', lane = 1, manual = true, next_ms = excluded.next_ms,
          ended_as = case when deliveries.state = 'pending' then deliveries.ended_as else deliveries.state end,
          revision = deliveries.revision + 1`.execute(trx),
    );
    return queued > 0;
  }

  /** Of messages from `since` on and before `until`, virtual. A resend of one that was delivered is none of them. */
  async recover(key: EndpointKey, since: number, until: number | null): Promise<RecoveryTask> {
    const deliveries = await this.#queue(key, (trx, at) =>
      sql`
        update deliveries d set state = 'pending', lane = 1, manual = true, tries = 0, first_ms = null,
          next_ms = ${at}, ended_as = null, revision = d.revision + 1
        from messages m
        where d.endpoint_id = ${key.id} and d.message_seq = m.seq and m.application_id = ${key.application}
          and m.created_ms >= ${since} and m.created_ms < ${until ?? END} and not m.erased
          and (d.state = 'failed' or d.state = 'pending' and d.tries > 0 and d.ended_as is distinct from 'delivered')`.execute(
        trx,
      ),
    );
    return this.#done('endpoint.recover', deliveries);
  }

  /** Of messages from `since` on and before `until`, virtual. */
  async replayMissing(key: EndpointKey, since: number, until: number | null): Promise<RecoveryTask> {
    const deliveries = await this.#queue(key, (trx, at) =>
      sql`
        insert into deliveries (endpoint_id, message_seq, order_key, state, lane, manual, next_ms)
        select e.id, m.seq, m.order_key, 'pending', 1, true, ${at}
        from endpoints e join messages m on m.application_id = e.application_id
        where e.id = ${key.id} and m.created_ms >= ${since} and m.created_ms < ${until ?? END}
          and not m.erased and ${sql.raw(WANTS)}
          and not exists (select from deliveries d where d.endpoint_id = e.id and d.message_seq = m.seq)
        order by m.seq
        for key share of m
        on conflict (endpoint_id, message_seq) do nothing`.execute(trx),
    );
    return this.#done('endpoint.replay', deliveries);
  }

  /**
   * Runs the statement while the endpoint is there; it is woken where anything is to be sent. The endpoint's row comes
   * first, as it does for whoever records attempts: the other way round two of them would wait for each other.
   */
  async #queue(
    key: EndpointKey,
    statement: (trx: Kysely<Tables>, at: number) => Promise<{ readonly numAffectedRows?: bigint }>,
  ): Promise<number> {
    const queued = await reaching(() =>
      this.#deps.db.transaction().execute(async (trx) => {
        const held = await trx
          .selectFrom('endpoints')
          .select('id')
          .where('application_id', '=', key.application)
          .where('id', '=', key.id)
          .forNoKeyUpdate()
          .executeTakeFirst();
        if (!held) return 0;
        const { numAffectedRows } = await statement(trx, this.#deps.now());
        const count = Number(numAffectedRows ?? 0n);
        if (count > 0) await nudge(trx, key, this.#deps.nowReal());
        return count;
      }),
    );
    if (queued > 0) this.#deps.onWake([key]);
    return queued;
  }

  #done(task: RecoveryTask['task'], deliveries: number): RecoveryTask {
    return { id: newId('qtask_', this.#deps.now()), task, status: 'finished', deliveries };
  }
}
