import type { Case } from './case.js';
import type { Claim, Matcher } from './claim.js';
import { formerBodies } from './bodies.js';
import { type Finding, proved } from './finding.js';
import { type ByteChange, findByteChange, triesFor } from './single-change.js';
import { missingEnd } from './truncation.js';
import type { Headers } from './headers.js';

export const RAW =
  'Hand the raw bytes of the request to the verifier, before any JSON parser: nothing on the way may read and rewrite the body.';

export function formerBody({ claim, headers }: Case, matcher: Matcher): Finding | undefined {
  const { body } = claim;
  for (const former of formerBodies(body)) {
    if (former.body.equals(body) || !matcher.key({ ...claim, body: former.body })) continue;
    return proved(
      'reencoded_body',
      `On the way ${former.how} (${former.body.length} bytes were signed, ${body.length} arrived).`,
      RAW,
    );
  }
  const end = missingEnd(body.toString('utf8'));
  if (end !== undefined) {
    for (const rest of [end, `${end}\n`]) {
      if (!matcher.key({ ...claim, body: Buffer.concat([body, Buffer.from(rest)]) })) continue;
      return truncated(`The last ${rest.length} bytes of the body are missing.`);
    }
  }
  const length = declaredLength(headers);
  if (length === undefined || length >= body.length || !matcher.key({ ...claim, body: body.subarray(0, length) }))
    return undefined;
  return proved(
    'altered_body',
    `${body.length - length} bytes stand after the ${length} that were signed and that Content-Length declares.`,
    RAW,
  );
}

export const WHOLE =
  'Look for a size limit or a time limit on the way, and for a reader that stops at the first chunk.';
const truncated = (what: string): Finding => proved('truncated_body', what, WHOLE);

export function declaredLength(headers: Headers): number | undefined {
  const text = headers['content-length'];
  return typeof text === 'string' && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

/** Guesses at single bytes of the body, all keys together; about three seconds of one core. */
const MOST_TRIES = 2_000_000;

export function changedByte({ id, timestamp, body }: Claim, matcher: Matcher): Finding | undefined {
  if (triesFor(body) * matcher.keys.length > MOST_TRIES) return undefined;
  const change = findByteChange(matcher.keys, `${id}.${timestamp}.`, body, matcher.given);
  if (!change) return undefined;
  if (change.kind === 'lost' && change.at === body.length) return truncated('The last byte of the body is missing.');
  return proved('altered_body', sayChange(change), RAW);
}

function sayChange({ kind, at, was, is }: ByteChange): string {
  const byte = (value: number | undefined): string => `0x${(value ?? 0).toString(16).padStart(2, '0')}`;
  if (kind === 'added') return `The byte ${byte(is)} at position ${at} of the body was added on the way.`;
  if (kind === 'lost') return `The byte ${byte(was)} at position ${at} of the body was lost on the way.`;
  return `The byte at position ${at} of the body is ${byte(is)}, and was signed as ${byte(was)}.`;
}
