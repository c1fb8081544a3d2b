import { createHash } from 'node:crypto';
import type { PolicyFile } from '../domain/policy/policy-file.js';
import { withBuiltIn } from './built-in.js';
import { checkPeople } from './check-people.js';
import { checkShape } from './check-shape.js';
import { checkSize } from './check-size.js';
import { compile } from './compile.js';
import { compiledYears } from './compile-calendar.js';
import { checkNames } from './cross-check.js';
import { declaredNames } from './declared.js';
import type { PolicyError } from './problem.js';
import { checkRetention, decisiveRetention } from './retention-section.js';
import { checkWebhooks, decisiveWebhooks } from './webhooks-section.js';
import type { PolicyDocument } from './schema.js';
import { readYaml } from './yaml-text.js';

export type LoadedPolicy =
  | { readonly ok: true; readonly file: PolicyFile; readonly hash: string }
  | { readonly ok: false; readonly errors: readonly PolicyError[] };

/**
 * Reads one `slipway.yaml`. An empty text is the default policy. Where anything is wrong, all of it is told at once,
 * in the order of the lines, and nothing is half taken over.
 *
 * `now` (epoch ms) chooses the years for which holidays and time-zone changes are written out.
 */
export function loadPolicy(text: string, now: number): LoadedPolicy {
  const yaml = readYaml(text);
  if (yaml.errors.length > 0) return { ok: false, errors: yaml.errors };
  const { problems, document, original } = checkShape(yaml.value);
  const related = [
    ...checkNames(document, declaredNames(yaml.value)),
    ...checkPeople(document),
    ...checkRetention(document),
    ...checkWebhooks(document),
  ];
  const all = [...problems, ...related.map((problem) => ({ ...problem, path: original(problem.path) }))];
  if (all.length > 0) return { ok: false, errors: all.map(yaml.place).sort(byPlace) };
  const whole = withBuiltIn(document);
  const hash = policyHash(whole, now);
  return { ok: true, file: compile(whole, hash, now), hash };
}

/**
 * One that is to come into force: it has to fit into a workflow too. What is in force already is read without that
 * question, since every process has to go on with it.
 */
export function loadNewPolicy(text: string, now: number): LoadedPolicy {
  const loaded = loadPolicy(text, now);
  const problems = loaded.ok ? checkSize(loaded.file.policy) : [];
  return problems.length > 0 ? { ok: false, errors: problems.map(readYaml(text).place) } : loaded;
}

/**
 * The version of a policy: comments, key order and spelling of defaults do not change it. The years do, so that a
 * policy loaded after New Year's brings its new holidays to every open onboarding.
 */
function policyHash({ retention, webhooks, ...decisive }: PolicyDocument, now: number): string {
  const kept = decisiveRetention(retention);
  const sent = decisiveWebhooks(webhooks);
  const document = { ...decisive, ...(kept ? { retention: kept } : {}), ...(sent ? { webhooks: sent } : {}) };
  const content = JSON.stringify([sorted(document), compiledYears(now)]);
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}

function byPlace(a: PolicyError, b: PolicyError): number {
  return a.line - b.line || a.column - b.column;
}
