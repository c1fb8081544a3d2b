import { isUtf8 } from 'node:buffer';
import { changedByte, formerBody } from './explain/body-findings.js';
import type { Case, Suspects } from './explain/case.js';
import { Matcher } from './explain/claim.js';
import { evidence } from './explain/evidence.js';
import { type Finding, proved } from './explain/finding.js';
import {
  badTimestamp,
  clockSkew,
  damagedSignature,
  formerId,
  formerTimestamp,
  isSeconds,
  mixedFamilies,
} from './explain/header-findings.js';
import { missingHeaders, readHeaders, renamedHeaders } from './explain/headers.js';
import { foreignScheme } from './explain/other-scheme.js';
import { otherScheme, otherSecret, repairedSecret } from './explain/secret-findings.js';
import { keyOf, tokensOf } from './explain/secrets.js';
import { parseSecrets } from './secret.js';
import { type Delivery, verify } from './verify.js';

export type { Suspects } from './explain/case.js';
export type { Cause, Finding } from './explain/finding.js';

export interface SignatureExplanation {
  /** What the edge answers: a valid one may still have findings worth knowing. */
  readonly valid: boolean;
  /** Label of the secret that verified it. */
  readonly secret: string | null;
  readonly deliveryId: string | null;
  /** The likeliest first. Not empty where it is not valid. */
  readonly findings: readonly Finding[];
}

/**
 * Says why a delivery is not believed, by undoing one damage after the other until a signature matches: what matches is
 * proved. Where nothing does, what the evidence points to is said as such. Pure; takes up to a few seconds for a large
 * body that nothing explains.
 */
export function explain(delivery: Delivery, suspects: Suspects): SignatureExplanation {
  const tokens = tokensOf(suspects.active);
  const secrets = tokens.filter((token) => keyOf(token)).flatMap((token) => parseSecrets(token));
  const verdict = verify(delivery, { secrets, now: suspects.now, toleranceMs: suspects.toleranceMs });
  const { headers, body } = delivery;
  const texts = readHeaders(headers);
  if (verdict.verified) {
    const findings = commaJoined(texts.signature ?? '');
    return { valid: true, secret: verdict.secret, deliveryId: verdict.deliveryId, findings };
  }
  const { id, timestamp, signature } = texts;
  const findings =
    id && timestamp && signature
      ? inspect({ claim: { id, timestamp, signature, body }, headers, tokens, suspects })
      : [withoutHeaders(delivery, missingHeaders(texts))];
  return { valid: false, secret: null, deliveryId: verdict.deliveryId, findings };
}

function withoutHeaders({ headers }: Delivery, missing: readonly string[]): Finding {
  const foreign = foreignScheme(headers);
  if (foreign && missing.length === 3)
    return proved(
      'other_scheme',
      `It is signed by ${foreign}, and not by Svix's.`,
      'Post to this endpoint from Pivotal alone; other senders need a receiver of their own.',
    );
  const renamed = renamedHeaders(headers);
  const seen = renamed.length > 0 ? ` There are ${renamed.join(', ')}: something on the way renamed them.` : '';
  return proved(
    'missing_header',
    `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing or empty.${seen}`,
    'Let every proxy on the way pass the headers svix-id, svix-timestamp and svix-signature on as they are.',
  );
}

/** Everything but the missing headers, which leave nothing to try. */
function inspect(one: Case): readonly Finding[] {
  const { claim, tokens, suspects } = one;
  const keys = tokens.flatMap((token) => keyOf(token) ?? []);
  const matcher = new Matcher(claim.signature, keys);
  if (!isSeconds(claim.timestamp)) return [badTimestamp(claim, matcher)];
  const skew = clockSkew(Number(claim.timestamp), suspects);
  if (isUtf8(claim.body) && matcher.key(claim)) return skew;
  const found =
    otherSecret(one) ??
    repairedSecret(one) ??
    damagedSignature(claim, keys) ??
    mixedFamilies(one, keys) ??
    formerBody(one, matcher) ??
    formerId(claim, matcher) ??
    formerTimestamp(claim, matcher, suspects.now) ??
    otherScheme(one, keys) ??
    changedByte(claim, matcher);
  if (found) return found.cause === 'altered_timestamp' ? [found] : [found, ...skew];
  return [...evidence(one, keys), ...skew];
}

function commaJoined(signature: string): readonly Finding[] {
  if (!/,\s*v\d+a?,/.test(signature)) return [];
  return [
    proved(
      'comma_joined',
      'Its signatures are joined by commas: a proxy put a header that came several times into one line. Slipway reads that; the svix library does not.',
      'Nothing for Slipway; for other receivers, let the proxy pass repeated headers on as they are.',
    ),
  ];
}
