import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import type { SerializationContext } from '@temporalio/common/lib/converter/serialization-context.js';
import proto from '@temporalio/proto';
import { UnreadablePayload } from '../contracts/codec.js';
import type { PayloadKey } from './payload-keys.js';

/**
 * Encrypts what workflows and activities are given and give back, so that the Temporal server and its database hold
 * nothing to read: AES-256-GCM, a fresh nonce a payload, the id of the key in clear beside it. The workflow a payload
 * belongs to is authenticated with it, so that nobody with write access to that database can hand one workflow another
 * one's data.
 *
 * A payload that is not ours passes as it is: workflows that were open when the codec was switched on go on, and so do
 * those of a server's own making.
 */
export class EncryptingCodec implements PayloadCodec {
  readonly #first: PayloadKey;
  readonly #keys: ReadonlyMap<string, PayloadKey>;

  /** The first key encrypts, every one decrypts. */
  constructor(keys: readonly [PayloadKey, ...PayloadKey[]]) {
    this.#first = keys[0];
    this.#keys = new Map(keys.map((one) => [one.id, one]));
  }

  async encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return payloads.map((payload) => (isOurs(payload) ? payload : this.#encrypt(payload, context?.workflowId)));
  }

  async decode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return payloads.map((payload) => (isOurs(payload) ? this.#decrypt(payload, context?.workflowId) : payload));
  }

  #encrypt(payload: Payload, workflowId: string | undefined): Payload {
    const { id, key } = this.#first;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, key, nonce).setAAD(bound(id, workflowId));
    const plain = proto.temporal.api.common.v1.Payload.encode(payload).finish();
    const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
    return {
      metadata: {
        encoding: ENCODING,
        [KEY_ID]: utf8(id),
        ...(workflowId === undefined ? {} : { [WORKFLOW]: utf8(workflowId) }),
      },
      data: Buffer.concat([nonce, cipher.getAuthTag(), sealed]),
    };
  }

  /** Without a context (the codec endpoint, the command line) the workflow named beside it is believed: nothing runs on it there. */
  #decrypt(payload: Payload, expected: string | undefined): Payload {
    const id = text(payload.metadata?.[KEY_ID]) ?? '';
    const workflowId = text(payload.metadata?.[WORKFLOW]);
    const known = this.#keys.get(id);
    if (!known) throw new UnreadablePayload(unknownKey(id, [...this.#keys.keys()]));
    if (workflowId !== undefined && expected !== undefined && workflowId !== expected)
      throw new UnreadablePayload(
        `A payload that was encrypted for ${workflowId} was found in ${expected}: somebody moved it there; compare the server's database with a backup.`,
      );
    const data = Buffer.from(payload.data ?? []);
    try {
      const decipher = createDecipheriv(CIPHER, known.key, data.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
        .setAAD(bound(id, workflowId))
        .setAuthTag(data.subarray(NONCE_BYTES, SEALED_FROM));
      const plain = Buffer.concat([decipher.update(data.subarray(SEALED_FROM)), decipher.final()]);
      return proto.temporal.api.common.v1.Payload.decode(plain);
    } catch (cause) {
      throw new UnreadablePayload(
        `A payload does not fit the key ${id}: either SLIPWAY_PAYLOAD_KEYS gives another key under that id than the one it was written with, or the payload was changed; put the right key back under ${id}.`,
        { cause },
      );
    }
  }
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEALED_FROM = NONCE_BYTES + TAG_BYTES;
const KEY_ID = 'encryption-key-id';
const WORKFLOW = 'slipway-workflow-id';

const utf8 = (value: string): Uint8Array => Buffer.from(value, 'utf8');
const text = (bytes: Uint8Array | null | undefined): string | undefined =>
  bytes ? Buffer.from(bytes).toString('utf8') : undefined;

/** What other makers of codecs call it as well, so that tools know an encrypted payload when they see one. */
const ENCODING_NAME = 'binary/encrypted';
const ENCODING = utf8(ENCODING_NAME);

const isOurs = ({ metadata }: Payload): boolean =>
  text(metadata?.['encoding']) === ENCODING_NAME && metadata?.[KEY_ID] !== undefined;

/** NUL separates for certain: neither an id of a key nor a workflow id holds one. */
const bound = (keyId: string, workflowId: string | undefined): Uint8Array =>
  utf8(['slipway payload 1', keyId, workflowId ?? ''].join('\0'));

function unknownKey(id: string, known: readonly string[]): string {
  return `A payload was encrypted under the key ${id}, and SLIPWAY_PAYLOAD_KEYS has ${known.join(', ')}: add ${id}=<its key> behind them and start again.`;
}
