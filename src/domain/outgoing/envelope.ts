/** What every outgoing event says beside its data. */
export interface EnvelopeHead {
  readonly id: string;
  readonly type: string;
  /** When it happened, virtual epoch ms. */
  readonly at: number;
  /** The sender's workspace; null where it is not known. */
  readonly org: string | null;
  readonly livemode: boolean;
}

/** The envelope as text; `object` and `previous` are JSON text already, so that a record passes through unchanged. */
export function envelopeText(head: EnvelopeHead, object: string, previous?: string): string {
  const { id, type, at, org, livemode } = head;
  const said = JSON.stringify({ id, type, timestamp: new Date(at).toISOString(), org, livemode });
  const changed = previous === undefined ? '' : `,"previous_attributes":${previous}`;
  return `${said.slice(0, -1)},"data":{"object":${object}${changed}}}`;
}
