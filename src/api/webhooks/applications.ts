import type { z } from 'zod';
import {
  ApplicationBody,
  ApplicationPatch,
  CreateApplicationQuery,
  OrderedPageQuery,
} from '../../contracts/api-webhooks.js';
import { type Application, type NewApplication, OWN_APPLICATIONS } from '../../contracts/webhooks.js';
import type { ApiDeps } from '../deps.js';
import { iso } from '../instant.js';
import { applicationOf, knownApplication } from './find.js';
import { listed, pageOf } from './paging.js';
import { conflict } from './problem.js';
import { rateOf } from './rate.js';
import { changing, reading, type Reply, type WebhookRoute } from './route.js';
import { unshown } from './unshown.js';

const PATH = '/api/v1/app';
const OWN = new Set<string>(Object.values(OWN_APPLICATIONS).map(({ id }) => id));

export const isOwn = ({ id }: Application): boolean => OWN.has(id);

/** Applications: each holds the endpoints of one who is told things. */
export function applicationRoutes({ webhooks }: Pick<ApiDeps, 'webhooks'>): readonly WebhookRoute[] {
  const { applications, endpoints } = webhooks;

  /** `orKnown`: somebody else may make the same one at the same moment. */
  async function create(wanted: NewApplication, orKnown = false) {
    const made = await applications.create(wanted);
    const known = made === 'taken' && orKnown ? await applications.find(wanted.uid ?? '') : undefined;
    return known ? done(200, known, known) : done(201, untaken(made), null);
  }

  async function update(before: Application, wanted: NewApplication) {
    refuseOwn(before);
    return done(200, untaken(await applications.update(before.id, wanted)), before);
  }

  /** Until none is left: others may be made meanwhile. */
  async function remove({ id }: Application): Promise<void> {
    while (!(await applications.remove(id))) {
      const { data } = await endpoints.list(id, { limit: 250, iterator: null, order: 'ascending' });
      for (const endpoint of data) await endpoints.remove(endpoint);
    }
  }

  return [
    reading({
      method: 'get',
      path: PATH,
      call: 'application.list',
      role: 'viewer',
      summary: 'Lists the applications, the oldest first',
      query: OrderedPageQuery,
      handle: async ({ query }) => listed(await applications.list(pageOf(query, 'ascending')), view),
    }),
    changing({
      method: 'post',
      path: PATH,
      call: 'application.create, application.getOrCreate',
      role: 'admin',
      action: 'application.create',
      summary: 'Makes an application; `?get_if_exists=true` answers 200 with the one that has this uid',
      query: CreateApplicationQuery,
      body: ApplicationBody,
      settled: async ({ query, body }) => {
        const known = query.get_if_exists && body.uid ? await applications.find(body.uid) : undefined;
        return known && { status: 200, body: view(known) };
      },
      handle: ({ query, body }) => create(replaced(body), query.get_if_exists),
    }),
    reading({
      method: 'get',
      path: `${PATH}/{app_id}`,
      call: 'application.get',
      role: 'viewer',
      summary: 'Shows an application, by id or uid',
      handle: async ({ params }) => ({ status: 200, body: view(await applicationOf(webhooks, params)) }),
    }),
    changing({
      method: 'put',
      path: `${PATH}/{app_id}`,
      call: 'application.update',
      role: 'admin',
      action: 'application.update',
      summary: 'Replaces an application; where there is none, makes one of what the body says (201)',
      body: ApplicationBody,
      handle: async ({ params, body }) => {
        const before = await knownApplication(webhooks, params);
        return before ? update(before, replaced(body)) : create(replaced(body));
      },
    }),
    changing({
      method: 'patch',
      path: `${PATH}/{app_id}`,
      call: 'application.patch',
      role: 'admin',
      action: 'application.patch',
      summary: 'Changes what the body names',
      body: ApplicationPatch,
      handle: async ({ params, body }) => {
        const before = await applicationOf(webhooks, params);
        return update(before, patched(before, body));
      },
    }),
    changing({
      method: 'delete',
      path: `${PATH}/{app_id}`,
      call: 'application.delete',
      role: 'admin',
      action: 'application.delete',
      summary: 'Deletes an application with its endpoints; what waited for them is called off',
      handle: async ({ params }) => {
        const before = await applicationOf(webhooks, params);
        refuseOwn(before);
        await remove(before);
        return { status: 204, change: { subject: before.id, before: said(before), after: null } };
      },
    }),
  ];
}

function refuseOwn(application: Application): void {
  if (!isOwn(application)) return;
  throw conflict(
    `The application ${application.uid} is Slipway's own: it cannot be changed; make another one beside it.`,
  );
}

const view = ({ rateLimit, createdAt, updatedAt, ...application }: Application) => ({
  ...application,
  rateLimit,
  throttleRate: rateLimit,
  createdAt: iso(createdAt),
  updatedAt: iso(updatedAt),
});

function done(status: number, after: Application, before: Application | null): Reply & { change: Said } {
  const change = {
    subject: after.id,
    before: before && said(before),
    after: { ...said(after), ...unshown(before, after, ['metadata']) },
  };
  return { status, body: view(after), change };
}

const said = ({ uid, name, rateLimit }: Application) => ({ uid, name, rate_limit: rateLimit });
interface Said {
  readonly subject: string;
  readonly before: ReturnType<typeof said> | null;
  readonly after: ReturnType<typeof said>;
}

function untaken(answer: Application | 'taken'): Application {
  if (answer !== 'taken') return answer;
  throw conflict('Another application has this uid: take another one, or ask with `?get_if_exists=true`.');
}

const replaced = ({
  name,
  uid,
  rateLimit,
  throttleRate,
  metadata,
}: z.output<typeof ApplicationBody>): NewApplication => ({
  name,
  uid: uid ?? null,
  rateLimit: throttleRate ?? rateLimit ?? null,
  metadata,
});

function patched(before: Application, patch: z.output<typeof ApplicationPatch>): NewApplication {
  const { name = before.name, uid = before.uid, metadata = before.metadata } = patch;
  return { name, uid, metadata, rateLimit: rateOf(patch, before.rateLimit) };
}
