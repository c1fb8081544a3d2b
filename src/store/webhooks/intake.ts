import type pg from 'pg';
import type { Created, Message, MessageStore, NewMessage } from '../../contracts/webhooks.js';
import { indexed } from '../column-values.js';
import { GroupCommit } from '../group-commit.js';
import { reaching } from '../unavailable.js';
import type { WebhookDeps } from './deps.js';
import { newId } from './ids.js';
import { LOCK_SHARED } from './sleep-lock.js';
import { findTaken } from './taken-messages.js';
import { type MessageRow, messageRow, rowsAsJson, WRITE, type WrittenMessages } from './write-messages.js';

const MAX_BATCH_ROWS = 500;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
const MAX_WAIT_MS = 700;
/** With 32 clients who wait for their answers 8 % more messages are taken a second (measured). */
const GATHER_MS = 4;
/** About three seconds' worth at full speed: whoever waits longer is better served by a 503 now. */
const MAX_WAITING = 10_000;

export interface IntakeDeps extends Pick<WebhookDeps, 'now' | 'nowReal' | 'onWake'> {
  /** A connection that only messages taken in use; what it commits is on disk. */
  readonly intake: pg.Pool;
}

interface Asked {
  /** Id or uid of the application. */
  readonly ref: string;
  readonly id: string;
  readonly at: number;
  readonly message: NewMessage;
}

/** Takes messages in. Those that wait for the same commit share it, in the order they came. */
export class MessageIntake implements Pick<MessageStore, 'create'> {
  readonly #deps: IntakeDeps;
  readonly #commits: GroupCommit<Asked, Created>;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
    this.#commits = new GroupCommit<Asked, Created>({
      write: (batch) => this.#write(batch),
      bytesOf: ({ message }) => message.payload.length,
      maxItems: MAX_BATCH_ROWS,
      maxBytes: MAX_BATCH_BYTES,
      maxWaiting: MAX_WAITING,
      maxWaitMs: MAX_WAIT_MS,
      gatherMs: GATHER_MS,
    });
  }

  create(applicationIdOrUid: string, message: NewMessage): Promise<Created> {
    const at = this.#deps.now();
    const asked = { ref: indexed(applicationIdOrUid), id: newId('msg_', at), at, message };
    return reaching(() => this.#commits.add(asked));
  }

  /** Takes nothing more; resolves once all that waits is answered. */
  close(): Promise<void> {
    return this.#commits.close();
  }

  /** A connection on which anything went wrong is thrown away: the next batch opens another. */
  async #write(batch: readonly Asked[]): Promise<readonly Created[]> {
    const { created, woken } = await reaching(async () => {
      const client = await this.#deps.intake.connect();
      let failed = true;
      try {
        await client.query('begin');
        const answer = await this.#writeWithin(client, batch);
        await client.query('commit');
        failed = false;
        return answer;
      } finally {
        client.release(failed);
      }
    });
    if (woken.length > 0) this.#deps.onWake(woken);
    return created;
  }

  async #writeWithin(client: pg.ClientBase, batch: readonly Asked[]) {
    const applications = await lock(client, batch);
    const rows = batch.flatMap(({ ref, id, at, message }) => {
      const application = applications.get(ref);
      return application === undefined ? [] : [messageRow(application, id, at, message)];
    });
    const { written, woken } = rows.length > 0 ? await this.#insert(client, rows) : NOTHING;
    const isWritten = new Set(written);
    const left = rows.filter(({ id }) => !isWritten.has(id));
    const taken = left.length > 0 ? await findTaken(client, rows, left) : new Map<string, Created>();
    const byId = new Map(rows.map((row) => [row.id, row]));
    const created = batch.map(({ id }): Created => {
      const row = byId.get(id);
      if (!row) return { outcome: 'unknown_application' };
      return taken.get(id) ?? { outcome: 'created', message: asMessage(row) };
    });
    return { created, woken };
  }

  async #insert(client: pg.ClientBase, rows: readonly MessageRow[]): Promise<WrittenMessages> {
    const { rows: answers } = await client.query<WrittenMessages>({
      name: 'slipway_messages',
      text: WRITE,
      values: [rowsAsJson(rows), this.#deps.nowReal()],
    });
    return answers[0] ?? NOTHING;
  }
}

const NOTHING: WrittenMessages = { written: [], woken: [] };

/** Holds the applications awake; their ids by what they were called. An id comes before another's uid. */
async function lock(client: pg.ClientBase, batch: readonly Asked[]): Promise<ReadonlyMap<string, string>> {
  const refs = [...new Set(batch.map(({ ref }) => ref))];
  const { rows } = await client.query<{ id: string; uid: string | null }>({
    name: 'slipway_messages_lock',
    text: LOCK_SHARED,
    values: [refs],
  });
  const uids = rows.flatMap(({ id, uid }) => (uid === null ? [] : [[uid, id] as const]));
  return new Map([...uids, ...rows.map(({ id }) => [id, id] as const)]);
}

const asMessage = (row: MessageRow): Message => ({
  id: row.id,
  application: row.application_id,
  eventType: row.event_type,
  eventId: row.event_id,
  channels: row.channels,
  tags: row.tags,
  payload: row.payload,
  at: row.created_ms,
});
