import { createHash } from 'node:crypto';
import type { Key } from './claim.js';
import type { Cause } from './finding.js';

const PREFIX = 'whsec_';
const LABEL = /^[A-Za-z0-9._-]{1,40}$/;
const LEAST_KEY_BYTES = 16;
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A key that a written secret may have meant, and what was wrong with the writing. */
export interface Repair {
  readonly key: Key;
  readonly cause: Extract<Cause, 'missing_prefix' | 'malformed_secret'>;
  /** What is wrong with it, to follow "The secret". */
  readonly wrong: string;
}

/** The secrets of a setting as they are written, each alone; a line break inside one makes two. */
export const tokensOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter((token) => token !== '');

/** The key of a secret that is written as it should be. */
export function keyOf(token: string): Key | undefined {
  const at = token.startsWith(PREFIX) ? 0 : token.indexOf(`=${PREFIX}`) + 1;
  if (at === 0 && !token.startsWith(PREFIX)) return undefined;
  const bytes = at > 0 && !LABEL.test(token.slice(0, at - 1)) ? undefined : decoded(token.slice(at + PREFIX.length));
  return bytes && { label: at > 0 ? token.slice(0, at - 1) : fingerprint(bytes), bytes };
}

/** By what a secret without a label is known everywhere in Slipway. */
const fingerprint = (key: Buffer): string => `key-${createHash('sha256').update(key).digest('hex').slice(0, 8)}`;

/** What a secret may have been before it was damaged: cheap guesses first, one character more or less last. */
export function* repairsOf(tokens: readonly string[]): Generator<Repair> {
  for (const token of tokens) yield* ofToken(token);
  if (tokens.length > 1) {
    const key = keyOf(tokens.join(''));
    if (key) yield { key, cause: 'malformed_secret', wrong: 'is broken in two by a blank, a comma or a line break' };
  }
  for (const token of tokens) yield* oneCharacter(token);
}

function* ofToken(token: string): Generator<Repair> {
  const { label, base64, prefixed } = partsOf(token);
  const bare = decoded(base64);
  if (bare && !prefixed)
    yield { key: { label, bytes: bare }, cause: 'missing_prefix', wrong: `lacks ${PREFIX} in front` };
  if (bare && prefixed && !LABEL.test(label))
    yield {
      key: { label: 'secret', bytes: bare },
      cause: 'malformed_secret',
      wrong: 'has a label with other signs than letters, digits, dots, dashes and underscores',
    };
  const stripped = token.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9+/=]+$/g, '');
  const inside = stripped === token ? undefined : keyOf(stripped);
  if (inside) yield { key: inside, cause: 'malformed_secret', wrong: 'has quotes or other signs around it' };
  const plain = /[-_]/.test(base64) ? decoded(base64.replaceAll('-', '+').replaceAll('_', '/')) : undefined;
  if (plain)
    yield {
      key: { label, bytes: plain },
      cause: 'malformed_secret',
      wrong: 'is written in the URL-safe alphabet (- and _ for + and /)',
    };
  const misspelled = /^[A-Za-z]{1,8}_(?=.)/.exec(token)?.[0];
  const after = misspelled && misspelled !== PREFIX ? decoded(token.slice(misspelled.length)) : undefined;
  if (after)
    yield {
      key: { label, bytes: after },
      cause: 'malformed_secret',
      wrong: `begins with ${misspelled} instead of ${PREFIX}`,
    };
}

/** One character of the base64 was lost, added or mistyped in copying. */
function* oneCharacter(token: string): Generator<Repair> {
  const { label, base64 } = partsOf(token);
  const chars = base64.replace(/=+$/, '');
  const repair = (text: string, wrong: string): Repair | undefined => {
    const bytes = decoded(text);
    return bytes && { key: { label, bytes }, cause: 'malformed_secret', wrong };
  };
  for (let at = 0; at <= chars.length; at += 1) {
    const [before, after] = [chars.slice(0, at), chars.slice(at)];
    const extra = repair(before + after.slice(1), `has one character too many, the ${nth(at)} after ${PREFIX}`);
    if (extra) yield extra;
    for (const char of BASE64) {
      const lost = repair(before + char + after, `has lost a character before the ${nth(at)} after ${PREFIX}`);
      if (lost) yield lost;
      const typo = repair(before + char + after.slice(1), `has a wrong character, the ${nth(at)} after ${PREFIX}`);
      if (typo) yield typo;
    }
  }
}

const nth = (index: number): string => `${index + 1}.`;

function partsOf(token: string): { label: string; base64: string; prefixed: boolean } {
  const at = token.indexOf(PREFIX);
  if (at >= 0)
    return {
      label: at > 0 ? token.slice(0, at - 1) : 'secret',
      base64: token.slice(at + PREFIX.length),
      prefixed: true,
    };
  const labelled = /^([A-Za-z0-9._-]{1,40})=(?=[^=])(.*)$/.exec(token);
  return { label: labelled?.[1] ?? 'secret', base64: labelled?.[2] ?? token, prefixed: false };
}

/** The bytes of canonical base64, padded or not; undefined for anything else, or for a key too short to be one. */
function decoded(base64: string): Buffer | undefined {
  const bytes = Buffer.from(base64, 'base64');
  const canonical = bytes.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '');
  return canonical && bytes.length >= LEAST_KEY_BYTES ? bytes : undefined;
}
