import type { Payload, PayloadCodec } from '@temporalio/common';
import type { PayloadDesk, WirePayload } from '../contracts/codec.js';

/** A codec for payloads as JSON writes them, without knowing of which workflow they are. */
export function createPayloadDesk(codec: PayloadCodec): PayloadDesk {
  return {
    encode: async (payloads) => (await codec.encode(payloads.map(fromWire))).map(toWire),
    decode: async (payloads) => (await codec.decode(payloads.map(fromWire))).map(toWire),
  };
}

function fromWire({ metadata = {}, data = '' }: WirePayload): Payload {
  return {
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, Buffer.from(text, 'base64')])),
    data: Buffer.from(data, 'base64'),
  };
}

function toWire({ metadata, data }: Payload): WirePayload {
  return {
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
    ),
    data: Buffer.from(data ?? []).toString('base64'),
  };
}
