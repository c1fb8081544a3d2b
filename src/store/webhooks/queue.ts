import type { DeliveryQueue, DuePage, Outcome, Turn } from '../../contracts/delivery.js';
import type { DisabledBy, EndpointKey } from '../../contracts/webhooks.js';
import { reaching } from '../unavailable.js';
import type { WebhookDeps } from './deps.js';
import { due } from './due.js';
import type { QueueListener } from './listen.js';
import { record } from './record.js';
import { type Rest, rest } from './rest.js';
import type { EndpointSecrets } from './secrets.js';
import { disable, takeTurn, warn } from './turns.js';

/** The queue in PostgreSQL, as the turns of an endpoint see it. Everything throws `StoreUnavailable`. */
export class StoredQueue implements DeliveryQueue {
  readonly #deps: WebhookDeps;
  readonly #secrets: EndpointSecrets;
  readonly #listener: QueueListener;

  constructor(deps: WebhookDeps, secrets: EndpointSecrets, listener: QueueListener) {
    this.#deps = deps;
    this.#secrets = secrets;
    this.#listener = listener;
  }

  takeTurn(endpoint: EndpointKey): Promise<Turn | null> {
    return reaching(() => takeTurn(this.#deps.db, endpoint));
  }

  due(turn: Turn, at: number, limit: number, underWay: readonly string[]): Promise<DuePage> {
    return reaching(() => due(this.#deps.db, this.#secrets, turn, { at, limit, underWay }));
  }

  record(turn: Turn, outcomes: readonly Outcome[]): Promise<{ readonly failures: number }> {
    return reaching(() => record(this.#deps.db, turn, outcomes, this.#deps.nowReal()));
  }

  disable(turn: Turn, by: DisabledBy, why: string): Promise<void> {
    return reaching(() => disable(this.#deps, turn, by, why));
  }

  warn(turn: Turn, failures: number): Promise<void> {
    return reaching(() => warn(this.#deps, turn, failures));
  }

  rest(turn: Turn, at: number): Promise<Rest> {
    return reaching(() => rest(this.#deps.db, turn, at));
  }

  listen(endpoint: EndpointKey, queued: () => void): Promise<{ close(): void }> {
    return this.#listener.listen(endpoint.id, queued);
  }
}
