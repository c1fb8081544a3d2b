import type { z } from 'zod';
import {
  PolicyBody,
  type PolicyDiff,
  PolicyDiffBody,
  PolicyDiffSchema,
  PolicyHistoryQuery,
  PolicyHistorySchema,
  PolicySchema,
  PolicyVerdictSchema,
  PublishedSchema,
} from '../../contracts/api.js';
import type { StoredPolicy } from '../../contracts/read-model.js';
import { diffPolicies } from '../../policy-file/diff.js';
import type { ApiDeps, PolicyReading } from '../deps.js';
import { iso } from '../instant.js';
import { Problem } from '../problem.js';
import { changeRoute, type Done, jsonRoute, type Route } from '../route.js';

const HISTORY_SHOWN = 50;

/** The policy in force, and the way of a new one into force. */
export function policyRoutes(deps: ApiDeps): readonly Route[] {
  return [...readRoutes(deps), ...changeRoutes(deps)];
}

function readRoutes(deps: ApiDeps): readonly Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/api/v1/policy',
      role: 'viewer',
      summary: 'Shows the policy in force, as it was written, and the ones before it',
      answer: PolicySchema,
      refuses: ['NoPolicy', 'StoreUnavailable'],
      handle: async () => {
        const [current, history] = await Promise.all([deps.policies.current(), deps.policies.history(HISTORY_SHOWN)]);
        const published = history.map(({ hash, publishedAt }) => ({ hash, published_at: iso(publishedAt) }));
        const latest = published.find(({ hash }) => hash === current?.hash);
        if (!current || !latest) throw noPolicy();
        return { ...latest, source: current.source, history: published };
      },
    }),
    jsonRoute({
      method: 'get',
      path: '/api/v1/policy/history',
      role: 'viewer',
      summary: 'Lists the publications of policies, newest first',
      query: PolicyHistoryQuery,
      answer: PolicyHistorySchema,
      refuses: ['InvalidRequest', 'StoreUnavailable'],
      handle: async ({ query }) => {
        const history = await deps.policies.history(query.limit);
        const data = history.map(({ hash, publishedAt }, index) => ({
          hash,
          published_at: iso(publishedAt),
          in_force: index === 0,
        }));
        return { data, next_cursor: null };
      },
    }),
  ];
}

function changeRoutes(deps: ApiDeps): readonly Route[] {
  return [
    jsonRoute({
      method: 'post',
      path: '/api/v1/policy/validate',
      role: 'viewer',
      action: null,
      summary: 'Checks a policy and changes nothing',
      body: PolicyBody,
      yaml: true,
      answer: PolicyVerdictSchema,
      refuses: ['InvalidRequest'],
      handle: async ({ body }) => {
        const reading = deps.validatePolicy(body.yaml);
        return reading.ok
          ? { valid: true, hash: reading.policy.hash, problems: [] }
          : { valid: false, hash: null, problems: reading.problems };
      },
    }),
    jsonRoute({
      method: 'post',
      path: '/api/v1/policy/diff',
      role: 'viewer',
      action: null,
      summary: 'Tells in words what two policies mean differently, and changes nothing',
      body: PolicyDiffBody,
      yaml: true,
      answer: PolicyDiffSchema,
      refuses: ['InvalidRequest', 'PolicyInvalid', 'NoPolicy', 'UnknownPolicy', 'StoreUnavailable'],
      handle: ({ body }) => diff(deps, body),
    }),
    changeRoute({
      method: 'post',
      path: '/api/v1/policy/publish',
      role: 'admin',
      action: 'policy.publish',
      summary: 'Puts a policy into force and tells every open onboarding, spread over time',
      body: PolicyBody,
      yaml: true,
      answer: PublishedSchema,
      refuses: ['InvalidRequest', 'PolicyInvalid', 'StoreUnavailable', 'TemporalUnavailable'],
      handle: ({ body }) => publish(deps, body.yaml),
    }),
  ];
}

async function diff(deps: ApiDeps, { from, to, yaml }: z.output<typeof PolicyDiffBody>): Promise<PolicyDiff> {
  if (yaml !== undefined) {
    const { policy } = valid(deps.validatePolicy(yaml), 'compared');
    const before = from === undefined ? await inForce(deps) : await published(deps, from);
    return { from: before.hash, to: policy.hash, changes: [...diffPolicies(before.source, yaml)] };
  }
  const after = to === undefined ? await inForce(deps) : await published(deps, to);
  const before = from === undefined ? await beforeIt(deps, after) : await published(deps, from);
  return { from: before?.hash ?? null, to: after.hash, changes: [...diffPolicies(before?.source ?? '', after.source)] };
}

async function inForce(deps: ApiDeps): Promise<StoredPolicy> {
  const current = await deps.policies.current();
  if (!current) throw noPolicy();
  return current;
}

async function published(deps: ApiDeps, hash: string): Promise<StoredPolicy> {
  const policy = await deps.policies.byHash(hash);
  if (policy) return policy;
  throw new Problem(
    'UnknownPolicy',
    `No policy ${JSON.stringify(hash)} was ever published; \`GET /api/v1/policy/history\` lists those that were.`,
  );
}

/** The publication before a policy's latest one; undefined where there was none, and then the built-in policy counts. */
async function beforeIt(deps: ApiDeps, after: StoredPolicy): Promise<StoredPolicy | undefined> {
  const history = await deps.policies.history(HISTORY_SHOWN);
  const at = history.findIndex(({ hash }) => hash === after.hash);
  const former = at < 0 ? undefined : history[at + 1];
  return former && deps.policies.byHash(former.hash);
}

const noPolicy = (): Problem =>
  new Problem('NoPolicy', 'No policy is published yet; `POST /api/v1/policy/publish` publishes one.');

function valid(reading: PolicyReading, done: 'published' | 'compared'): Extract<PolicyReading, { ok: true }> {
  if (reading.ok) return reading;
  const { problems } = reading;
  const [first] = problems;
  const where = first?.line ? ` (line ${first.line}: ${first.message})` : '';
  throw new Problem('PolicyInvalid', `The policy is not ${done}: it has ${problems.length} problem(s)${where}.`, {
    problems,
  });
}

/** Stored first, told second: a publish whose telling failed is whole after the same request is made again. */
async function publish(deps: ApiDeps, source: string): Promise<Done<{ hash: string; changed: boolean }>> {
  const { policy } = valid(deps.validatePolicy(source), 'published');
  const before = await deps.policies.current();
  await deps.policies.publish({ hash: policy.hash, source, policy });
  await deps.gateway.publishPolicy(policy.hash);
  deps.observer.log('info', 'policy published', { hash: policy.hash });
  return {
    answer: { hash: policy.hash, changed: before?.hash !== policy.hash },
    change: {
      subject: policy.hash,
      before: before ? { hash: before.hash } : null,
      after: { hash: policy.hash },
      reason: null,
    },
  };
}
