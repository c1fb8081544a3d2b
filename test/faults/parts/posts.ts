import { type Dispatcher, request } from 'undici';
import type { Secret } from '../../../src/signature/secret.js';
import { sign } from '../../../src/signature/sign.js';

/** Headers and bytes of one delivery, whole and good, to be spoiled. */
export interface Delivered {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export function signedDelivery(secret: Secret, id: string, body: string | Buffer, atSeconds = nowSeconds()): Delivered {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
  return { headers: { 'content-type': 'application/json', ...sign(secret, id, atSeconds, bytes) }, body: bytes };
}

let address = 0;

/** A sender's address that the proxy before the edge tells of, another one each time: what is refused is bounded by address. */
export const fromAnotherAddress = (): { readonly 'x-forwarded-for': string } => ({
  'x-forwarded-for': `198.51.${address % 100}.${(address++ >> 8) % 250}`,
});

export interface Reply {
  readonly status: number;
  readonly ms: number;
  readonly json: {
    readonly received?: boolean;
    readonly duplicate?: boolean;
    readonly quarantined?: string;
    readonly error?: { readonly code: string };
  };
}

/** Posts it once, from an address of its own. Rejects where there is no answer. */
export async function post(url: string, { headers, body }: Delivered, dispatcher: Dispatcher): Promise<Reply> {
  const from = performance.now();
  const answer = await request(url, {
    method: 'POST',
    headers: { ...fromAnotherAddress(), ...headers },
    body,
    dispatcher,
  });
  const text = await answer.body.text();
  const json = (text === '' ? {} : JSON.parse(text)) as Reply['json'];
  return { status: answer.statusCode, ms: performance.now() - from, json };
}

/** So many at a time, each once. */
export async function inLanes<Item>(
  items: Iterable<Item>,
  lanes: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

export const nowSeconds = (): number => Math.floor(Date.now() / 1_000);
