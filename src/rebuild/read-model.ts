import { parseWorkflowId } from '../contracts/ids.js';
import type { ReadModelRebuild, RebuildStore, RemadeRow } from '../contracts/rebuild.js';
import type { EntityKey } from '../domain/event/key.js';
import type { Escalation } from '../domain/escalation/escalation.js';
import { type EscalationView, presentEscalation, presentOnboarding } from '../domain/onboarding/present.js';
import type { OnboardingState } from '../domain/onboarding/state.js';
import { needsPolicy } from '../domain/policy/names.js';
import { reconcile } from '../domain/reconcile.js';
import { everyEscalation } from '../domain/remake.js';
import { toVirtual } from '../domain/time/clock.js';
import { type RemakeDeps, type Remade, readRemade } from './remade.js';

export interface ReadModelDeps extends RemakeDeps {
  readonly rebuilds: RebuildStore;
}

/**
 * The read model from what it follows from: each onboarding's own state, and archive and log for what that has let go of.
 * A workflow that writes its view meanwhile is not overtaken.
 */
export function createReadModelRebuild(deps: ReadModelDeps): ReadModelRebuild {
  return {
    workflows: (after, limit) => deps.rebuilds.workflows(after, limit),
    async rebuild(workflowId) {
      const key = parseWorkflowId(workflowId)?.key;
      // An id too long for an index is kept as a digest, which names no onboarding; its workflow writes its row itself.
      if (!key) return 'unanswered';
      const revision = await deps.rebuilds.revision(key);
      const remade = await readRemade(deps, key);
      if (!remade) return 'unanswered';
      await deps.rebuilds.write(rowOf(key, workflowId, remade, toVirtual(deps.clock, deps.now())), revision);
      return remade.present ? 'rebuilt' : 'unanswered';
    },
  };
}

function rowOf(key: EntityKey, workflowId: string, { present, rebuilt, record }: Remade, now: number): RemadeRow {
  const state = present ?? rebuilt;
  const { policy } = state;
  const wake = policy && !needsPolicy(state) && state.endedAt === null ? reconcile(state, policy, now).wake : null;
  const atHand = new Set(state.escalations.map(({ id }) => id));
  const past: EscalationView[] = [];
  const handedOver: EscalationView[] = [];
  for (const { state: then, escalation } of everyEscalation(record).values()) {
    if (atHand.has(escalation.id)) continue;
    (wasHandedOver(escalation) ? handedOver : past).push(presentEscalation(then, escalation));
  }
  const shown = (escalation: Escalation) => presentEscalation(state, escalation);
  return {
    projection: {
      entity: key,
      workflowId,
      view: { ...presentOnboarding(state, now, wake), workflow_id: workflowId },
      ...(state.endedAt === null ? {} : { final: closed(state) }),
    },
    escalations: state.escalations.filter((one) => !wasHandedOver(one)).map(shown),
    past,
    handedOver: [...handedOver, ...state.escalations.filter(wasHandedOver).map(shown)],
  };
}

const wasHandedOver = ({ resolved }: Escalation): boolean => resolved?.how === 'handed_over';
const closed = (state: OnboardingState): OnboardingState => ({ ...state, log: [] });
