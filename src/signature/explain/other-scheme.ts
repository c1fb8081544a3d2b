import { createHmac } from 'node:crypto';
import { signatureOf } from './claim.js';
import type { Claim, Key, Signed } from './claim.js';

/** Headers by which other senders sign. One of them without ours means that another sender posted this. */
const FOREIGN: Readonly<Record<string, string>> = {
  'stripe-signature': "Stripe's",
  'x-hub-signature': "GitHub's",
  'x-hub-signature-256': "GitHub's",
  'x-slack-signature': "Slack's",
  'x-shopify-hmac-sha256': "Shopify's",
  'x-twilio-signature': "Twilio's",
  'x-signature': 'another',
  'x-webhook-signature': 'another',
};

/** Whose scheme the headers speak, where it is not ours. */
export function foreignScheme(headers: Readonly<Record<string, unknown>>): string | undefined {
  const name = Object.keys(FOREIGN).find((header) => headers[header] !== undefined);
  return name && `${FOREIGN[name]} scheme (${name})`;
}

/**
 * How else the sender may have signed this very delivery with the right secret: another text, another digest, another
 * way of writing it, or the secret's letters instead of the bytes they encode.
 */
export function signedOtherwise(claim: Claim, keys: readonly Key[], tokens: readonly string[]): string | undefined {
  const given = claim.signature
    .split(/[\s,;]+/)
    .map((part) => part.replace(/^(v\d+a?|sha\d+|signature)[=:,]/i, '').replace(/^"|"$/g, ''))
    .filter((part) => part !== '');
  const asText = tokens
    .flatMap((token) => [token, token.replace(/^.*(?=whsec_)/, ''), token.replace(/^.*whsec_/, '')])
    .map((text) => Buffer.from(text));
  for (const key of asText) {
    if (given.includes(signatureOf(key, claim)))
      return "with the secret's letters as the key, and not with the bytes that they encode in base64";
  }
  for (const key of [...keys.map(({ bytes }) => bytes), ...asText]) {
    const how = ofKey(key, claim, given);
    if (how) return how;
  }
  return undefined;
}

function ofKey(key: Buffer, claim: Signed, given: readonly string[]): string | undefined {
  const { id, timestamp, body } = claim;
  const texts = [
    ['', 'the body alone'],
    [`${timestamp}.`, 'timestamp and body without the id'],
    [`v0:${timestamp}:`, 'timestamp and body as Slack does'],
    [`${id}.`, 'id and body without the timestamp'],
    [`${id}.${timestamp}.`, 'the right text'],
  ] as const;
  for (const [prefix, what] of texts) {
    for (const digest of ['sha256', 'sha1', 'sha512']) {
      for (const encoding of ['base64', 'hex'] as const) {
        const signature = createHmac(digest, key).update(prefix).update(body).digest(encoding);
        if (given.includes(signature)) return `over ${what}, as HMAC ${digest.toUpperCase()} in ${encoding}`;
      }
    }
  }
  return undefined;
}
