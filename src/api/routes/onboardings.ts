import {
  ChoiceQuery,
  CloseBody,
  HoldBody,
  OnboardingListSchema,
  OnboardingSchema,
  OnboardingsQuery,
  ReleaseBody,
} from '../../contracts/api.js';
import type { AuditValue } from '../../contracts/audit.js';
import type { Actor } from '../../domain/escalation/escalation.js';
import type { OnboardingAction } from '../../domain/escalation/action.js';
import type { OnboardingView } from '../../domain/onboarding/present.js';
import { resolveActor } from '../actor.js';
import type { ApiDeps } from '../deps.js';
import { type Choice, findOnboarding, withUrl } from '../find-onboarding.js';
import { Problem } from '../problem.js';
import { type Call, changeRoute, type Done, jsonRoute, type Route } from '../route.js';

const PATH = '/api/v1/onboardings';
const REFUSES = ['InvalidRequest', 'UnknownOnboarding', 'StoreUnavailable', 'TemporalUnavailable'] as const;

/** Lists, shows, holds, releases and closes onboardings. */
export function onboardingRoutes(deps: ApiDeps): readonly Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: PATH,
      role: 'viewer',
      summary: 'Lists onboardings',
      query: OnboardingsQuery,
      answer: OnboardingListSchema,
      refuses: ['InvalidRequest', 'InvalidCursor', 'StoreUnavailable'],
      handle: async ({ query }) => {
        const page = await deps.readModel.onboardings(query);
        return { ...page, data: page.data.map((view) => withUrl(deps, view)) };
      },
    }),
    jsonRoute({
      method: 'get',
      path: `${PATH}/{id}`,
      role: 'viewer',
      summary: 'Shows one onboarding as its workflow knows it now',
      query: ChoiceQuery,
      answer: OnboardingSchema,
      refuses: REFUSES,
      handle: async ({ id, query }) => (await findOnboarding(deps, id, query)).view,
    }),
    changeRoute({
      ...action('hold', 'Declares that it waits, is blocked or is paused: clocks stop as if the sender had said so'),
      body: HoldBody,
      handle: (call) =>
        take(deps, call, (by) => {
          const { state, reason, until } = call.body;
          return { verb: 'hold', by, state, reason, ...(until ? { until: later(until, deps.now()) } : {}) };
        }),
    }),
    changeRoute({
      ...action('release', 'Ends a hold that a person declared'),
      body: ReleaseBody,
      handle: (call) => take(deps, call, (by) => ({ verb: 'release', by })),
    }),
    changeRoute({
      ...action('close', 'Closes a deleted or abandoned onboarding: every escalation of it resolves'),
      body: CloseBody,
      handle: (call) => take(deps, call, (by) => ({ verb: 'close', by, reason: call.body.reason })),
    }),
  ];
}

const action = <V extends OnboardingAction['verb']>(verb: V, summary: string) =>
  ({
    method: 'post',
    path: `${PATH}/{id}/${verb}`,
    role: 'operator',
    summary,
    action: `onboarding.${verb}`,
    query: ChoiceQuery,
    answer: OnboardingSchema,
    refuses: [...REFUSES, 'NotHeld', 'OnboardingClosed'],
  }) as const;

/** Finds the workflow, has it carry the action out, and answers with the onboarding as it is then. */
async function take(
  deps: ApiDeps,
  call: Call<Choice, { readonly by: string }>,
  actionOf: (by: Actor) => OnboardingAction,
): Promise<Done<OnboardingView>> {
  const { key, view: before } = await findOnboarding(deps, call.id, call.query);
  const action = actionOf(resolveActor((await deps.policies.current())?.policy, call.body.by));
  const view = await deps.gateway.hold(key, action, call.repeatId && `${action.verb}/${call.repeatId}`);
  deps.observer.count('slipway_actions_total', { verb: action.verb });
  const reason = 'reason' in action ? action.reason : null;
  const change = { by: action.by.id, before: standing(before), after: standing(view), reason };
  return { answer: withUrl(deps, view), change };
}

/** What an action may change of an onboarding. */
const standing = ({ workspace, mode, state, hold, closed }: OnboardingView): AuditValue => ({
  workspace,
  mode,
  state,
  hold,
  closed,
});

function later(until: string, now: number): number {
  const at = Date.parse(until);
  if (at <= now) throw new Problem('InvalidRequest', '`until` is not right: it lies in the past.', { field: 'until' });
  return at;
}
