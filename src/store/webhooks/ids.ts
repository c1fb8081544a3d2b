import { createHash, randomFillSync } from 'node:crypto';

/** What an id says it is of; no uid may begin so. */
export const ID_PREFIXES = ['app_', 'ep_', 'msg_', 'atmpt_', 'qtask_'] as const;
export type IdPrefix = (typeof ID_PREFIXES)[number];

/** A KSUID is 4 bytes of seconds and 16 more, written with 27 digits of base 62: ids sort by time, to the second. */
const RANDOM_BYTES = 16;
const DIGITS = 27;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** The seconds of a KSUID begin on 13 May 2014 (segmentio/ksuid) and end in 2150; an instant beyond is one of these two. */
const EPOCH_S = 1_400_000_000;
const LAST_S = 0xffff_ffff;

/** A new id, as Svix's clients know them. `at` is epoch ms. */
export const newId = (prefix: IdPrefix, at: number): string => prefix + ksuid(at, someRandom());

/** The id of the message of an event: the same for the same application, event and `at` (epoch ms, the event's own). */
export function messageIdOf(application: string, eventId: string, at: number): string {
  const digest = createHash('sha256').update(`${application}\0${eventId}`).digest();
  return `msg_${ksuid(at, digest.subarray(0, RANDOM_BYTES))}`;
}

function ksuid(at: number, rest: Buffer): string {
  const bytes = Buffer.alloc(4 + RANDOM_BYTES);
  bytes.writeUInt32BE(Math.max(0, Math.min(LAST_S, Math.floor(at / 1000) - EPOCH_S)));
  rest.copy(bytes, 4);
  let left = BigInt(`0x${bytes.toString('hex')}`);
  let part = 0;
  let digits = '';
  for (let nth = 0; nth < DIGITS; nth++) {
    if (nth % DIGITS_AT_ONCE === 0) {
      part = Number(left % PART);
      left /= PART;
    }
    digits = `${ALPHABET[part % 62]}${digits}`;
    part = Math.floor(part / 62);
  }
  return digits;
}

/** As many digits as a double holds exactly: each message has two ids, and dividing large numbers is what they cost. */
const DIGITS_AT_ONCE = 8;
const PART = 62n ** BigInt(DIGITS_AT_ONCE);

/** Asking the system for 16 bytes costs more than all the rest of an id, and for 4 kB hardly more than for 16. */
const pool = Buffer.alloc(256 * RANDOM_BYTES);
let used = pool.length;

function someRandom(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += RANDOM_BYTES;
  return pool.subarray(used - RANDOM_BYTES, used);
}
