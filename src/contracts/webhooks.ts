/**
 * Outgoing webhooks (design section 11). An application holds endpoints; a message of an event type goes to each endpoint
 * of its application that wants the type: that is a delivery, and each call made for it an attempt.
 */

/** The two applications that always are: what Slipway itself has to tell, live and in test mode. */
export const OWN_APPLICATIONS = {
  live: { id: 'app_slipway', uid: 'slipway', name: 'Slipway' },
  test: { id: 'app_slipway_test', uid: 'slipway-test', name: 'Slipway, test mode' },
} as const;

export type Metadata = Readonly<Record<string, string>>;

/** Instants are virtual epoch ms throughout, unless a name says otherwise. */
export interface Application {
  readonly id: string;
  /** What its maker calls it; never begins like an id. */
  readonly uid: string | null;
  readonly name: string;
  /** Kept and shown; what is kept to is each endpoint's own. */
  readonly rateLimit: number | null;
  readonly metadata: Metadata;
  readonly createdAt: number;
  readonly updatedAt: number;
}
export type NewApplication = Pick<Application, 'uid' | 'name' | 'rateLimit' | 'metadata'>;

export interface EventType {
  /** `group.name`. */
  readonly name: string;
  readonly description: string;
  /** JSON Schemas by version, `{"1": {…, "examples": [{…}]}}`; null where nobody gave one. */
  readonly schemas: Readonly<Record<string, unknown>> | null;
  readonly groupName: string | null;
  readonly archived: boolean;
  readonly deprecated: boolean;
  /** Of the catalogue that ships: it can be neither changed nor deleted. */
  readonly own: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}
export type NewEventType = Pick<
  EventType,
  'name' | 'description' | 'schemas' | 'groupName' | 'archived' | 'deprecated'
>;

export interface EndpointKey {
  /** Its id, never its uid. */
  readonly application: string;
  readonly id: string;
}

/** Why nothing is sent to an endpoint. */
export type DisabledBy =
  | 'operator'
  /** It answered 410, or `webhook-delivery: disable`. */
  | 'receiver'
  /** 100 deliveries one after another used up all their tries. */
  | 'failing';

export interface Endpoint extends EndpointKey {
  readonly uid: string | null;
  readonly url: string;
  readonly description: string;
  /** Names, and groups such as `onboarding.*`; null for all. */
  readonly filterTypes: readonly string[] | null;
  /** Messages that name channels go only to endpoints that share one of them; null for all. */
  readonly channels: readonly string[] | null;
  /** Attempts a real second. */
  readonly rateLimit: number | null;
  /** One after another for each onboarding. */
  readonly ordered: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Metadata;
  readonly disabled: DisabledBy | null;
  /** Deliveries in a row that used up all their tries. */
  readonly failures: number;
  /** Rises with each change. */
  readonly version: number;
  /** Svix's old field, kept for its clients: it means nothing here. */
  readonly givenVersion: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type EndpointSettings = Pick<
  Endpoint,
  | 'uid'
  | 'url'
  | 'description'
  | 'filterTypes'
  | 'channels'
  | 'rateLimit'
  | 'ordered'
  | 'headers'
  | 'metadata'
  | 'givenVersion'
> & { readonly disabled: boolean };

export interface Message {
  readonly id: string;
  readonly application: string;
  readonly eventType: string;
  /** Its maker's id: one message of an application for each. */
  readonly eventId: string | null;
  readonly channels: readonly string[] | null;
  readonly tags: readonly string[] | null;
  /** The very text that is posted, JSON. */
  readonly payload: string;
  readonly at: number;
}

/** `orderKey`: messages of one key reach an ordered endpoint one after another; null is a line of its own. */
export type NewMessage = Omit<Message, 'id' | 'application' | 'at'> & {
  readonly orderKey: string | null;
  /** A repeat under the same key gets the first message. */
  readonly idempotencyKey: string | null;
  /** Only to this endpoint, whatever it wants: an example or a ping. */
  readonly onlyTo?: string;
  /** What it says goes after so many virtual days; else with the message, as retention says. */
  readonly payloadDays?: number;
};

/** 0 delivered, 1 waiting, 2 failed, 3 under way: Svix's numbers, which its clients read. 4: called off. */
export type DeliveryState = 'pending' | 'delivered' | 'failed' | 'cancelled';

export interface Attempt {
  readonly id: string;
  readonly messageId: string;
  readonly endpointId: string;
  readonly eventType: string;
  readonly at: number;
  /** `manual`: a person's resend, recover or replay. */
  readonly trigger: 'scheduled' | 'manual';
  readonly succeeded: boolean;
  readonly url: string;
  /** 0 where no answer came. */
  readonly status: number;
  /** What came back, cut; the reason in words where nothing did. */
  readonly response: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly ms: number;
  /** The address that was dialled; null where none was. */
  readonly address: string | null;
  /** When the next one was due as of this one; null where there was to be none. */
  readonly nextAt: number | null;
}

export interface Destination {
  readonly endpoint: Endpoint;
  readonly state: DeliveryState;
  readonly nextAt: number | null;
}

export interface ListQuery {
  readonly limit: number;
  /** Where a page of the list ended (`next`), or where it began (`previous`). Throws `InvalidCursor` where it is of no list. */
  readonly iterator: string | null;
  readonly order: 'ascending' | 'descending';
}
/** Svix's paging: both ways, over a list that grows. */
export interface Listed<T> {
  readonly data: readonly T[];
  readonly iterator: string | null;
  readonly prevIterator: string | null;
  readonly done: boolean;
}

export interface ApplicationStore {
  /** By id or uid. */
  find(idOrUid: string): Promise<Application | undefined>;
  /** `taken` where the uid is another's. */
  create(application: NewApplication): Promise<Application | 'taken'>;
  update(id: string, application: NewApplication): Promise<Application | 'taken'>;
  /** Its messages and their log stay until retention takes them. False where it has endpoints. */
  remove(id: string): Promise<boolean>;
  list(query: ListQuery): Promise<Listed<Application>>;
}

export interface EventTypeStore {
  find(name: string): Promise<EventType | undefined>;
  create(type: NewEventType): Promise<EventType | 'taken'>;
  update(type: NewEventType): Promise<EventType | undefined>;
  /** Archives it unless `expunge`, which forgets it. */
  remove(name: string, expunge: boolean): Promise<boolean>;
  list(query: ListQuery & { readonly archived: boolean }): Promise<Listed<EventType>>;
  /** Makes the catalogue that ships what the list says. */
  publish(catalogue: readonly NewEventType[]): Promise<void>;
}

/** Endpoints that somebody should look at. */
export interface EndpointReport {
  /** Of all applications, the latest first: disabled, but not by an operator, or with so many failures in a row. */
  troubled(failures: number, limit: number): Promise<readonly Endpoint[]>;
}

export interface EndpointStore {
  find(application: string, idOrUid: string): Promise<Endpoint | undefined>;
  list(application: string, query: ListQuery): Promise<Listed<Endpoint>>;
  /**
   * `secret`: `whsec_…`, made where none is given. 'unknown_application' for one that was deleted meanwhile. `NoSecretKey`
   * where secrets cannot be kept.
   */
  create(
    application: string,
    settings: EndpointSettings,
    secret?: string,
  ): Promise<Endpoint | 'taken' | 'unknown_application'>;
  /**
   * `disabled: false` on one that was disabled forgets its failures. 'changed' where it is no longer `before`: somebody else
   * changed it meanwhile, or it was disabled; nothing is written then. Undefined where it is gone.
   */
  update(before: Endpoint, settings: EndpointSettings): Promise<Endpoint | 'taken' | 'changed' | undefined>;
  /** What waited for it is cancelled; its log stays. */
  remove(key: EndpointKey): Promise<boolean>;
  /** The one that signs first. */
  secret(key: EndpointKey): Promise<string | undefined>;
  /** The former one signs too for another 24 virtual hours. */
  rotate(key: EndpointKey, secret?: string): Promise<boolean>;
  stats(key: EndpointKey, since: number | null, until: number | null): Promise<DeliveryCounts>;
}
export type DeliveryCounts = Readonly<Record<'success' | 'pending' | 'sending' | 'fail', number>>;

/** There is no `SLIPWAY_SECRET_KEY`, so that a secret could not be kept encrypted; or another one than it was kept with. */
export class NoSecretKey extends Error {
  override readonly name = 'NoSecretKey';
}

export type Created =
  | { readonly outcome: 'created'; readonly message: Message }
  /** The same idempotency key came before. */
  | { readonly outcome: 'repeated'; readonly message: Message }
  | { readonly outcome: 'event_id_taken' }
  | { readonly outcome: 'unknown_application' };

export interface MessageStore {
  /**
   * Writes the message and a delivery for each endpoint that wants it, in one commit that others may share; endpoints that
   * sleep are woken. Throws `StoreUnavailable`.
   */
  create(applicationIdOrUid: string, message: NewMessage): Promise<Created>;
  find(application: string, idOrEventId: string): Promise<Message | undefined>;
  list(application: string, query: ListQuery & MessageFilter): Promise<Listed<Message>>;
}
export interface MessageFilter {
  readonly eventTypes: readonly string[] | null;
  readonly channel: string | null;
  readonly tag: string | null;
  readonly before: number | null;
  readonly after: number | null;
}

export interface AttemptLog {
  ofMessage(application: string, messageId: string, query: ListQuery & AttemptFilter): Promise<Listed<Attempt>>;
  ofEndpoint(key: EndpointKey, query: ListQuery & AttemptFilter): Promise<Listed<Attempt>>;
  find(application: string, messageId: string, attemptId: string): Promise<Attempt | undefined>;
  destinations(application: string, messageId: string, query: ListQuery): Promise<Listed<Destination>>;
}
export interface AttemptFilter {
  readonly endpointId: string | null;
  readonly succeeded: boolean | null;
  /** The class of answer, 1 to 5 for 1xx to 5xx. */
  readonly statusClass: number | null;
  readonly eventTypes: readonly string[] | null;
  /** Of the message. */
  readonly channel: string | null;
  readonly tag: string | null;
  readonly before: number | null;
  readonly after: number | null;
}

/** What an operator asks of deliveries. Each wakes the endpoint; a disabled one gets them when it is enabled. */
export interface Recovery {
  /** One more attempt with the same id and bytes. False where there is no such message. */
  resend(key: EndpointKey, messageId: string): Promise<boolean>;
  /** Failed and still retried ones of messages since then. */
  recover(key: EndpointKey, since: number, until: number | null): Promise<RecoveryTask>;
  /** Messages since then that it wants and was never given. */
  replayMissing(key: EndpointKey, since: number, until: number | null): Promise<RecoveryTask>;
}
export interface RecoveryTask {
  /** `qtask_…`. */
  readonly id: string;
  readonly task: 'endpoint.recover' | 'endpoint.replay';
  /** It is done by the time it is answered: the rest is the queue's. */
  readonly status: 'finished';
  readonly deliveries: number;
}

export interface Webhooks {
  readonly applications: ApplicationStore;
  readonly eventTypes: EventTypeStore;
  readonly endpoints: EndpointStore;
  readonly messages: MessageStore;
  readonly attempts: AttemptLog;
  readonly recovery: Recovery;
}
