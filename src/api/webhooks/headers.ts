import { mayAs, type Role } from '../../contracts/access.js';
import { HeadersBody, HeadersPatch } from '../../contracts/api-webhooks.js';
import type { Endpoint } from '../../contracts/webhooks.js';
import type { ApiDeps } from '../deps.js';
import { changeEndpoint } from './endpoint-change.js';
import { withHeaders } from './endpoint-settings.js';
import { endpointOf } from './find.js';
import { changing, reading, type WebhookRoute } from './route.js';
import { unshown } from './unshown.js';

type Headers = Readonly<Record<string, string>>;

const PATH = '/api/v1/app/{app_id}/endpoint/{endpoint_id}/headers';
/** Their values are never shown, not even to those who may write them. */
const SENSITIVE =
  /^(x-auth-token|x-api-key|www-authenticate|authorization|proxy-authenticate|proxy-authorization|cookie|set-cookie)$/i;

/** Headers as anybody who looks may see them: those of credentials are there, without their value. */
export const masked = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, SENSITIVE.test(name) ? '…' : value]));

/** Headers of an endpoint's own, sent beside Slipway's. */
export function headerRoutes({ webhooks }: Pick<ApiDeps, 'webhooks'>): readonly WebhookRoute[] {
  async function set(endpoint: Endpoint, headersOf: (before: Headers) => Headers) {
    const { before, after } = await changeEndpoint(webhooks, endpoint, (now) =>
      withHeaders(now, headersOf(now.headers)),
    );
    return { status: 204, change: changeOf(after, before) };
  }

  return [
    reading({
      method: 'get',
      path: PATH,
      call: 'endpoint.getHeaders',
      role: 'viewer',
      summary:
        'Shows the headers that are sent along; of those that carry credentials, and to whom is no admin, the names alone',
      handle: async ({ params, caller }) => {
        const { endpoint } = await endpointOf(webhooks, params);
        return { status: 200, body: shown(endpoint.headers, caller.role) };
      },
    }),
    changing({
      method: 'put',
      path: PATH,
      call: 'endpoint.updateHeaders, endpoint.headersUpdate',
      role: 'admin',
      action: 'endpoint.set_headers',
      summary: 'Replaces the headers that are sent along',
      body: HeadersBody,
      handle: async ({ params, body }) => set((await endpointOf(webhooks, params)).endpoint, () => body.headers),
    }),
    changing({
      method: 'patch',
      path: PATH,
      call: 'endpoint.patchHeaders, endpoint.headersPatch',
      role: 'admin',
      action: 'endpoint.patch_headers',
      summary: 'Changes some of the headers that are sent along; null, or `deleteHeaders`, takes one away',
      body: HeadersPatch,
      handle: async ({ params, body: { headers, deleteHeaders } }) => {
        const { endpoint } = await endpointOf(webhooks, params);
        return set(endpoint, (before) => merged(before, headers, deleteHeaders));
      },
    }),
  ];
}

/** Names are alike whatever their case: of two spellings the new one stays. */
function merged(before: Headers, patch: Readonly<Record<string, string | null>>, gone: readonly string[]): Headers {
  const named = new Set([...Object.keys(patch), ...gone].map((name) => name.toLowerCase()));
  const kept = Object.entries(before).filter(([name]) => !named.has(name.toLowerCase()));
  const given = Object.entries(patch).filter((one): one is [string, string] => one[1] !== null);
  return Object.fromEntries([...kept, ...given]);
}

/** As Svix: under `sensitive` is a name whose value is not shown. Any value may be a credential: only admins may know. */
function shown(headers: Headers, to: Role) {
  const isHidden = (name: string): boolean => !mayAs(to, 'admin') || SENSITIVE.test(name);
  const entries = Object.entries(headers);
  return {
    headers: Object.fromEntries(entries.filter(([name]) => !isHidden(name))),
    sensitive: entries.map(([name]) => name).filter(isHidden),
  };
}

const changeOf = (after: Endpoint, before: Endpoint) => ({
  subject: after.id,
  before: said(before.headers),
  after: { ...said(after.headers), ...unshown(before.headers, after.headers, Object.keys(before.headers)) },
});

/** Names alone: values may be credentials under any name. */
const said = (headers: Headers) => ({ headers: Object.keys(headers).join(' ') });
