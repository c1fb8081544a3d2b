import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EncryptingCodec } from '../../src/temporal/payload-codec.js';
import { parsePayloadKeys } from '../../src/temporal/payload-keys.js';

const key = (id: string) => `${id}=${randomBytes(32).toString('base64')}`;
const K1 = key('k1');
const K2 = key('k2');
const codec = (text: string) => new EncryptingCodec(parsePayloadKeys(text));
const within = (workflowId: string) => ({ type: 'workflow', namespace: 'slipway', workflowId }) as const;
const ACME = within('onboarding/main/acme');

const anyPayload = fc.record({
  metadata: fc.dictionary(fc.string(), fc.uint8Array({ maxLength: 40 }), { maxKeys: 4 }),
  data: fc.uint8Array({ maxLength: 2_000 }),
});

describe('the payload codec', () => {
  it('gives back every payload as it was, whatever is in it', async () => {
    const both = codec(K1);
    await fc.assert(
      fc.asyncProperty(fc.array(anyPayload, { maxLength: 4 }), fc.string(), async (payloads, workflowId) => {
        const sealed = await both.encode(payloads, within(workflowId));

        expect(plain(await both.decode(sealed, within(workflowId)))).toEqual(plain(payloads));
      }),
      { numRuns: 300 },
    );
  });

  it('shows nothing of the data, and never the same twice', async () => {
    const secret = defaultPayloadConverter.toPayload({ owner: 'jane.canary@customer.example' });
    const [first] = await codec(K1).encode([secret], ACME);
    const [second] = await codec(K1).encode([secret], ACME);

    expect(Buffer.from(first?.data ?? []).toString('latin1')).not.toContain('canary');
    expect(first?.data).not.toEqual(second?.data);
    expect(Object.keys(first?.metadata ?? {}).sort()).toEqual(['encoding', 'encryption-key-id', 'slipway-workflow-id']);
  });

  it('refuses a payload in which any one bit was changed', async () => {
    const both = codec(K1);
    const [sealed] = await both.encode([defaultPayloadConverter.toPayload('paid in full')], ACME);
    const bytes = Buffer.from(sealed?.data ?? []);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length * 8 - 1 }), async (bit) => {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));

        await expect(both.decode([{ ...sealed, data: changed }], ACME)).rejects.toThrow('does not fit the key k1');
      }),
    );
  });

  it('refuses one that is cut short', async () => {
    const both = codec(K1);
    const [sealed] = await both.encode([defaultPayloadConverter.toPayload('x')], ACME);
    for (const length of [0, 5, 12, 20, 28]) {
      const cut = { ...sealed, data: (sealed?.data ?? new Uint8Array()).slice(0, length) };
      await expect(both.decode([cut], ACME)).rejects.toThrow('does not fit the key k1');
    }
  });

  it('refuses one that was moved into another workflow, and one whose label was changed to fit', async () => {
    const both = codec(K1);
    const [sealed] = await both.encode([defaultPayloadConverter.toPayload('acme only')], ACME);
    const other = within('onboarding/main/other');

    await expect(both.decode([sealed as Payload], other)).rejects.toThrow(
      'encrypted for onboarding/main/acme was found in onboarding/main/other',
    );
    const relabelled = {
      ...sealed,
      metadata: { ...sealed?.metadata, 'slipway-workflow-id': utf8('onboarding/main/other') },
    };
    await expect(both.decode([relabelled], other)).rejects.toThrow('does not fit the key k1');
    const { 'slipway-workflow-id': _, ...unbound } = sealed?.metadata ?? {};
    await expect(both.decode([{ ...sealed, metadata: unbound }], other)).rejects.toThrow('does not fit the key k1');
  });

  it('reads what an older key wrote, and writes with the first', async () => {
    const [old] = await codec(K1).encode([defaultPayloadConverter.toPayload('before')], ACME);
    const rotated = codec(`${K2},${K1}`);

    expect(value(await rotated.decode([old as Payload], ACME))).toBe('before');
    const [fresh] = await rotated.encode([defaultPayloadConverter.toPayload('after')], ACME);
    expect(Buffer.from(fresh?.metadata?.['encryption-key-id'] ?? []).toString()).toBe('k2');
    await expect(codec(K1).decode([fresh as Payload], ACME)).rejects.toThrow(
      'encrypted under the key k2, and SLIPWAY_PAYLOAD_KEYS has k1: add k2=<its key> behind them',
    );
  });

  it('names the key that does not fit where another one stands under its id', async () => {
    const [sealed] = await codec(K1).encode([defaultPayloadConverter.toPayload('x')], ACME);

    await expect(codec(key('k1')).decode([sealed as Payload], ACME)).rejects.toThrow('put the right key back under k1');
  });

  it('lets pass what it did not write, and encrypts nothing twice', async () => {
    const both = codec(K1);
    const clear = defaultPayloadConverter.toPayload('from before the codec was switched on');
    const [sealed] = await both.encode([clear], ACME);

    expect(await both.decode([clear], ACME)).toEqual([clear]);
    expect(await both.encode([sealed as Payload], ACME)).toEqual([sealed]);
    expect(await both.encode([], ACME)).toEqual([]);
  });
});

describe('the keys of the payload codec', () => {
  it('are read in order, from one line or several', () => {
    expect(parsePayloadKeys(`${K2},${K1}`).map((one) => one.id)).toEqual(['k2', 'k1']);
    expect(parsePayloadKeys(` ${K2}\n${K1}\n`).map((one) => one.id)).toEqual(['k2', 'k1']);
  });

  it('are refused with what is wrong and what to write, and never repeated', () => {
    const secret = randomBytes(32).toString('base64');
    const short = randomBytes(16).toString('base64');
    for (const [text, said] of [
      ['', 'There is no payload key'],
      [secret.replace(/=/g, ''), 'Payload key 1 has no id'],
      [`=${secret}`, 'Payload key 1 has no id'],
      [`k1=${short}`, 'Payload key k1 is 16 bytes, and AES-256 takes 32'],
      ['k1=', 'Payload key k1 is no base64'],
      ['k1=%%%', 'Payload key k1 is no base64'],
      [`${K1},${key('k1')}`, 'Two payload keys are named k1'],
    ] as const) {
      const error = failure(() => parsePayloadKeys(text));
      expect(error.name).toBe('InvalidPayloadKeys');
      expect(error.message).toContain(said);
      expect(error.message).not.toContain(secret.slice(0, 20));
      expect(error.message).not.toContain(short.slice(0, 12));
    }
  });
});

const utf8 = (text: string) => Buffer.from(text, 'utf8');
const value = (payloads: Payload[]) => defaultPayloadConverter.fromPayload(payloads[0] as Payload);
const plain = (payloads: Payload[]) =>
  payloads.map(({ metadata, data }) => ({
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, bytes]) => [name, hex(bytes)])),
    data: hex(data ?? new Uint8Array()),
  }));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function failure(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not fail.');
}
