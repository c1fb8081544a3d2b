import { type Kysely, sql } from 'kysely';
import type { GateQuestion } from '../contracts/activities.js';
import type { Gate } from '../contracts/read-model.js';
import { toVirtual } from '../domain/time/clock.js';
import { indexed } from './column-values.js';
import { answerGate, type GateAnswer, type GateFacts, heardSince } from './gate-answer.js';
import type { HeardSpan } from './silence.js';
import type { Tables } from './tables.js';
import { reaching } from './unavailable.js';

/** So many old events of a source within `settle` are a backlog and no straggler. */
const BACKLOG = 3;

/** Asks the archive and the heartbeats. A store that does not answer is a failed try (`StoreUnavailable`), no permission. */
export class StoredGate implements Gate {
  readonly #db: Kysely<Tables>;
  readonly #now: () => number;

  constructor(db: Kysely<Tables>, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  async ask(question: GateQuestion): Promise<GateAnswer> {
    if (!question.applies) return { open: true };
    const now = this.#now();
    const facts = await reaching(() => this.#facts(question, now));
    return answerGate(question, facts, now);
  }

  async #facts(question: GateQuestion, now: number): Promise<GateFacts> {
    const [arrivals, heard] = await Promise.all([
      this.#arrivals(question, now),
      this.#heard(heardSince(question, now)),
    ]);
    return { ...arrivals, heard };
  }

  async #arrivals(question: GateQuestion, now: number): Promise<Omit<GateFacts, 'heard'>> {
    const workflowId = indexed(question.workflowId);
    const since = toVirtual(question.clock, now) - question.settleMs;
    // The hour is the index's own predicate and must stay literal.
    const { rows } = await sql<{ waiting: number; own: number | null; sources: number | null }>`
      select
        (select count(*) from inbox join dispatch using (seq)
          where inbox.workflow_id = ${workflowId} and dispatch.state = 'pending') as waiting,
        (select max(received_virtual_ms) from inbox
          where workflow_id = ${workflowId} and received_virtual_ms >= ${since}
            and received_virtual_ms - occurred_virtual_ms > 3600000) as own,
        (select max(last) from (
          select max(received_virtual_ms) as last from inbox
          where source = any(${question.sources}::text[]) and received_virtual_ms >= ${since}
            and received_virtual_ms - occurred_virtual_ms > 3600000
          group by source having count(*) >= ${BACKLOG}) as backlogs) as sources`.execute(this.#db);
    const row = rows[0];
    return { waiting: row?.waiting ?? 0, ownOldArrival: row?.own ?? null, sourceOldArrival: row?.sources ?? null };
  }

  /** Spans that end at or after the instant, and the last one before it, which a silence may begin with. */
  async #heard(since: number): Promise<readonly HeardSpan[]> {
    const { rows } = await sql<{ from_real_ms: number; last_real_ms: number }>`
      select from_real_ms, last_real_ms from heard where last_real_ms >= ${since}
      union all
      (select from_real_ms, last_real_ms from heard where last_real_ms < ${since} order by last_real_ms desc limit 1)`.execute(
      this.#db,
    );
    return rows.map(({ from_real_ms, last_real_ms }) => ({ from: from_real_ms, last: last_real_ms }));
  }
}
