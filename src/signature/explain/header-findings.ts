import type { Case, Suspects } from './case.js';
import { type Claim, type Key, Matcher, signatureOf } from './claim.js';
import { type Finding, likely, proved, sayLength } from './finding.js';
import { otherMixes } from './headers.js';
import { parsed } from './bodies.js';
import { signatureDamage } from './signature-text.js';
import { formerTexts } from './single-change.js';

/** What may be wrong with the three headers, each undone and tried. */

export function clockSkew(seconds: number, { now, toleranceMs }: Suspects): readonly Finding[] {
  const age = Math.floor(now / 1000) - seconds;
  const most = Math.floor(toleranceMs / 1000);
  if (Math.abs(age) <= most) return [];
  const what =
    age > 0
      ? `It was signed ${sayLength(age)} before it was received, and at most ${sayLength(most)} are accepted.`
      : `It was signed ${sayLength(age)} after it was received, by the two clocks, and at most ${sayLength(most)} are accepted.`;
  return [
    proved(
      'clock_skew',
      what,
      'Set both clocks by NTP. A request that was captured earlier is judged rightly with the instant at which it came (--at); one that lay in a queue must be sent again.',
    ),
  ];
}

/** Milliseconds are no seconds, though they are digits: nobody signs for a time 20 million days ahead. */
export const isSeconds = (timestamp: string): boolean => /^(?:0|[1-9]\d{0,10})$/.test(timestamp);

export function badTimestamp(claim: Claim, matcher: Matcher): Finding {
  const text = claim.timestamp;
  const date = Date.parse(text);
  const guesses = [
    text.trim(),
    text.replace(/\D.*$/s, ''),
    text.replace(/^\D*0*/, ''),
    text.replace(/^0+/, ''),
    text.slice(0, 10),
    ...(Number.isNaN(date) ? [] : [String(Math.floor(date / 1000))]),
  ];
  const was = guesses.find((timestamp) => timestamp !== text && matcher.key({ ...claim, timestamp }));
  const what = `The timestamp header is ${JSON.stringify(text.slice(0, 40))}, which is not a whole number of seconds since 1970`;
  const fix = 'Pass svix-timestamp on as it came: it is part of what was signed.';
  return was === undefined
    ? likely('bad_timestamp', `${what}.`, fix)
    : proved('bad_timestamp', `${what}; it was signed as ${was}, and changed on the way.`, fix);
}

export function damagedSignature(claim: Claim, keys: readonly Key[]): Finding | undefined {
  for (const key of keys) {
    const damage = signatureDamage(claim.signature, signatureOf(key.bytes, claim));
    if (damage)
      return proved(
        'altered_signature',
        `The secret ${key.label} and the body are right, but the signature header was changed: ${damage}.`,
        'Let every proxy on the way pass svix-signature on as it came.',
      );
  }
  return undefined;
}

export function mixedFamilies({ claim, headers }: Case, keys: readonly Key[]): Finding | undefined {
  for (const { texts, of } of otherMixes(headers)) {
    if (!new Matcher(texts.signature, keys).key({ ...texts, body: claim.body })) continue;
    return proved(
      'mixed_families',
      `The svix- and the webhook- headers say different things, and svix- ones are read first; ${of} match.`,
      'Send one family, or both with the same values: something on the way changed one of the two.',
    );
  }
  return undefined;
}

const ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-. ';

export function formerId(claim: Claim, matcher: Matcher): Finding | undefined {
  const json = parsed(claim.body.toString('utf8'))?.json;
  const own = typeof json === 'object' && json !== null && 'id' in json ? String(json.id) : claim.id;
  for (const id of [claim.id.trim(), own, ...formerTexts(claim.id, ID_LETTERS)]) {
    if (id === claim.id || !matcher.key({ ...claim, id })) continue;
    return proved(
      'altered_id',
      `The id header is ${JSON.stringify(claim.id)}, and was signed as ${JSON.stringify(id)}.`,
      'Pass svix-id on as it came: it is part of what was signed.',
    );
  }
  return undefined;
}

/** Real seconds around the stated and the present instant in which a replaced timestamp is looked for. */
const AROUND_S = 3600;

export function formerTimestamp(claim: Claim, matcher: Matcher, now: number): Finding | undefined {
  const near = [Number(claim.timestamp), Math.floor(now / 1000)].flatMap((center) =>
    Array.from({ length: 2 * AROUND_S + 1 }, (_, i) => String(center - AROUND_S + i)),
  );
  for (const timestamp of [...formerTexts(claim.timestamp, '0123456789'), ...near]) {
    if (timestamp === claim.timestamp || !matcher.key({ ...claim, timestamp })) continue;
    return proved(
      'altered_timestamp',
      `The timestamp header is ${claim.timestamp}, and was signed as ${timestamp} (${sayLength(Number(claim.timestamp) - Number(timestamp))} ${Number(claim.timestamp) > Number(timestamp) ? 'earlier' : 'later'}).`,
      'Pass svix-timestamp on as it came: it is part of what was signed, and no try may reuse the signature of another.',
    );
  }
  return undefined;
}
