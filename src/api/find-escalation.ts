import { escalationOwner } from '../contracts/ids.js';
import type { EntityKey } from '../domain/event/key.js';
import type { EscalationView, OnboardingView } from '../domain/onboarding/present.js';
import type { ApiDeps } from './deps.js';
import { askWorkflow, findOnboarding } from './find-onboarding.js';
import { Problem } from './problem.js';

/** Older escalations of one onboarding than this are no longer looked through one by one. */
const LOOK_BACK = 200;

/** The onboarding an escalation id belongs to: read from the id itself, since the read model may lag behind a message. */
export function ownerOf(id: string): EntityKey {
  const key = escalationOwner(id);
  if (!key) throw unknownEscalation(id);
  return key;
}

/**
 * The latest of one escalation: from the onboarding's view, else from its workflow (the row may be older than the
 * message a person is answering), else from the list of past ones.
 */
export async function findEscalation(deps: ApiDeps, id: string): Promise<EscalationView> {
  const key = ownerOf(id);
  const found = await findOnboarding(deps, key.id, key).catch(unlessUnknown);
  const known = found && pick(found.view, id);
  if (known) return known;
  const live = found && (await askWorkflow(deps, key).catch(() => undefined));
  const fresh = live && pick(live, id);
  if (fresh) return fresh;
  const past = await deps.readModel.escalations({ onboarding_id: key.id, mode: key.mode, limit: LOOK_BACK });
  const row = past.data.find((one) => one.id === id);
  if (!row) throw unknownEscalation(id);
  return row;
}

export function unknownEscalation(id: string): Problem {
  return new Problem(
    'UnknownEscalation',
    `There is no escalation ${JSON.stringify(id)}; \`GET /api/v1/escalations\` lists them.`,
  );
}

const pick = (view: OnboardingView, id: string): EscalationView | undefined =>
  view.escalations.find((one) => one.id === id);

function unlessUnknown(error: unknown): undefined {
  if (error instanceof Problem && error.code === 'UnknownOnboarding') return undefined;
  throw error;
}
