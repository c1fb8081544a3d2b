/** What the management API of outgoing webhooks answers, in Svix's words and with what Slipway says beside them. */

/** A list that `iterator` goes on with, unless it is `done`. */
export interface Listed<T> {
  readonly data: readonly T[];
  readonly iterator: string | null;
  readonly done: boolean;
}

export interface EndpointAnswer {
  readonly id: string;
  readonly uid: string | null;
  readonly url: string;
  readonly description: string;
  /** Null for every type. */
  readonly filterTypes: readonly string[] | null;
  readonly channels: readonly string[] | null;
  /** Attempts a second; null for as many as there are. */
  readonly rateLimit: number | null;
  readonly disabled: boolean;
  /** Why it is. */
  readonly disabledBy: 'operator' | 'receiver' | 'failing' | null;
  /** Deliveries in a row that used up all their tries. */
  readonly failures: number;
  readonly ordered: boolean;
  readonly createdAt: string;
}

/** Of four weeks. */
export interface StatsAnswer {
  readonly success: number;
  readonly pending: number;
  readonly sending: number;
  readonly fail: number;
}

/** `sensitive`: headers that are sent too, and whose values are not shown to this caller. */
export interface HeadersAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly sensitive: readonly string[];
}

export interface RecoveryAnswer {
  readonly id: string;
  readonly data: { readonly messagesSent: number };
}

export interface MessageAnswer {
  readonly id: string;
  readonly eventId: string | null;
  readonly eventType: string;
  readonly channels: readonly string[] | null;
  readonly tags: readonly string[] | null;
  readonly payload: unknown;
  readonly timestamp: string;
}

export interface AttemptAnswer {
  readonly id: string;
  readonly msgId: string;
  readonly endpointId: string;
  readonly eventType: string;
  readonly timestamp: string;
  readonly statusText: string;
  readonly responseStatusCode: number;
  readonly responseDurationMs: number;
  /** What came back, cut; the reason in words where nothing did. */
  readonly response: string;
  readonly triggerType: 0 | 1;
  readonly nextAttempt: string | null;
}

export interface DestinationAnswer {
  readonly id: string;
  readonly url: string;
  readonly statusText: string;
  readonly nextAttempt: string | null;
}

export interface EventTypeAnswer {
  readonly name: string;
  readonly description: string;
  readonly groupName: string | null;
  readonly archived: boolean;
  readonly deprecated: boolean;
  /** JSON Schemas by version, each with its examples. */
  readonly schemas: Readonly<Record<string, unknown>> | null;
}
