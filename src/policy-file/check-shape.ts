import type { z } from 'zod';
import { didYouMean, oneOf } from './did-you-mean.js';
import type { Path, Problem } from './problem.js';
import { Pruned } from './pruned.js';
import { type PolicyDocument, policySchema } from './schema.js';

/**
 * Checks the shape of a file and hands on what is sound of it: the broken parts are cut out, so that the checks on
 * names still run and a person sees everything that is wrong at once.
 */
export interface Shape {
  readonly problems: readonly Problem[];
  readonly document: PolicyDocument;
  /** The path in the file of a path in `document`, whose lists may have lost items. */
  original(path: Path): Path;
}

type Issue = z.core.$ZodIssue;

export function checkShape(value: unknown): Shape {
  const pruned = new Pruned(value);
  let problems: readonly Problem[] | undefined;
  for (let reading = 1; ; reading += 1) {
    const read = policySchema.safeParse(pruned.value, { error: sentence });
    if (read.success)
      return { problems: problems ?? [], document: read.data, original: (path) => pruned.original(path) };
    const found = read.error.issues.flatMap((issue) => unfold(issue, []));
    // Only the first reading tells the truth: later ones miss what was cut out before them.
    problems ??= found;
    // Each reading can break what held the broken part, and nothing is nested this deep; the last one keeps nothing.
    pruned.remove(reading < 20 ? found.map((problem) => problem.path) : [[]]);
  }
}

/** One problem for each unknown key, and for a choice of shapes the problems of the one that was meant. */
function unfold(issue: Issue, above: Path): Problem[] {
  const path = [...above, ...(issue.path as (string | number)[])];
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n');
    return issue.keys.map((key, i) => ({ path: [...path, key], message: `"${key}" ${messages[i]}` }));
  }
  if (issue.code === 'invalid_key') {
    const message = issue.issues[0]?.message ?? 'cannot be used as a name here';
    return [{ path, message: `"${String(path.at(-1))}" ${message}.` }];
  }
  if (issue.code === 'invalid_union' && !('discriminator' in issue && issue.discriminator)) {
    const meant = issue.errors.find((branch) => branch.every((one) => one.path.length > 0 || !isShape(one)));
    if (meant && meant.length > 0) return meant.flatMap((one) => unfold(one, path));
  }
  return [{ path, message: finished(path, issue.message) }];
}

/** Whether a branch of a choice was ruled out because the value is of another kind altogether. */
function isShape(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

/** Messages that begin with a verb are about the key they stand at. */
function finished(path: Path, message: string): string {
  const key = path.findLast((part) => typeof part === 'string') ?? 'The file';
  const whole = /^["A-Z]|^no |^slack /.test(message) ? message : `${key} ${message}`;
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

/** What is wrong where the schema itself has no better words. */
function sentence(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') return wrongKind(issue.expected, issue.input);
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String);
    if (issue.input === undefined) return `is missing: write ${oneOf(words)}`;
    const hint = typeof issue.input === 'string' ? didYouMean(issue.input, words) : '';
    return `cannot be ${shown(issue.input)}.${hint} Write ${oneOf(words)}.`;
  }
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}${issue.origin === 'array' ? ' long' : ''}`;
  if (issue.code === 'too_big')
    return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' letters long' : ''}`;
  return undefined;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'settings, such as { key: value }',
  record: 'settings by name, such as { name: … }',
  array: 'a list, such as [one, two]',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
};

function wrongKind(expected: string, input: unknown): string {
  const wanted = KINDS[expected] ?? expected;
  if (input === undefined) return `is missing: write ${wanted}`;
  if (input === null) return `is empty: write ${wanted}, or leave the key out`;
  const quote = expected === 'string' && (typeof input === 'number' || typeof input === 'boolean');
  return quote
    ? `must be text, and ${shown(input)} is not: with a unit if it is a length of time ("${input} days"), else in quotes ("${input}")`
    : `must be ${wanted}, and ${shown(input)} is not`;
}

function shown(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object' && input !== null) return 'a group of keys';
  return typeof input === 'string' ? `"${input.slice(0, 40)}"` : String(input);
}
