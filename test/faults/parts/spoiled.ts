import { Dice } from '../../../src/simulator/dice.js';
import type { Secret } from '../../../src/signature/secret.js';
import { type Delivered, nowSeconds, signedDelivery } from './posts.js';

export interface Forger {
  readonly own: Secret;
  /** A secret that the receiver does not trust. */
  readonly foreign: Secret;
}

type Spoil = (id: string, body: string, forger: Forger, dice: Dice) => Delivered;

/** Changes headers of both families alike; `null` takes one away. */
function withHeaders(delivered: Delivered, part: string, value: string | null): Delivered {
  const headers: Record<string, string> = { ...delivered.headers };
  for (const name of [`svix-${part}`, `webhook-${part}`]) {
    if (value === null) delete headers[name];
    else headers[name] = value;
  }
  return { ...delivered, headers };
}

const signed = (id: string, body: string, { own }: Forger): Delivered => signedDelivery(own, id, body);
const signatureOf = ({ headers }: Delivered): string => headers['svix-signature'] ?? '';

const spoilSignature =
  (change: (signature: string, dice: Dice) => string | null): Spoil =>
  (id, body, forger, dice) => {
    const whole = signed(id, body, forger);
    return withHeaders(whole, 'signature', change(signatureOf(whole), dice));
  };

/** One character of the base64 becomes another one; the last may hold bits that do not count. */
function altered(signature: string, dice: Dice): string {
  const at = dice.between(3, signature.length - 3);
  const to = signature[at] === 'A' ? 'B' : 'A';
  return signature.slice(0, at) + to + signature.slice(at + 1);
}

const garbage = (dice: Dice): string =>
  `v1,${Buffer.from(Array.from({ length: 32 }, () => dice.between(0, 255))).toString('base64')}`;

/** In both families 300 signatures are more than the 16 KiB that Node takes as headers. */
function inOneFamily({ headers, body }: Delivered, signature: string): Delivered {
  const { 'webhook-signature': _, ...rest } = headers;
  return { headers: { ...rest, 'svix-signature': signature }, body };
}

const spoilTime =
  (say: (now: number) => string): Spoil =>
  (id, body, forger) =>
    withHeaders(signed(id, body, forger), 'timestamp', say(nowSeconds()));

/** Signed truly, at another time than now. */
const signedAt =
  (say: (now: number) => number): Spoil =>
  (id, body, { own }) =>
    signedDelivery(own, id, body, say(nowSeconds()));

/** A1 and A3 of the fault list, by name: none of these may be believed. */
export const SPOILS: Readonly<Record<string, Spoil>> = {
  'no signature': spoilSignature(() => null),
  'an empty signature': spoilSignature(() => ''),
  'a truncated signature': spoilSignature((signature, dice) =>
    signature.slice(0, dice.between(3, signature.length - 1)),
  ),
  'a longer signature': spoilSignature((signature) => `${signature}A`),
  'an altered signature': spoilSignature(altered),
  'a signature without its version': spoilSignature((signature) => signature.slice(3)),
  'the asymmetric scheme alone': spoilSignature((signature) => signature.replace('v1,', 'v1a,')),
  'an older scheme': spoilSignature((signature) => signature.replace('v1,', 'v0,')),
  'a scheme in capitals': spoilSignature((signature) => signature.replace('v1,', 'V1,')),
  'another scheme': spoilSignature((signature) => signature.replace('v1,', 'v2,')),
  '300 signatures': (id, body, forger, dice) =>
    inOneFamily(signed(id, body, forger), Array.from({ length: 300 }, () => garbage(dice)).join(' ')),
  'one signature 300 times': (id, body, forger, dice) =>
    inOneFamily(signed(id, body, forger), Array<string>(300).fill(garbage(dice)).join(' ')),
  'no id': (id, body, forger) => withHeaders(signed(id, body, forger), 'id', null),
  'another id': (id, body, forger) => withHeaders(signed(id, body, forger), 'id', `${id}x`),
  'no timestamp': (id, body, forger) => withHeaders(signed(id, body, forger), 'timestamp', null),
  'a timestamp a second later': spoilTime((now) => String(now + 1)),
  'a foreign secret': (id, body, { foreign }) => signedDelivery(foreign, id, body),
  'another body': (id, body, forger) => ({ ...signed(id, body, forger), body: Buffer.from(`${body} `) }),
  'a flipped byte': (id, body, forger, dice) => {
    const whole = signed(id, body, forger);
    const bytes = Buffer.from(whole.body);
    const at = dice.between(0, bytes.length - 1);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << dice.between(0, 7)), at);
    return { ...whole, body: bytes };
  },
  'five minutes and more ago': signedAt((now) => now - 302),
  'five minutes and more ahead': signedAt((now) => now + 310),
  'the year 1970': signedAt(() => 0),
  'before 1970': spoilTime(() => '-1'),
  'an exponent': spoilTime(() => '1e10'),
  'no number': spoilTime(() => 'NaN'),
  'a number with a tail': spoilTime((now) => `${now}abc`),
  milliseconds: spoilTime((now) => String(now * 1_000)),
};

/** So many spoiled deliveries, each way in turn; the seed decides the rest. */
export function* spoiledDeliveries(
  count: number,
  seed: number,
  forger: Forger,
  body: (id: string) => string,
): Generator<{ readonly way: string; readonly delivered: Delivered }> {
  const dice = new Dice(seed, 'spoils');
  const ways = Object.entries(SPOILS);
  for (let n = 0; n < count; n++) {
    const [way, spoil] = ways[n % ways.length] ?? dice.pick(ways);
    const id = `msg_spoiled_${seed}_${n}`;
    yield { way, delivered: spoil(id, body(`evt_spoiled_${seed}_${n}`), forger, dice) };
  }
}
