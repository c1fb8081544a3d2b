import type { Endpoint, EndpointSettings, Webhooks } from '../../contracts/webhooks.js';
import { conflict, unknown } from './problem.js';

/** So often is it begun anew: beyond it somebody changes an endpoint without end. */
const TRIES = 5;

/**
 * Changes an endpoint from what it is now. Where somebody else changed it in between, or its failures disabled it, once
 * more from there, so that neither undoes what it never saw. Throws 404 where it is gone, and 409 for a uid that is taken.
 */
export async function changeEndpoint(
  { endpoints }: Pick<Webhooks, 'endpoints'>,
  first: Endpoint,
  settingsOf: (before: Endpoint) => EndpointSettings | Promise<EndpointSettings>,
): Promise<{ readonly before: Endpoint; readonly after: Endpoint }> {
  let before: Endpoint | undefined = first;
  for (let tries = 0; before && tries < TRIES; tries++) {
    const after = await endpoints.update(before, await settingsOf(before));
    if (after === 'taken') throw uidTaken();
    if (after === undefined) break;
    if (after !== 'changed') return { before, after };
    before = await endpoints.find(first.application, first.id);
  }
  if (before) throw conflict('Others are changing this endpoint at this moment: ask again.');
  throw unknown('endpoint', first.id);
}

export const uidTaken = () => conflict('Another endpoint of this application has this uid: take another one, or none.');
