import type { Generated } from 'kysely';
import type { DeliveryState, DisabledBy, Metadata } from '../../contracts/webhooks.js';
import type { Json, NullableJson } from '../json-column.js';

/** Outgoing webhooks. Instants are virtual epoch ms, `real_ms` says otherwise. */
export interface WebhookTables {
  applications: ApplicationsTable;
  event_types: EventTypesTable;
  endpoints: EndpointsTable;
  endpoint_secrets: EndpointSecretsTable;
  messages: MessagesTable;
  deliveries: DeliveriesTable;
  attempts: AttemptsTable;
}

interface ApplicationsTable {
  seq: Generated<number>;
  id: string;
  uid: string | null;
  name: string;
  rate_limit: number | null;
  metadata: Json<Metadata>;
  created_ms: number;
  updated_ms: number;
}

interface EventTypesTable {
  seq: Generated<number>;
  name: string;
  description: string;
  schemas: NullableJson<Readonly<Record<string, unknown>>>;
  group_name: string | null;
  archived: boolean;
  deprecated: boolean;
  own: boolean;
  created_ms: number;
  updated_ms: number;
}

interface EndpointsTable {
  seq: Generated<number>;
  id: string;
  application_id: string;
  uid: string | null;
  url: string;
  description: string;
  filter_types: readonly string[] | null;
  channels: readonly string[] | null;
  rate_limit: number | null;
  ordered: boolean;
  headers: Json<Readonly<Record<string, string>>>;
  metadata: Json<Metadata>;
  disabled: DisabledBy | null;
  failures: Generated<number>;
  version: Generated<number>;
  given_version: Generated<number>;
  /** The newest turn; an older one writes nothing. */
  turn: Generated<number>;
  /** No turn is under way or about to look: whoever queues something wakes it. */
  asleep: Generated<boolean>;
  /** Somebody ended its sleep and no turn has begun since; real epoch ms. */
  wake_wanted_real_ms: number | null;
  created_ms: number;
  updated_ms: number;
}

/** Encrypted; the one without an end signs first. */
interface EndpointSecretsTable {
  seq: Generated<number>;
  endpoint_id: string;
  sealed: Buffer;
  expires_ms: number | null;
}

interface MessagesTable {
  seq: Generated<number>;
  id: string;
  application_id: string;
  event_type: string;
  event_id: string | null;
  idempotency_key: string | null;
  channels: readonly string[] | null;
  tags: readonly string[] | null;
  payload: string;
  order_key: string | null;
  /** The one endpoint it is for, an example or a ping: no other is ever given it as missing. */
  only_to: string | null;
  /** Virtual: its payload goes then; null where it goes with the message. */
  payload_until_ms: number | null;
  /** It was about somebody who is forgotten, or its payload's days are over: nothing of it is left to send. */
  erased: Generated<boolean>;
  created_ms: number;
  created_real_ms: number;
}

/** One message for one endpoint. */
interface DeliveriesTable {
  endpoint_id: string;
  message_seq: number;
  order_key: string | null;
  state: DeliveryState;
  /** 0: its first try is due as it is made; 1: a retry or what an operator asked for, which may not starve the others. */
  lane: Generated<number>;
  manual: Generated<boolean>;
  tries: Generated<number>;
  first_ms: number | null;
  next_ms: number | null;
  /**
   * What it had ended as when an operator asked for one more attempt: no schedule follows that one, and where it fails
   * too, a delivered one is delivered still and any other failed. Null while the schedule stands.
   */
  ended_as: Exclude<DeliveryState, 'pending'> | null;
  /** Rises with each act of an operator: what comes of a call that was on the wire meanwhile does not undo it. */
  revision: Generated<number>;
}

interface AttemptsTable {
  seq: Generated<number>;
  id: string;
  message_seq: number;
  endpoint_id: string;
  at_ms: number;
  at_real_ms: number;
  manual: boolean;
  succeeded: boolean;
  url: string;
  status: number;
  response: string;
  request_headers: Json<Readonly<Record<string, string>>>;
  response_headers: Json<Readonly<Record<string, string>>>;
  ms: number;
  address: string | null;
  next_ms: number | null;
}
