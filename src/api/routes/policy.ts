import { PolicyBody, PolicySchema, PolicyVerdictSchema, PublishedSchema } from '../../contracts/api.js';
import type { ApiDeps } from '../deps.js';
import { iso } from '../instant.js';
import { Problem } from '../problem.js';
import { jsonRoute, type Route } from '../route.js';

const HISTORY_SHOWN = 50;

/** The policy in force, and the way of a new one into force. */
export function policyRoutes(deps: ApiDeps): readonly Route[] {
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
        if (!current || !latest)
          throw new Problem('NoPolicy', 'No policy is published yet; `POST /api/v1/policy/publish` publishes one.');
        return { ...latest, source: current.source, history: published };
      },
    }),
    jsonRoute({
      method: 'post',
      path: '/api/v1/policy/validate',
      role: 'viewer',
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
      path: '/api/v1/policy/publish',
      role: 'admin',
      summary: 'Puts a policy into force and tells every open onboarding, spread over time',
      body: PolicyBody,
      yaml: true,
      answer: PublishedSchema,
      refuses: ['InvalidRequest', 'PolicyInvalid', 'StoreUnavailable', 'TemporalUnavailable'],
      handle: ({ body }) => publish(deps, body.yaml),
    }),
  ];
}

/** Stored first, told second: a publish whose telling failed is whole after the same request is made again. */
async function publish(deps: ApiDeps, source: string): Promise<{ hash: string; changed: boolean }> {
  const reading = deps.validatePolicy(source);
  if (!reading.ok) {
    const [first] = reading.problems;
    const where = first?.line ? ` (line ${first.line}: ${first.message})` : '';
    throw new Problem(
      'PolicyInvalid',
      `The policy is not published: it has ${reading.problems.length} problem(s)${where}.`,
      {
        problems: reading.problems,
      },
    );
  }
  const { policy } = reading;
  const before = await deps.policies.current();
  await deps.policies.publish({ hash: policy.hash, source, policy });
  await deps.gateway.publishPolicy(policy.hash);
  deps.observer.log('info', 'policy published', { hash: policy.hash });
  return { hash: policy.hash, changed: before?.hash !== policy.hash };
}
