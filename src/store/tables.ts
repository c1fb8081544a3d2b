import type { Generated } from 'kysely';
import type { LogEntry } from '../domain/onboarding/log.js';
import type { EscalationView, OnboardingView } from '../domain/onboarding/present.js';
import type { OnboardingState } from '../domain/onboarding/state.js';
import type { Policy } from '../domain/policy/policy.js';
import type { Role } from '../contracts/access.js';
import type { AuditValue } from '../contracts/audit.js';
import type { Erasure, ErasureWorkflow } from '../contracts/care.js';
import type { Route } from '../contracts/inbox.js';
import type { PersonWords } from './erase/person.js';
import type { Json, NullableJson } from './json-column.js';
import type { WebhookTables } from './webhooks/tables.js';

/**
 * The tables as the newest migration leaves them. Instants are epoch ms and say which clock they are of. Documents are
 * `json`, not `jsonb`: what a sender wrote comes back as it was, odd characters included, and nothing asks inside them.
 */
export interface Tables extends WebhookTables {
  inbox: InboxTable;
  dispatch: DispatchTable;
  source_orgs: { source: string; org: string; first_seen_real_ms: number };
  servers: { server_id: string; started_at: Generated<Date>; last_seen_at: Generated<Date> };
  heard: { id: Generated<number>; server_id: string; from_real_ms: number; last_real_ms: number };
  rejections: RejectionsTable;
  onboardings: OnboardingsTable;
  escalations: EscalationsTable;
  decision_log: { workspace: string; mode: string; onboarding_id: string; seq: number; entry: Json<LogEntry> };
  sends: SendsTable;
  policies: { hash: string; source: string; policy: Json<Policy>; stored_real_ms: number };
  publications: { seq: Generated<number>; hash: string; published_real_ms: number };
  meta: { key: string; value: Json<unknown> };
  api_tokens: TokensTable;
  audit: AuditTable;
  changes: ChangesTable;
  erasures: ErasuresTable;
  kysely_migration: { name: string; timestamp: string };
}

interface TokensTable {
  id: string;
  name: string;
  role: Role;
  /** SHA-256 of the token, which is nowhere itself. */
  digest: Buffer;
  created_real_ms: number;
  created_by: string;
  expires_real_ms: number | null;
  revoked_real_ms: number | null;
  last_used_real_ms: number | null;
}

/** Append-only: a trigger refuses everything but an insert. */
interface AuditTable {
  seq: Generated<number>;
  at_real_ms: number;
  actor: string;
  action: string;
  subject: string;
  before: NullableJson<AuditValue>;
  after: NullableJson<AuditValue>;
  reason: string | null;
  /** What tells one decision of the core from every other; null for what people changed. */
  decision: Buffer | null;
}

/** What is being changed just now; `body_sha256` null where no repeat of the request can be told. */
interface ChangesTable {
  id: Buffer;
  body_sha256: Buffer | null;
  server_id: string;
  begun_at: Generated<Date>;
  actor: string;
  action: string;
  subject: string;
  done: Generated<boolean>;
  answer: NullableJson<unknown>;
}

interface InboxTable {
  seq: Generated<number>;
  source: string;
  event_id: string;
  body_sha256: Buffer;
  delivery_id: string;
  type: string | null;
  org: string | null;
  secret: string;
  received_real_ms: number;
  received_virtual_ms: number;
  occurred_virtual_ms: number | null;
  workflow_id: string | null;
  quarantined: 'not_json' | 'unknown_shape' | null;
  duplicates: Generated<number>;
  route: NullableJson<Route>;
  headers: Json<Record<string, string>>;
  body: Buffer;
}

/** One narrow row for each routed event, so that marking it done does not write its body again. */
interface DispatchTable {
  seq: number;
  state: 'pending' | 'signalled' | 'late';
  server_id: string | null;
  settled_real_ms: number | null;
}

interface RejectionsTable {
  seq: Generated<number>;
  source: string;
  reason: string;
  message: string;
  at_real_ms: number;
  delivery_id: string | null;
  remote: string | null;
  bytes: number;
}

interface OnboardingsTable {
  workspace: string;
  mode: 'live' | 'test';
  id: string;
  workflow_id: string;
  revision: number;
  name: string | null;
  customer_id: string | null;
  phase: string | null;
  state: string;
  health: string;
  owner: string | null;
  escalated: boolean;
  at_risk: boolean;
  closed: boolean;
  target_latest: string | null;
  phase_entered_virtual_ms: number | null;
  next_wake_virtual_ms: number | null;
  view: Json<OnboardingView>;
  final: NullableJson<OnboardingState>;
  projected_real_ms: number;
  /** Null while it is open, and where it closed before there was this column. */
  closed_virtual_ms: number | null;
}

interface EscalationsTable {
  id: string;
  workspace: string;
  mode: 'live' | 'test';
  onboarding_id: string;
  rule: string;
  severity: string;
  status: string;
  level: number;
  opened_virtual_ms: number;
  view: Json<EscalationView>;
}

interface ErasuresTable {
  seq: Generated<number>;
  id: string;
  kind: 'customer' | 'contact';
  customer_id: string | null;
  contact_id: string | null;
  /** What names the person; null once nothing of theirs is left to find. */
  words: NullableJson<PersonWords>;
  state: 'erasing' | 'waiting' | 'done';
  asked_by: string;
  reason: string;
  asked_real_ms: number;
  done_real_ms: number | null;
  erased: Json<Erasure['erased']>;
  workflows: Json<readonly ErasureWorkflow[]>;
}

interface SendsTable {
  key: string;
  workflow_id: string;
  escalation_id: string;
  kind: string;
  channel: string;
  recipient_id: string;
  level: number;
  intended_real_ms: number;
  /** When the latest try ended; null until one did. */
  concluded_real_ms: number | null;
  /** `held`: by the gate, before any try. */
  outcome: 'sent' | 'failed' | 'held' | null;
  provider_id: string | null;
  error: string | null;
  tries: number;
  /** Delivery id (`svix-id`) of the onboarding's newest event at the latest intent. */
  correlation: string | null;
}
