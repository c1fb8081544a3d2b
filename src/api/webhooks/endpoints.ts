import {
  EndpointBody,
  EndpointPatch,
  NewEndpointBody,
  OrderedPageQuery,
  StatsQuery,
} from '../../contracts/api-webhooks.js';
import { type Application, type Endpoint, type EndpointSettings, NoSecretKey } from '../../contracts/webhooks.js';
import type { ApiDeps } from '../deps.js';
import { iso } from '../instant.js';
import { isOwn } from './applications.js';
import { changeEndpoint, uidTaken } from './endpoint-change.js';
import { checkSettings, patchedSettings, replacedSettings, shownMetadata } from './endpoint-settings.js';
import { applicationOf, endpointIn, endpointOf, knownEndpoint } from './find.js';
import { listed, pageOf } from './paging.js';
import { sendPing } from './ping.js';
import { conflict, impossible, unknown, unsupported } from './problem.js';
import { changing, reading, type WebhookRoute } from './route.js';
import { unshown } from './unshown.js';

const PATH = '/api/v1/app/{app_id}/endpoint';
const DAY_MS = 86_400_000;
/** So far back statistics go, and five minutes more for a clock that is behind. */
const STATS_DAYS = 28;
const LENIENCE_MS = 300_000;

type Deps = Pick<ApiDeps, 'webhooks' | 'outboundTarget' | 'now' | 'observer'>;

/** Endpoints: the addresses that an application's messages go to. */
export function endpointRoutes(deps: Deps): readonly WebhookRoute[] {
  const { endpoints } = deps.webhooks;

  async function create(application: Application, settings: EndpointSettings, secret?: string | null) {
    await checkSettings(deps, settings);
    const endpoint = await endpoints.create(application.id, settings, secret ?? undefined).catch(refuseWithoutKey);
    if (endpoint === 'taken') throw uidTaken();
    if (endpoint === 'unknown_application') throw unknown('application', application.id);
    if (isOwn(application) && endpoint.disabled === null) await sendPing(deps, application, endpoint);
    return { status: 201, body: endpointView(endpoint), change: changeOf(endpoint, null) };
  }

  async function update(first: Endpoint, settingsOf: (before: Endpoint) => EndpointSettings) {
    const { before, after } = await changeEndpoint(deps.webhooks, first, async (now) => {
      const settings = settingsOf(now);
      await checkSettings(deps, settings, now);
      return settings;
    });
    return { status: 200, body: endpointView(after), change: changeOf(after, before) };
  }

  return [
    reading({
      method: 'get',
      path: PATH,
      call: 'endpoint.list',
      role: 'viewer',
      summary: "Lists the application's endpoints, the newest first",
      query: OrderedPageQuery,
      handle: async ({ params, query }) => {
        const { id } = await applicationOf(deps.webhooks, params);
        return listed(await endpoints.list(id, pageOf(query, 'descending')), endpointView);
      },
    }),
    changing({
      method: 'post',
      path: PATH,
      call: 'endpoint.create',
      role: 'admin',
      action: 'endpoint.create',
      summary: 'Makes an endpoint; one of `slipway` or `slipway-test` is sent a `webhook.ping`',
      body: NewEndpointBody,
      handle: async ({ params, body: { secret, headers, ...body } }) => {
        const application = await applicationOf(deps.webhooks, params);
        return create(application, { ...replacedSettings(body, undefined), headers: headers ?? {} }, secret);
      },
    }),
    reading({
      method: 'get',
      path: `${PATH}/{endpoint_id}`,
      call: 'endpoint.get',
      role: 'viewer',
      summary: 'Shows an endpoint, by id or uid; never its secret',
      handle: async ({ params }) => ({
        status: 200,
        body: endpointView((await endpointOf(deps.webhooks, params)).endpoint),
      }),
    }),
    changing({
      method: 'put',
      path: `${PATH}/{endpoint_id}`,
      call: 'endpoint.update',
      role: 'admin',
      action: 'endpoint.update',
      summary: 'Replaces an endpoint, but for its headers and secret; where there is none, makes one (201)',
      body: EndpointBody,
      handle: async ({ params, body }) => {
        const application = await applicationOf(deps.webhooks, params);
        const before = await knownEndpoint(deps.webhooks, application, params['endpoint_id']);
        if (!before) return create(application, replacedSettings(body, undefined));
        return update(before, (now) => replacedSettings(body, now));
      },
    }),
    changing({
      method: 'patch',
      path: `${PATH}/{endpoint_id}`,
      call: 'endpoint.patch',
      role: 'admin',
      action: 'endpoint.patch',
      summary: 'Changes what the body names; `disabled` stops and starts deliveries',
      body: EndpointPatch,
      handle: async ({ params, body }) => {
        if (body.secret != null)
          throw unsupported(
            'A secret is not changed by a patch: rotate it, so that the former one signs for a day more.',
          );
        const { endpoint } = await endpointOf(deps.webhooks, params);
        return update(endpoint, (now) => patchedSettings(body, now));
      },
    }),
    changing({
      method: 'delete',
      path: `${PATH}/{endpoint_id}`,
      call: 'endpoint.delete',
      role: 'admin',
      action: 'endpoint.delete',
      summary: 'Deletes an endpoint; what waited for it is called off',
      handle: async ({ params }) => {
        const application = await applicationOf(deps.webhooks, params);
        const endpoint = await endpointIn(deps.webhooks, application, params['endpoint_id']);
        if (!(await endpoints.remove(endpoint))) throw unknown('endpoint', endpoint.id);
        return { status: 204, change: { subject: endpoint.id, before: said(endpoint), after: null } };
      },
    }),
    reading({
      method: 'get',
      path: `${PATH}/{endpoint_id}/stats`,
      call: 'endpoint.getStats',
      role: 'viewer',
      summary: `Counts its deliveries by state, of ${STATS_DAYS} days at most`,
      query: StatsQuery,
      handle: async ({ params, query: { since, until = deps.now() } }) => {
        const from = since ?? until - STATS_DAYS * DAY_MS;
        checkRange(from, until, deps.now());
        const { key } = await endpointOf(deps.webhooks, params);
        return { status: 200, body: { ...(await endpoints.stats(key, from, until)), canceled: 0 } };
      },
    }),
  ];
}

function checkRange(since: number, until: number, now: number): void {
  if (until > now) throw impossible('invalid_range', '`until` lies in the future: leave it out for now.');
  if (until - since > STATS_DAYS * DAY_MS + LENIENCE_MS)
    throw impossible('invalid_range', `\`since\` lies more than ${STATS_DAYS} days before \`until\`: ask for less.`);
}

export const endpointView = (endpoint: Endpoint) => ({
  id: endpoint.id,
  uid: endpoint.uid,
  url: endpoint.url,
  description: endpoint.description,
  filterTypes: endpoint.filterTypes,
  eventTypes: endpoint.filterTypes,
  channels: endpoint.channels,
  rateLimit: endpoint.rateLimit,
  throttleRate: endpoint.rateLimit,
  version: endpoint.givenVersion,
  disabled: endpoint.disabled !== null,
  disabledBy: endpoint.disabled,
  failures: endpoint.failures,
  ordered: endpoint.ordered,
  metadata: shownMetadata(endpoint),
  createdAt: iso(endpoint.createdAt),
  updatedAt: iso(endpoint.updatedAt),
});

const changeOf = (after: Endpoint, before: Endpoint | null) => ({
  subject: after.id,
  before: before && said(before),
  after: { ...said(after), ...unshown(before, after, UNSHOWN) },
});

const UNSHOWN = ['url', 'description', 'channels', 'metadata', 'givenVersion'] as const;

/** Of the URL the host alone: paths and queries of webhook URLs are often secrets. */
const said = ({ uid, url, filterTypes, ordered, rateLimit, disabled }: Endpoint) => ({
  uid,
  host: new URL(url).host,
  types: filterTypes?.join(' ') ?? 'all',
  ordered,
  rate_limit: rateLimit,
  disabled,
});

export function refuseWithoutKey(error: unknown): never {
  if (!(error instanceof NoSecretKey)) throw error;
  throw conflict(
    'Signing secrets are kept encrypted, and SLIPWAY_SECRET_KEY is unset or another one than they were kept with: set it for every server and worker, and ask again.',
    'no_secret_key',
  );
}
