import type { z } from 'zod';
import {
  AcknowledgeBody,
  AcknowledgedSchema,
  EscalateBody,
  EscalationListSchema,
  EscalationSchema,
  EscalationsQuery,
  NoteBody,
  ReassignBody,
  ResolveBody,
  SnoozeBody,
} from '../../contracts/api.js';
import type { AuditValue } from '../../contracts/audit.js';
import { GatewayRefusal } from '../../contracts/gateway.js';
import type { ActionAnswer } from '../../contracts/messages.js';
import { snoozeEnd } from '../../domain/escalation/act.js';
import type { EscalationAction, SnoozeUntil } from '../../domain/escalation/action.js';
import type { EntityKey } from '../../domain/event/key.js';
import type { EscalationView } from '../../domain/onboarding/present.js';
import type { Policy } from '../../domain/policy/policy.js';
import { resolveActor, resolveAssignee } from '../actor.js';
import type { ApiDeps } from '../deps.js';
import { findEscalation, ownerOf, unknownEscalation } from '../find-escalation.js';
import { Problem } from '../problem.js';
import { type Call, changeRoute, type Done, jsonRoute, type Route } from '../route.js';
import { spanMs } from '../span.js';

const PATH = '/api/v1/escalations';

/** Lists and shows escalations, and takes what people do about them. */
export function escalationRoutes(deps: ApiDeps): readonly Route[] {
  return [...readRoutes(deps), ...stopRoutes(deps), ...steerRoutes(deps)];
}

function readRoutes(deps: ApiDeps): readonly Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: PATH,
      role: 'viewer',
      summary: 'Lists escalations, newest first',
      query: EscalationsQuery,
      answer: EscalationListSchema,
      refuses: ['InvalidRequest', 'InvalidCursor', 'StoreUnavailable'],
      handle: ({ query }) => deps.readModel.escalations(query),
    }),
    jsonRoute({
      method: 'get',
      path: `${PATH}/{id}`,
      role: 'viewer',
      summary: 'Shows one escalation with every send',
      answer: EscalationSchema,
      refuses: ['UnknownEscalation', 'StoreUnavailable', 'TemporalUnavailable'],
      handle: ({ id }) => findEscalation(deps, id),
    }),
  ];
}

/** After one of these nothing more of the escalation is sent, for a while or for good. */
function stopRoutes(deps: ApiDeps): readonly Route[] {
  return [
    changeRoute({
      ...action('acknowledge', 'Takes it on: nothing more is sent until the acknowledge expires'),
      body: AcknowledgeBody,
      answer: AcknowledgedSchema,
      handle: async (call) => {
        const { for: span, all, note } = call.body;
        const { answer, change } = await take(deps, call, (who, desk) => ({
          verb: 'acknowledge',
          ...who,
          ...(span === undefined ? {} : { forMs: spanMs(span, desk.policy, desk.now) }),
          ...(all === undefined ? {} : { all }),
          ...(note === undefined ? {} : { note }),
        }));
        return { answer: { ...answer.escalation, others: answer.others }, change };
      },
    }),
    changeRoute({
      ...action('snooze', 'Silences it until an instant, for a while, or until the next working morning'),
      body: SnoozeBody,
      answer: EscalationSchema,
      handle: async (call) =>
        alone(
          await take(deps, call, (who, desk) => ({ verb: 'snooze', ...who, until: snoozeUntil(call.body, who, desk) })),
        ),
    }),
    changeRoute({
      ...action('resolve', 'Closes the episode: nothing reopens on it until its condition has ended and begun again'),
      body: ResolveBody,
      answer: EscalationSchema,
      handle: async (call) => {
        const { note } = call.body;
        return alone(
          await take(deps, call, (who) => ({ verb: 'resolve', ...who, ...(note === undefined ? {} : { note }) })),
        );
      },
    }),
  ];
}

/** These leave it open, and change whom it chases and when. */
function steerRoutes(deps: ApiDeps): readonly Route[] {
  return [
    changeRoute({
      ...action('reassign', 'Gives it to somebody else, from level 1, whatever owner later records name'),
      body: ReassignBody,
      answer: EscalationSchema,
      handle: async (call) =>
        alone(
          await take(deps, call, (who, desk) => ({
            verb: 'reassign',
            ...who,
            to: resolveAssignee(desk.policy, call.body.to),
          })),
        ),
    }),
    changeRoute({
      ...action('escalate', 'Goes to the next level now'),
      body: EscalateBody,
      answer: EscalationSchema,
      handle: async (call) => alone(await take(deps, call, (who) => ({ verb: 'escalate', ...who }))),
    }),
    changeRoute({
      ...action('note', 'Adds a note for whoever looks next'),
      body: NoteBody,
      answer: EscalationSchema,
      handle: async (call) => alone(await take(deps, call, (who) => ({ verb: 'note', ...who, note: call.body.note }))),
    }),
  ];
}

const alone = ({ answer, change }: Done<ActionAnswer>): Done<EscalationView> => ({
  answer: answer.escalation,
  change,
});

const action = (verb: EscalationAction['verb'], summary: string) =>
  ({
    method: 'post',
    path: `${PATH}/{id}/${verb}`,
    role: 'operator',
    summary,
    action: `escalation.${verb}`,
    refuses: [
      'InvalidRequest',
      'UnknownEscalation',
      'EscalationNotOpen',
      ...(verb === 'reassign' ? (['UnknownPerson'] as const) : []),
      ...(verb === 'acknowledge' || verb === 'snooze' ? (['SnoozeOutOfRange'] as const) : []),
      'OnboardingClosed',
      'StoreUnavailable',
      'TemporalUnavailable',
    ],
  }) as const;

/** What an action is read against: the policy in force and the instant. */
interface Desk {
  readonly policy: Policy | undefined;
  readonly now: number;
}
type Who = Pick<EscalationAction, 'escalationId' | 'by'>;

async function take(
  deps: ApiDeps,
  call: Call<unknown, { readonly by: string }>,
  actionOf: (who: Who, desk: Desk) => EscalationAction,
): Promise<Done<ActionAnswer>> {
  const key = ownerOf(call.id);
  const desk: Desk = { policy: (await deps.policies.current())?.policy, now: deps.now() };
  const action = actionOf({ escalationId: call.id, by: resolveActor(desk.policy, call.body.by) }, desk);
  const before = (await deps.readModel.escalation(call.id))?.view;
  const updateId = call.repeatId && `${action.verb}/${call.repeatId}`;
  const answer = await deps.gateway
    .act(key, action, updateId)
    .catch((error: unknown) => elsewhere(deps, key, action, updateId, error));
  deps.observer.count('slipway_actions_total', { verb: action.verb });
  const reason = 'note' in action ? (action.note ?? null) : null;
  const change = { by: action.by.id, before: standing(before), after: standing(answer.escalation), reason };
  return { answer, change };
}

/** What an action may change of an escalation. The former one is as the read model knew it. */
function standing(view: EscalationView | undefined): AuditValue {
  return view
    ? { status: view.status, level: view.level, assigned_to: view.assigned_to, snoozed_until: view.snoozed_until }
    : null;
}

/**
 * The onboarding it was opened for said no. Where another one carries the escalation by now, that one is asked; where
 * the onboarding has ended, the escalation is over; else the refusal stands.
 */
async function elsewhere(
  deps: ApiDeps,
  asked: EntityKey,
  action: EscalationAction,
  updateId: string | undefined,
  error: unknown,
): Promise<ActionAnswer> {
  if (!(error instanceof GatewayRefusal)) throw error;
  const row = await deps.readModel.escalation(action.escalationId);
  if (row && row.key.id !== asked.id) return deps.gateway.act(row.key, action, updateId);
  if (error.code !== 'UnknownOnboarding') throw error;
  if (!row) throw unknownEscalation(action.escalationId);
  throw new Problem(
    'EscalationNotOpen',
    'The onboarding of this escalation has ended, so nothing of it is sent any more.',
  );
}

/** A morning is worked out here, where everybody's calendar is: an onboarding's cut of the policy may lack the asker's. */
function snoozeUntil(body: z.output<typeof SnoozeBody>, who: Who, { policy, now }: Desk): SnoozeUntil {
  if (body.for !== undefined) return { forMs: spanMs(body.for, policy, now) };
  if (body.until !== undefined && body.until !== 'next_working_morning') return { at: Date.parse(body.until) };
  const until = 'next_working_morning';
  return policy ? { at: snoozeEnd(policy, { verb: 'snooze', ...who, until }, now) } : until;
}
