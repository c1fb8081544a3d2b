import type { Mode } from '../policy/policy-file.js';

/** Names one entity, and with it one workflow. Ids are opaque strings of the sender. */
export interface EntityKey {
  readonly workspace: string;
  readonly mode: Mode;
  readonly id: string;
}
