import { type Kysely, sql, type Transaction } from 'kysely';
import { type Turn, TurnLost } from '../../contracts/delivery.js';
import { type DisabledBy, type EndpointKey, OWN_APPLICATIONS } from '../../contracts/webhooks.js';
import type { Tables } from '../tables.js';
import type { WebhookDeps } from './deps.js';
import { messageIdOf } from './ids.js';
import { disabledMessage, failingMessage } from './standing-message.js';
import { holdAwake, messageRow, writeMessages } from './write-messages.js';

/** Null where the endpoint is gone. On disk before it is answered: a number is never given out twice. */
export async function takeTurn(db: Kysely<Tables>, endpoint: EndpointKey): Promise<Turn | null> {
  const { rows } = await sql<{ turn: number }>`
    update endpoints set turn = turn + 1, asleep = false, wake_wanted_real_ms = null
    where application_id = ${endpoint.application} and id = ${endpoint.id}
    returning turn`.execute(db);
  return rows[0] ? { endpoint, number: rows[0].turn } : null;
}

export function turnLost({ endpoint, number }: Turn): TurnLost {
  return new TurnLost(
    `Turn ${number} of endpoint ${endpoint.id} was taken by another; nothing is to be done, that one goes on.`,
  );
}

/** Disables it and tells so, in one commit and once; one that is disabled already stays so for the reason it was. */
export function disable(deps: WebhookDeps, turn: Turn, by: DisabledBy, why: string): Promise<void> {
  return telling(deps, turn, async (trx, standing) => {
    if (standing.disabled !== null) return undefined;
    await trx
      .updateTable('endpoints')
      .set({ disabled: by, updated_ms: deps.now() })
      .where('id', '=', turn.endpoint.id)
      .execute();
    return disabledMessage(turn.endpoint, standing, why, deps.now());
  });
}

export function warn(deps: WebhookDeps, turn: Turn, failures: number): Promise<void> {
  return telling(deps, turn, async (_, standing) => failingMessage(turn, standing, failures, deps.now()));
}

export interface Standing {
  readonly turn: number;
  readonly url: string;
  readonly version: number;
  readonly failures: number;
  readonly disabled: DisabledBy | null;
}

/** The message goes to the application `slipway`. Of an endpoint that is gone nothing is told. */
async function telling(
  deps: WebhookDeps,
  turn: Turn,
  act: (trx: Transaction<Tables>, standing: Standing) => Promise<ReturnType<typeof disabledMessage> | undefined>,
): Promise<void> {
  const application = OWN_APPLICATIONS.live.id;
  const woken = await deps.db.transaction().execute(async (trx) => {
    await holdAwake(trx, [application]);
    const standing = await trx
      .selectFrom('endpoints')
      .select(['turn', 'url', 'version', 'failures', 'disabled'])
      .where('application_id', '=', turn.endpoint.application)
      .where('id', '=', turn.endpoint.id)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (!standing) return [];
    if (standing.turn !== turn.number) throw turnLost(turn);
    const message = await act(trx, standing);
    if (!message) return [];
    const { id, type, of, payload } = message;
    const at = deps.now();
    const row = messageRow(application, messageIdOf(application, id, at), at, {
      eventType: type,
      eventId: id,
      channels: null,
      tags: null,
      payload,
      orderKey: of,
    });
    return (await writeMessages(trx, [row], deps.nowReal())).woken;
  });
  if (woken.length > 0) deps.onWake(woken);
}
