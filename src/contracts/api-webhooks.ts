import { z } from 'zod';
import { flag } from './api-schema.js';
import { canBeSchema } from './api-json-schema.js';

/**
 * What the management API of outgoing webhooks takes, in Svix's words: camelCase bodies, snake_case queries, fields that
 * nobody knows let pass, because newer clients send more. A message is not among them: it is read by hand, for speed.
 */

/** Ids, uids and names of types. Not `.` and `..`: in the path of a URL they would name what stands above. */
export const LIMITED = /^(?!\.{1,2}$)[a-zA-Z0-9\-_.]{1,256}$/;
export const LIMITED_IN_WORDS =
  'Write 1 to 256 letters, digits, dashes, underscores and dots, but neither `.` nor `..` alone.';
export const CHANNEL = /^[a-zA-Z0-9\-_.:+]{1,128}$/;
export const TAG = /^[a-zA-Z0-9\-_./\\#]{1,128}$/;
/** A name, or all of a group: `onboarding.*`. */
const TYPE_OR_GROUP = /^[a-zA-Z0-9\-_.]{1,254}(\.\*)?$/;
const METADATA_BYTES = 4096;
const HEADER_BYTES = 4096;

const limited = z.string().regex(LIMITED, LIMITED_IN_WORDS);
const uid = (prefix: string) =>
  limited.refine((text) => !text.startsWith(prefix), `A uid may not begin like an id, with \`${prefix}\`.`);
const text = z
  .string()
  .refine((value) => !Array.from(value).some((one) => one < '\t'), 'Control characters 0x00 to 0x08 are not taken.');
const rate = z.int().min(1).max(65_535).nullish();
const metadata = z
  .record(z.string(), z.string())
  .nullable()
  .transform((given) => given ?? {})
  .refine((given) => JSON.stringify(given).length <= METADATA_BYTES, `Metadata may have ${METADATA_BYTES} bytes.`);
/** Also as Rust prints an instant, `2026-11-28 14:00:00.5 UTC`, and with a plus sign that a query turned into a space. */
const spelled = (given: string): string =>
  given.replace(/^([\d-]{10}) ([\d:.]+) UTC$/, '$1T$2Z').replace(/^([\d-]{10}T[\d:.]+) ([\d:]{5})$/, '$1+$2');
const moment = z
  .string()
  .transform(spelled)
  .pipe(z.iso.datetime({ offset: true }).transform((given) => Date.parse(given)));

const distinct = <T>(items: readonly T[]): T[] => [...new Set(items)];
const filterTypes = z
  .array(z.string().regex(TYPE_OR_GROUP, 'Write the name of an event type, or of a group such as `onboarding.*`.'))
  .min(1, 'Name at least one event type, or none at all (null) for every one.')
  .transform(distinct)
  .nullish();
const channels = z
  .array(z.string().regex(CHANNEL, 'Write 1 to 128 letters, digits, dashes, underscores, dots, colons and pluses.'))
  .min(1, 'Name 1 to 10 channels, or null for every one.')
  .max(10, 'Name 1 to 10 channels, or null for every one.')
  .transform(distinct)
  .nullish();

const application = { uid: uid('app_').nullish(), rateLimit: rate, throttleRate: rate };
const appName = text.min(1, 'An application needs a name.');
export const ApplicationBody = z.object({ ...application, name: appName, metadata: metadata.default({}) });
export const ApplicationPatch = z.object({
  ...application,
  name: appName.optional(),
  metadata: metadata.optional(),
});

/** Set by us or by the connection: a receiver could not tell them from ours. */
const OURS = new Set(
  'user-agent keep-alive proxy-authenticate proxy-authorization te trailers transfer-encoding upgrade age cache-control clear-site-data expires pragma warning content-length content-type content-encoding content-language content-location connection host'.split(
    ' ',
  ),
);
const OUR_PREFIXES = /^(svix-|x-svix-|webhook-|x-amz-|x-amzn-|x-google|x-goog-|x-gfe|x-azure-|x-fd-)/;
const headerName = z
  .string()
  .max(256)
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, 'That is no name of a header.')
  .refine((name) => !OURS.has(name.toLowerCase()), 'That header is set by the sender itself.')
  .refine((name) => !OUR_PREFIXES.test(name.toLowerCase()), 'Headers that begin like that are kept for the sender.');
const headerValue = z
  .string()
  .max(HEADER_BYTES, `A header may have ${HEADER_BYTES} bytes.`)
  .regex(/^[\t\x20-\x7e\u00a0-\u00ff]*$/, 'A header takes Latin letters and signs, and no line breaks.');
const headers = z.record(headerName, headerValue);
export const HeadersBody = z.object({ headers });
/** A header with null is taken away, as one in `deleteHeaders` is. */
export const HeadersPatch = z.object({
  headers: z.record(headerName, headerValue.nullable()).default({}),
  deleteHeaders: z.array(z.string()).default([]),
});

/** Of padded Base64; not whole where it is none. */
const bytesOf = (base64: string): number => (base64.length / 4) * 3 - (/=*$/.exec(base64)?.[0].length ?? 0);
const isSecret = (given: string): boolean => {
  const key = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(given)?.[1] ?? '';
  return key.length % 4 === 0 && bytesOf(key) >= 24 && bytesOf(key) <= 75;
};
const secret = z
  .string()
  .refine(isSecret, 'A secret is `whsec_` and the Base64 of 24 to 75 random bytes; leave it out to have one made.')
  .nullish();

const endpoint = {
  uid: uid('ep_').nullish(),
  rateLimit: rate,
  throttleRate: rate,
  filterTypes,
  eventTypes: filterTypes,
  channels,
  version: z.int().min(1).max(65_535).nullish(),
  /** Slipway's own: one after another for each onboarding. */
  ordered: z.boolean().optional(),
};
const url = z.string().min(1).max(65_536);
export const EndpointBody = z.object({
  ...endpoint,
  url,
  description: text.default(''),
  disabled: z.boolean().default(false),
  metadata: metadata.optional(),
});
export const NewEndpointBody = EndpointBody.extend({ secret, headers: headers.nullish() });
export const EndpointPatch = z.object({
  ...endpoint,
  url: url.optional(),
  description: text.optional(),
  disabled: z.boolean().optional(),
  metadata: metadata.optional(),
  /** Not taken here: it is rotated. */
  secret: z.unknown().optional(),
});

export const RotateBody = z.object({
  key: secret,
  gracePeriodSeconds: z.int().min(0).max(604_800).nullish(),
});
export const SpanBody = z.object({ since: moment, until: moment.nullish() });
/** `payload` is Slipway's own: sent in place of the example. */
export const ExampleBody = z.object({
  eventType: limited,
  exampleIndex: z.int().min(0).nullish(),
  payload: z.record(z.string(), z.unknown()).nullish(),
});

const schemas = z
  .record(
    limited,
    z
      .union([z.record(z.string(), z.unknown()), z.boolean()], { error: 'Give a JSON Schema a version.' })
      .refine(canBeSchema, 'That is no JSON Schema: a keyword of it has a value of the wrong kind.'),
  )
  .nullish();
const eventType = {
  schemas,
  groupName: limited.nullish(),
  featureFlag: z.string().nullish(),
  featureFlags: z.array(z.string()).nullish(),
};
export const EventTypeBody = z.object({
  ...eventType,
  description: text,
  archived: z.boolean().default(false),
  deprecated: z.boolean().default(false),
});
export const NewEventTypeBody = EventTypeBody.extend({ name: limited });
export const EventTypePatch = z.object({
  ...eventType,
  description: text.optional(),
  archived: z.boolean().optional(),
  deprecated: z.boolean().optional(),
});

const page = {
  limit: z.coerce.number().int().min(1).max(250, 'A page has at most 250 rows.').default(50),
  iterator: z.string().min(1).max(1000).optional(),
};
const order = z.enum(['ascending', 'descending']).optional();
const withContent = flag.default(true);
const span = { before: moment.optional(), after: moment.optional() };
export const PageQuery = z.object(page);
export const OrderedPageQuery = z.object({ ...page, order });
export const CreateApplicationQuery = z.object({ get_if_exists: flag.default(false) });
export const EventTypesQuery = z.object({
  ...page,
  order,
  include_archived: flag.default(false),
  with_content: flag.default(false),
});
export const ExpungeQuery = z.object({ expunge: flag.default(false) });
export const StatsQuery = z.object({ since: moment.optional(), until: moment.optional() });
export const ContentQuery = z.object({ with_content: withContent });
const named = {
  channel: z.string().regex(CHANNEL, 'That is no name of a channel.').optional(),
  tag: z.string().regex(TAG, 'That is no name of a tag.').optional(),
};
export const MessagesQuery = z.object({ ...page, ...span, ...named, with_content: withContent });
export const AttemptsQuery = z.object({
  ...page,
  ...span,
  ...named,
  with_content: withContent,
  with_msg: flag.default(false),
  endpoint_id: limited.optional(),
  /** Svix's numbers: 0 succeeded, 1 waiting, 2 failed, 3 under way, 4 called off. */
  status: z.coerce
    .number()
    .pipe(z.literal([0, 1, 2, 3, 4]))
    .optional(),
  status_code_class: z.coerce
    .number()
    .pipe(z.literal([0, 100, 200, 300, 400, 500]))
    .optional(),
});
