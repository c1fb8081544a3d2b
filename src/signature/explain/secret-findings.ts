import type { Case } from './case.js';
import { type Key, Matcher } from './claim.js';
import { type Finding, proved } from './finding.js';
import { signedOtherwise } from './other-scheme.js';
import { keyOf, repairsOf, tokensOf } from './secrets.js';

export function otherSecret({ claim, suspects }: Case): Finding | undefined {
  const others = tokensOf(suspects.others ?? '').flatMap((token) => keyOf(token) ?? []);
  const key = new Matcher(claim.signature, others).key(claim);
  return (
    key &&
    proved(
      'other_secret',
      `It is signed with the secret ${key.label}, which belongs to another endpoint: test and live, or two sources, are mixed up.`,
      'Let the sender post to the endpoint of that secret (POST /webhooks/<source>), or give this source that secret.',
    )
  );
}

export function repairedSecret({ claim, tokens }: Case): Finding | undefined {
  for (const { key, cause, wrong } of repairsOf(tokens)) {
    if (!new Matcher(claim.signature, [key]).key(claim)) continue;
    return proved(
      cause,
      `The secret ${wrong}; written rightly, it matches.`,
      "Copy the secret whole from the endpoint's page, whsec_ included, and set it without quotes or line breaks.",
    );
  }
  return undefined;
}

export function otherScheme({ claim, tokens }: Case, keys: readonly Key[]): Finding | undefined {
  const how = signedOtherwise(claim, keys, tokens);
  return (
    (how &&
      proved(
        'other_scheme',
        `The secret is right, but the sender signs ${how}. Svix signs <id>.<timestamp>.<body> with HMAC SHA256, writes it in base64 and puts v1, before it.`,
        'Sign with the svix library, or as `slipway send` does.',
      )) ||
    undefined
  );
}
