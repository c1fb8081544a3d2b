import { LIMITED } from '../../contracts/api-webhooks.js';
import type { Application, Endpoint, EndpointKey, EventType, Message, Webhooks } from '../../contracts/webhooks.js';
import { unknown } from './problem.js';

type Params = Readonly<Record<string, string>>;

/** What a path names, by id or by its maker's own one. Each throws 404 where there is none. */
export async function applicationOf({ applications }: Pick<Webhooks, 'applications'>, params: Params) {
  return found(await knownApplication({ applications }, params), 'application', params['app_id']);
}

export const knownApplication = ({ applications }: Pick<Webhooks, 'applications'>, params: Params) =>
  look(params['app_id'], (id) => applications.find(id));

export async function endpointOf(
  webhooks: Pick<Webhooks, 'applications' | 'endpoints'>,
  params: Params,
): Promise<{ readonly application: Application; readonly endpoint: Endpoint; readonly key: EndpointKey }> {
  const application = await applicationOf(webhooks, params);
  const endpoint = await endpointIn(webhooks, application, params['endpoint_id']);
  return { application, endpoint, key: { application: application.id, id: endpoint.id } };
}

export async function endpointIn(
  { endpoints }: Pick<Webhooks, 'endpoints'>,
  application: Application,
  ref: string | undefined,
): Promise<Endpoint> {
  return found(await knownEndpoint({ endpoints }, application, ref), 'endpoint', ref);
}

export const knownEndpoint = (
  { endpoints }: Pick<Webhooks, 'endpoints'>,
  application: Application,
  ref: string | undefined,
) => look(ref, (id) => endpoints.find(application.id, id));

export async function messageOf(
  webhooks: Pick<Webhooks, 'applications' | 'messages'>,
  params: Params,
): Promise<{ readonly application: Application; readonly message: Message }> {
  const application = await applicationOf(webhooks, params);
  const message = await look(params['msg_id'], (id) => webhooks.messages.find(application.id, id));
  return { application, message: found(message, 'message', params['msg_id']) };
}

export async function eventTypeOf(
  { eventTypes }: Pick<Webhooks, 'eventTypes'>,
  name: string | undefined,
): Promise<EventType> {
  return found(await knownEventType({ eventTypes }, name), 'event type', name);
}

export const knownEventType = ({ eventTypes }: Pick<Webhooks, 'eventTypes'>, name: string | undefined) =>
  look(name, (one) => eventTypes.find(one));

/** The store is not asked for what nothing can be called: it would refuse some of it, such as NUL. */
async function look<T>(ref: string | undefined, find: (ref: string) => Promise<T | undefined>): Promise<T | undefined> {
  return ref !== undefined && LIMITED.test(ref) ? find(ref) : undefined;
}

function found<T>(thing: T | undefined, what: string, ref = ''): T {
  if (thing === undefined) throw unknown(what, ref);
  return thing;
}
