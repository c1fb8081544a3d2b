import { isUtf8 } from 'node:buffer';
import { hasSortedKeys } from './bodies.js';
import { declaredLength, RAW, WHOLE } from './body-findings.js';
import type { Case } from './case.js';
import { type Claim, type Key, Matcher } from './claim.js';
import { type Finding, likely, proved } from './finding.js';
import { missingEnd } from './truncation.js';

/** Nothing could be undone: what the parts themselves tell. */
export function evidence({ claim, headers, tokens }: Case, keys: readonly Key[]): readonly Finding[] {
  const unusable = tokens.length - keys.length;
  const broken =
    unusable > 0
      ? [
          proved(
            tokens.some((token) => !token.includes('whsec_')) ? 'missing_prefix' : 'malformed_secret',
            `${unusable === 1 ? 'One secret' : `${unusable} secrets`} cannot be read: each begins with whsec_, and base64 follows.`,
            "Copy the secret whole from the endpoint's page.",
          ),
        ]
      : [];
  if (keys.length === 0) {
    return broken.length > 0
      ? broken
      : [
          proved(
            'wrong_secret',
            'No secret is given, so nothing could be compared.',
            'Give one with --secret, or set PIVOTAL_WEBHOOK_SECRET.',
          ),
        ];
  }
  const foreign = new Matcher(claim.signature, keys).given.size === 0;
  if (foreign) return [...broken, withoutV1(claim)];
  const body = bodyEvidence(claim.body, declaredLength(headers));
  return [...broken, ...(body ? [body] : []), wrongSecret(keys)];
}

function withoutV1({ signature }: Claim): Finding {
  const versions = [...new Set(signature.match(/\bv\d+a?(?=[,=])/g) ?? [])];
  const seen = versions.length > 0 ? `only ${versions.join(', ')}` : 'none that can be read';
  return likely(
    'other_scheme',
    `The signature header holds no v1 signature, ${seen}. A v1 signature is v1, and 44 letters of base64.`,
    'Use the symmetric secret (whsec_…) of the endpoint on both sides.',
  );
}

function bodyEvidence(body: Buffer, declared: number | undefined): Finding | undefined {
  const text = body.toString('utf8');
  if (body.length === 0) return likely('truncated_body', 'The body is empty.', WHOLE);
  if (declared !== undefined && declared > body.length)
    return likely('truncated_body', `Content-Length declares ${declared} bytes, and ${body.length} are there.`, WHOLE);
  if (/^(\{\}|\[object Object\]|null|undefined)\s*$/.test(text))
    return likely('reencoded_body', `The body is ${JSON.stringify(text.trim())}: a parser took it away.`, RAW);
  if (!isUtf8(body)) return likely('altered_body', 'The body is not UTF-8, and the scheme signs text.', RAW);
  if (missingEnd(text) !== undefined)
    return likely('truncated_body', 'The body is JSON that breaks off in the middle.', WHOLE);
  if (hasSortedKeys(body))
    return likely(
      'reencoded_body',
      'Every key of the body is in alphabetical order: something parsed it and wrote it again with sorted keys.',
      RAW,
    );
  return undefined;
}

function wrongSecret(keys: readonly Key[]): Finding {
  const labels = keys.map(({ label }) => label).join(', ');
  return likely(
    'wrong_secret',
    `Nothing that was tried makes it match ${labels}: it is signed with another secret, or more of the body was changed than could be undone.`,
    "Compare the secret with the one on the endpoint's page in Pivotal, and look whether it was rotated.",
  );
}
