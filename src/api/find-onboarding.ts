import { GatewayError } from '../contracts/gateway.js';
import type { EntityKey } from '../domain/event/key.js';
import type { OnboardingView } from '../domain/onboarding/present.js';
import type { ApiDeps } from './deps.js';
import { Problem } from './problem.js';

/** A person waits for the answer: longer than this and the read model's row is the better one. */
const ASK_TIMEOUT_MS = 1_500;

export interface Choice {
  readonly workspace?: string;
  readonly mode?: 'live' | 'test';
}

export interface Found {
  readonly key: EntityKey;
  readonly view: OnboardingView;
}

type Asking = Pick<ApiDeps, 'readModel' | 'gateway' | 'workspaces' | 'temporalUrl'>;

/**
 * The latest that is known of an onboarding. The read model answers, unless events were signalled after its row was
 * written or there is no row yet: then the workflow is asked, and the row stands in where it does not answer.
 */
export async function findOnboarding(deps: Asking, id: string, choice: Choice): Promise<Found> {
  const row = await deps.readModel.onboarding(id, choice);
  if (!row) return askAround(deps, id, choice);
  const live = row.behind && !row.closed ? await askWorkflow(deps, row.key).catch(() => undefined) : undefined;
  return { key: row.key, view: withUrl(deps, live ?? row.view) };
}

/** The onboarding's workflow itself; undefined where there is none. Throws `GatewayError` where it cannot be asked. */
export async function askWorkflow(deps: Pick<ApiDeps, 'gateway'>, key: EntityKey): Promise<OnboardingView | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new GatewayError('the workflow did not answer in time')), ASK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([deps.gateway.view(key), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Without a row nobody knows which workspace and mode it is: all are asked, live ones and the first workspace first. */
async function askAround(deps: Asking, id: string, choice: Choice): Promise<Found> {
  const modes = choice.mode ? [choice.mode] : (['live', 'test'] as const);
  const workspaces = choice.workspace ? [choice.workspace] : deps.workspaces();
  const keys = modes.flatMap((mode) => workspaces.map((workspace): EntityKey => ({ workspace, mode, id })));
  const views = await Promise.all(keys.map((key) => askWorkflow(deps, key)));
  const place = views.findIndex((view) => view !== undefined);
  const [key, view] = [keys[place], views[place]];
  if (!key || !view) throw unknownOnboarding(id);
  return { key, view: withUrl(deps, view) };
}

export function unknownOnboarding(id: string): Problem {
  return new Problem(
    'UnknownOnboarding',
    `No event ever spoke of an onboarding ${JSON.stringify(id)} here; \`GET /api/v1/onboardings?q=\` searches.`,
  );
}

export function withUrl(deps: Pick<ApiDeps, 'temporalUrl'>, view: OnboardingView): OnboardingView {
  return { ...view, temporal_url: deps.temporalUrl(view.workflow_id) };
}
