import type { z } from 'zod';
import type { EndpointBody, EndpointPatch } from '../../contracts/api-webhooks.js';
import type { Endpoint, EndpointSettings, Metadata, Webhooks } from '../../contracts/webhooks.js';
import type { ApiDeps } from '../deps.js';
import { invalidField } from './problem.js';
import { rateOf } from './rate.js';

type Whole = z.output<typeof EndpointBody>;
type Part = z.output<typeof EndpointPatch>;

/**
 * Svix's model has no field for the order of deliveries, and its clients send no field that they do not know. So metadata
 * carries it too: this key with `true`.
 */
export const ORDERED_KEY = 'slipway-ordered';

/** A new endpoint, or one that is replaced: what is not named is as it was made. Its headers and its order stay. */
export function replacedSettings(body: Whole, before: Endpoint | undefined): EndpointSettings {
  return {
    uid: body.uid ?? null,
    url: normal(body.url),
    description: body.description,
    filterTypes: typesOf(body) ?? null,
    channels: body.channels ?? null,
    rateLimit: rateOf(body, null),
    headers: before?.headers ?? {},
    disabled: body.disabled,
    givenVersion: body.version ?? 1,
    ...orderAndMetadata(body, { ordered: before?.ordered ?? false, metadata: {} }),
  };
}

/** What the patch names; null takes away. */
export function patchedSettings(patch: Part, before: Endpoint): EndpointSettings {
  const { uid = before.uid, description = before.description, channels = before.channels } = patch;
  const filterTypes = typesOf(patch);
  return {
    uid,
    url: patch.url === undefined ? before.url : normal(patch.url),
    description,
    filterTypes: filterTypes === undefined ? before.filterTypes : filterTypes,
    channels,
    rateLimit: rateOf(patch, before.rateLimit),
    headers: before.headers,
    disabled: patch.disabled ?? before.disabled !== null,
    givenVersion: patch.version ?? before.givenVersion,
    ...orderAndMetadata(patch, before),
  };
}

/** As it is, but for its headers. */
export function withHeaders(before: Endpoint, headers: EndpointSettings['headers']): EndpointSettings {
  return { ...before, headers, disabled: before.disabled !== null };
}

/** The metadata as it is shown: with the order, so that whoever reads it and writes it back changes nothing. */
export const shownMetadata = ({ metadata, ordered }: Pick<Endpoint, 'metadata' | 'ordered'>): Metadata =>
  ordered ? { ...metadata, [ORDERED_KEY]: 'true' } : metadata;

function orderAndMetadata(
  { ordered, metadata }: { readonly ordered?: boolean | undefined; readonly metadata?: Metadata | undefined },
  before: Pick<Endpoint, 'ordered' | 'metadata'>,
): Pick<EndpointSettings, 'ordered' | 'metadata'> {
  if (!metadata) return { ordered: ordered ?? before.ordered, metadata: before.metadata };
  const { [ORDERED_KEY]: inMetadata, ...others } = metadata;
  return { ordered: ordered ?? inMetadata === 'true', metadata: others };
}

/** `eventTypes` is the newer name of `filterTypes`. */
const typesOf = ({ eventTypes, filterTypes }: Pick<Part, 'eventTypes' | 'filterTypes'>) =>
  eventTypes === undefined ? filterTypes : eventTypes;

/** As it will be called: `http://2130706433` is 127.0.0.1. What is no URL stays, and is refused below. */
const normal = (url: string): string => (URL.canParse(url) ? new URL(url).href : url);

/** Throws 422 for a URL that must not be called, and for types that nobody has described. */
export async function checkSettings(
  { webhooks, outboundTarget }: Pick<ApiDeps, 'webhooks' | 'outboundTarget'>,
  settings: EndpointSettings,
  before?: Endpoint,
): Promise<void> {
  if (settings.url !== before?.url) checkUrl(settings.url, outboundTarget);
  const named = settings.filterTypes?.filter((one) => !before?.filterTypes?.includes(one)) ?? [];
  await checkTypes(webhooks, named);
}

function checkUrl(url: string, outboundTarget: ApiDeps['outboundTarget']): void {
  const loc = ['body', 'url'];
  if (!/^https?:/.test(url) || !URL.canParse(url))
    throw invalidField(loc, 'That is no URL that begins with https:// or http://.');
  const why = outboundTarget(url);
  if (why !== null) throw invalidField(loc, why);
}

/** A group may be empty as yet. */
async function checkTypes({ eventTypes }: Pick<Webhooks, 'eventTypes'>, named: readonly string[]): Promise<void> {
  const names = named.filter((one) => !one.endsWith('.*'));
  const known = await Promise.all(names.map((name) => eventTypes.find(name)));
  const missing = names.filter((_, nth) => known[nth]?.archived !== false);
  if (missing.length === 0) return;
  throw invalidField(
    ['body', 'filterTypes'],
    `Nobody has described these event types, or they are archived: ${missing.join(', ')}.`,
  );
}
