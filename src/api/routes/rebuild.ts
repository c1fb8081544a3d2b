import {
  ChoiceQuery,
  type Frozen,
  OnboardingRebuildSchema,
  type OnboardingRebuildView,
  ReadModelRebuildSchema,
  type ReadModelRebuildView,
  RebuildBody,
  RebuildOnboardingBody,
} from '../../contracts/api.js';
import { workflowId } from '../../contracts/ids.js';
import { READ_MODEL_REBUILD, type RebuildLook } from '../../contracts/rebuild.js';
import type { EntityKey } from '../../domain/event/key.js';
import type { ApiDeps } from '../deps.js';
import { type Choice, unknownOnboarding, withUrl } from '../find-onboarding.js';
import { changeRoute, jsonRoute, type Route } from '../route.js';

const PATH = '/api/v1/rebuild';
const DIFFERENCES_SHOWN = 200;

type Rebuilding = Pick<ApiDeps, 'rebuild' | 'readModel' | 'events' | 'workspaces' | 'temporalUrl'>;

/** Making anew what follows from archive and decision log: one onboarding, shown first, or the read model. */
export function rebuildRoutes(deps: Rebuilding): readonly Route[] {
  return [
    changeRoute({
      method: 'post',
      path: '/api/v1/onboardings/{id}/rebuild',
      role: 'admin',
      action: 'onboarding.rebuild',
      summary:
        'Shows what making its workflow anew from archive and decision log would change, or with `confirm` does it',
      query: ChoiceQuery,
      body: RebuildOnboardingBody,
      answer: OnboardingRebuildSchema,
      refuses: [
        'InvalidRequest',
        'UnknownOnboarding',
        'RebuildOutdated',
        'RebuildIncomplete',
        'RebuildOvertaken',
        'StoreUnavailable',
        'TemporalUnavailable',
      ],
      handle: async ({ id, query, body: { by, reason, confirm } }) => {
        const key = await keyOf(deps, id, query);
        const look = await (confirm === undefined
          ? deps.rebuild.onboarding.look(key)
          : deps.rebuild.onboarding.carryOut(key, { confirm, by, reason }));
        if (!look) throw unknownOnboarding(id);
        const done = confirm !== undefined;
        return {
          answer: shown(deps, key, look, done),
          change: {
            subject: id,
            by,
            before: { workflow: look.workflow, state: look.presentDigest },
            after: done ? { state: look.rebuiltDigest } : { shown: look.differences.length },
            reason,
          },
        };
      },
    }),
    changeRoute({
      method: 'post',
      path: PATH,
      role: 'admin',
      action: 'lists.rebuild',
      summary: 'Makes the read model anew from the workflows; a rebuild that is under way is left alone',
      body: RebuildBody,
      answer: ReadModelRebuildSchema,
      refuses: ['InvalidRequest', 'StoreUnavailable', 'TemporalUnavailable'],
      handle: async ({ body: { by, reason } }) => {
        await deps.rebuild.start();
        return {
          answer: await progressOf(deps),
          change: { subject: 'lists', by, before: null, after: { started: true }, reason: reason ?? null },
        };
      },
    }),
    jsonRoute({
      method: 'get',
      path: PATH,
      role: 'viewer',
      summary: 'Tells how far the latest rebuild of the read model has come',
      answer: ReadModelRebuildSchema,
      refuses: ['TemporalUnavailable'],
      handle: () => progressOf(deps),
    }),
  ];
}

/** The row names the key; without one the archive does: the workflow itself may be what does not answer. */
async function keyOf(deps: Rebuilding, id: string, choice: Choice): Promise<EntityKey> {
  const row = await deps.readModel.onboarding(id, choice);
  if (row) return row.key;
  const modes = choice.mode ? [choice.mode] : (['live', 'test'] as const);
  const workspaces = choice.workspace ? [choice.workspace] : deps.workspaces();
  for (const mode of modes)
    for (const workspace of workspaces) {
      const key = { workspace, mode, id };
      if ((await deps.events.eventsOf(workflowId('onboarding', key), 1)).length > 0) return key;
    }
  throw unknownOnboarding(id);
}

function shown(deps: Rebuilding, key: EntityKey, look: RebuildLook, done: boolean): Frozen<OnboardingRebuildView> {
  return {
    onboarding_id: key.id,
    workflow_id: workflowId('onboarding', key),
    done,
    workflow: look.workflow,
    differences: look.differences.slice(0, DIFFERENCES_SHOWN),
    differences_in_all: look.differences.length,
    present_digest: look.presentDigest,
    rebuilt_digest: look.rebuiltDigest,
    confirm: look.confirm,
    unlogged: look.unlogged,
    missing: look.missing,
    rebuilt: withUrl(deps, look.rebuilt),
  };
}

async function progressOf(deps: Rebuilding): Promise<Frozen<ReadModelRebuildView>> {
  const found = await deps.rebuild.progress();
  const { running, ...counts } = found ?? { running: false, rebuilt: 0, unanswered: 0, examples: [] };
  return {
    ...counts,
    state: found === undefined ? 'never' : running ? 'running' : 'done',
    workflow_id: READ_MODEL_REBUILD,
    temporal_url: deps.temporalUrl(READ_MODEL_REBUILD),
  };
}
