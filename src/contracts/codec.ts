/** A payload of Temporal as its JSON writes it: bytes in base64. */
export interface WirePayload {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly data?: string;
}

/** Reads and writes payloads for people who look at workflows: the Temporal UI and its command line. */
export interface PayloadDesk {
  encode(payloads: readonly WirePayload[]): Promise<readonly WirePayload[]>;
  /** Throws `UnreadablePayload`. */
  decode(payloads: readonly WirePayload[]): Promise<readonly WirePayload[]>;
}

/** The payload cannot be read with the keys there are. The workflow task that needs it is tried again until it can. */
export class UnreadablePayload extends Error {
  override readonly name = 'UnreadablePayload';
}
