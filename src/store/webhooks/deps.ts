import type { Kysely } from 'kysely';
import type { EndpointKey } from '../../contracts/webhooks.js';
import type { Tables } from '../tables.js';

/** What the management side of outgoing webhooks is made of. */
export interface WebhookDeps {
  readonly db: Kysely<Tables>;
  /** Virtual epoch ms. */
  readonly now: () => number;
  /** Real epoch ms. */
  readonly nowReal: () => number;
  /** Told after the commit of endpoints that may have something to do. */
  readonly onWake: (endpoints: readonly EndpointKey[]) => void;
}
