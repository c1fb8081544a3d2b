import { escalationOwner } from '../contracts/ids.js';
import type { EntityKey } from '../domain/event/key.js';
import type { EscalationView, OnboardingView } from '../domain/onboarding/present.js';
import type { ApiDeps } from './deps.js';
import { askWorkflow, findOnboarding } from './find-onboarding.js';
import { Problem } from './problem.js';

/** The onboarding an escalation was opened for: read from the id itself, since the read model may lag behind a message. */
export function ownerOf(id: string): EntityKey {
  const key = escalationOwner(id);
  if (!key) throw unknownEscalation(id);
  return key;
}

/**
 * The latest of one escalation, from whichever onboarding carries it now: its view, else the row of one that is past,
 * else the workflow itself, whose row may be older than the message a person is answering.
 */
export async function findEscalation(deps: ApiDeps, id: string): Promise<EscalationView> {
  const owner = ownerOf(id);
  const row = await deps.readModel.escalation(id);
  const key = row?.key ?? owner;
  const found = await findOnboarding(deps, key.id, key).catch(unlessUnknown);
  const known = pick(found?.view, id) ?? row?.view ?? (found && pick(await askWorkflow(deps, owner), id));
  if (!known) throw unknownEscalation(id);
  return known;
}

export function unknownEscalation(id: string): Problem {
  return new Problem(
    'UnknownEscalation',
    `There is no escalation ${JSON.stringify(id)}; \`GET /api/v1/escalations\` lists them.`,
  );
}

const pick = (view: OnboardingView | undefined, id: string): EscalationView | undefined =>
  view?.escalations.find((one) => one.id === id);

function unlessUnknown(error: unknown): undefined {
  if (error instanceof Problem && error.code === 'UnknownOnboarding') return undefined;
  throw error;
}
