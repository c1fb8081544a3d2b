import type { Escalation, EscalationList, Onboarding } from '../contracts/api.js';
import type { Client } from './client.js';
import { CliFailure, EXIT } from './failure.js';

/** Beyond so many open escalations a prefix is not worth the search; the whole id works always. */
const SEARCHED = 200;

/**
 * The id of the escalation somebody means: the id itself, the beginning of one that no other open one shares, or the
 * id of an onboarding with just one that is open.
 */
export async function findEscalation(client: Client, said: string): Promise<string> {
  const exact = await client.get<Escalation>(`/api/v1/escalations/${encodeURIComponent(said)}`).catch(unlessNotFound);
  if (exact) return exact.id;
  const ofOnboarding = await openOf(client, said);
  if (ofOnboarding) return onlyOne(said, ofOnboarding);
  const open = await client.get<EscalationList>('/api/v1/escalations', {
    status: 'unresolved',
    limit: SEARCHED,
  });
  return onlyOne(
    said,
    open.data.map(({ id }) => id).filter((id) => id.startsWith(said)),
  );
}

async function openOf(client: Client, onboarding: string): Promise<readonly string[] | undefined> {
  const view = await client
    .get<Onboarding>(`/api/v1/onboardings/${encodeURIComponent(onboarding)}`)
    .catch(unlessNotFound);
  return view?.escalations.filter(({ status }) => status !== 'resolved').map(({ id }) => id);
}

function onlyOne(said: string, ids: readonly string[]): string {
  const [id, ...others] = ids;
  if (id === undefined) {
    throw new CliFailure(
      EXIT.notFound,
      `No open escalation is called ${JSON.stringify(said)} or belongs to it; \`slipway escalations\` lists them.`,
    );
  }
  if (others.length > 0)
    throw new CliFailure(EXIT.usage, `${JSON.stringify(said)} may be any of ${ids.slice(0, 5).join(', ')}; name one.`);
  return id;
}

function unlessNotFound(error: unknown): undefined {
  if (error instanceof CliFailure && error.exit === EXIT.notFound) return undefined;
  throw error;
}
