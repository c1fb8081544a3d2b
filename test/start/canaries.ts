import { randomBytes } from 'node:crypto';

/** 32 bytes that are text, so that they are found in whatever spelling; no two alike. */
const bytesOf = (what: string): Buffer => Buffer.from(`${what}-${randomBytes(32).toString('hex')}`.slice(0, 32));

/** A secret for each place in which an operator gives one, each to be told from the others. */
export function canaries() {
  const key = (what: string) => bytesOf(what).toString('base64');
  const signing = (what: string) => `whsec_${key(what)}`;
  const word = (what: string) => bytesOf(what).toString('utf8');
  return {
    webhookSecret: signing('now'),
    formerWebhookSecret: signing('former'),
    hookSecret: signing('hook'),
    smtpPassword: word('smtp'),
    apiToken: word('console'),
    wrongToken: word('guess'),
    tokenInUrl: word('query'),
    secretKey: key('secrets'),
    payloadKey: key('payload'),
    temporalKey: word('temporal'),
    pivotalKey: `pivotal_test_${word('pivotal')}`,
    tracesKey: word('traces'),
    endpointSecret: signing('ep'),
    rotatedSecret: signing('ep-new'),
    endpointHeader: word('header'),
  } as const;
}
export type Canaries = ReturnType<typeof canaries>;

/** How a secret may be written: as it was given, what its Base64 stands for, and either in Base64, in hex or in a URL. */
function spellings(secret: string): readonly string[] {
  const bare = secret.replace(/^whsec_/, '');
  const decoded = Buffer.from(bare, 'base64').toString('latin1');
  const all = /^[\x20-\x7e]{16,}$/.test(decoded) ? [secret, bare, decoded] : [secret, bare];
  return all.flatMap((one) => {
    const bytes = Buffer.from(one);
    // The end of a Base64 depends on what follows.
    const inBase64 = bytes.subarray(0, bytes.length - (bytes.length % 3)).toString('base64');
    return [one, inBase64, bytes.toString('hex'), encodeURIComponent(one)];
  });
}

/** The names of those that stand in a text or in bytes, however they are spelled. */
export function foundIn(haystack: string | Buffer, secrets: Readonly<Record<string, string>>): string[] {
  const text = typeof haystack === 'string' ? haystack : haystack.toString('latin1');
  return Object.entries(secrets).flatMap(([name, secret]) =>
    spellings(secret).some((one) => text.includes(one)) ? [name] : [],
  );
}
