import { z } from 'zod';
import type { Role } from '../contracts/access.js';
import { apiSchemas, ProblemSchema } from '../contracts/api.js';
import { type ProblemCode, statusOf } from './problem.js';
import { isChanging, type Route } from './route.js';

type Json = Readonly<Record<string, unknown>>;

/** Refusals that any route may answer with, beside its own. */
const EVERYWHERE: readonly ProblemCode[] = [
  'MalformedRequest',
  'ForeignHost',
  'TooManyRequests',
  'Internal',
  'StoreUnavailable',
];
const OF_TOKENS: readonly ProblemCode[] = ['Unauthorized', 'Forbidden'];
const OF_CHANGES: readonly ProblemCode[] = ['UnderWay', 'KeyReused', 'AlreadyDone', 'InvalidRequest'];
const WITH_BODY: readonly ProblemCode[] = ['MalformedJson', 'UnsupportedMediaType', 'TooLarge', 'ForeignOrigin'];

const ABOVE: Readonly<Record<Role, string>> = { viewer: ' and those above', operator: ' and admin', admin: '' };

/**
 * OpenAPI 3.1 of these routes, generated from the very schemas that requests are validated with. `secured`: no
 * route but the open ones is served without a token.
 */
export function openApiDocument(routes: readonly Route[], version: string, secured: boolean): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operation(route, secured);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Slipway console API',
      version,
      description:
        'Onboardings, their escalations, and what people do about them. Instants are ISO 8601 in UTC. Lists are pages of `{data, next_cursor}`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function operation(route: Route, secured: boolean): Json {
  const body = route.body && { required: true, content: bodyContent(route, route.body) };
  return {
    operationId: operationId(route),
    summary: route.summary,
    ...(route.open
      ? {}
      : { description: `For the role ${route.role}${ABOVE[route.role]}.`, 'x-slipway-role': route.role }),
    parameters: [...pathParameters(route), ...queryParameters(route), ...(isChanging(route) ? [IDEMPOTENCY] : [])],
    ...(body ? { requestBody: body } : {}),
    responses: { 200: success(route), ...refusals(route) },
    security: route.open ? [] : [...(secured ? [] : [{}]), { token: [] }],
  };
}

/** `get /api/v1/onboardings/{id}/why` is `getOnboardingsWhy`; a plain `{id}` tells the one from the list: `getOnboardingsById`. */
function operationId({ method, path }: Route): string {
  const parts = path
    .replace('/api/v1', '')
    .replace(/\{id\}$/, 'by-id')
    .replace('{id}/', '')
    .split(/[/.-]/)
    .filter(Boolean);
  return (
    method +
    (parts.length === 0 ? ['index'] : parts).map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')
  );
}

const IDEMPOTENCY: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Makes a repeat of this request, within 24 hours, the same request: it is done once and answered alike.',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
};

function pathParameters({ path }: Route): readonly Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters({ query }: Route): readonly Json[] {
  if (!query) return [];
  const schema = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = property as { description?: string };
    return {
      name,
      in: 'query',
      required: schema.required?.includes(name) ?? false,
      ...(description ? { description } : {}),
      schema: rest,
    };
  });
}

function bodyContent(route: Route, body: z.ZodType): Json {
  const text = { schema: { type: 'string', description: 'slipway.yaml' } };
  return { 'application/json': { schema: reference(body) }, ...(route.yaml ? { 'application/yaml': text } : {}) };
}

function success({ answers: { type, schema, page } }: Route): Json {
  const text = { schema: { type: 'string' } };
  const plain = type === 'application/json' ? { schema: { type: 'object' } } : text;
  const content = { [type]: schema ? { schema: reference(schema) } : plain, ...(page ? { 'text/html': text } : {}) };
  return { description: 'Done', content };
}

/** One entry a status, naming the codes that may come with it. */
function refusals(route: Route): Json {
  const codes = new Set([
    ...route.refuses,
    ...EVERYWHERE,
    ...(route.open ? [] : OF_TOKENS),
    ...(route.method === 'post' ? WITH_BODY : []),
    ...(isChanging(route) ? OF_CHANGES : []),
  ]);
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) byStatus.set(statusOf(code), [...(byStatus.get(statusOf(code)) ?? []), code]);
  const content = { 'application/json': { schema: reference(ProblemSchema) } };
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [status, { description: names.sort().join(', '), content }]),
  );
}

/** Throws where a schema has no name: it would be in the document of nobody. */
function reference(schema: z.ZodType): Json {
  const id = apiSchemas.get(schema)?.id;
  if (id === undefined) throw new Error('a schema of the API is not named in contracts/api.ts');
  return { $ref: `#/components/schemas/${id}` };
}

function componentSchemas(): Json {
  const { schemas } = z.toJSONSchema(apiSchemas, { uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, inDocument(schema)]));
}

/** Within the document a schema is found by its place: an id or a dialect of its own would make it another document. */
const inDocument = (schema: Json): Json =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$id' && key !== '$schema'));
