import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Caller, Role } from '../contracts/access.js';
import type { Frozen } from '../contracts/api.js';
import type { AuditValue } from '../contracts/audit.js';
import { repeatIdOf } from './idempotency-key.js';
import { Problem, type ProblemCode } from './problem.js';

/** How a route is described, whatever it does. `path` is in OpenAPI's form, with `{id}` for a parameter. */
interface Described {
  readonly path: string;
  readonly summary: string;
  /** Who may ask. */
  readonly role: Role;
  /** Answered without a token: it says nothing of what this Slipway knows. */
  readonly open?: true;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** The body may also be plain YAML; it is read as `{yaml: <text>}`. */
  readonly yaml?: true;
  /** Largest body, where it is not the usual one. */
  readonly limit?: string;
  readonly refuses: readonly ProblemCode[];
}

/** `GET`, or a `POST` whose question is too long for a URL: `action: null` says that it changes nothing. */
type Asks = { readonly method: 'get' } | { readonly method: 'post'; readonly action: null };

/** Changes something, so it has a name in the audit log. It is done once for one `Idempotency-Key`. */
interface Changes {
  readonly method: 'post';
  /** `<resource>.<verb>`. */
  readonly action: `${string}.${string}`;
  /** The answer holds a secret: it is not kept, so that a repeat under the same `Idempotency-Key` is told so. */
  readonly answersOnce?: true;
}

/** One route, described once: the router serves it, and the OpenAPI document says it. */
export type Route = Described &
  (Asks | Changes) & {
    /** `page`: a browser gets HTML instead. */
    readonly answers: { readonly type: string; readonly schema?: z.ZodType; readonly page?: true };
    readonly serve: (request: Request, response: Response, desk: Desk) => Promise<void> | void;
  };

/** What a route is served with beside the request. */
export interface Desk {
  /** Undefined on an open route that nobody in particular asks. */
  readonly caller: Caller | undefined;
  /** Does a change once, and writes it down. `path` is its subject where the request has no `{id}`. */
  readonly carryOut: (
    request: Request,
    route: Pick<Changing, 'action' | 'path' | 'answersOnce'>,
    work: () => Promise<Done<unknown>>,
  ) => Promise<unknown>;
}
export type Changing = Extract<Route, Changes>;

export const isChanging = (route: Route): route is Changing => route.method === 'post' && route.action !== null;

/** A request that was read and found valid. */
export interface Call<Query, Body> {
  readonly id: string;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  /** The same for a repeat under its `Idempotency-Key`, and for no other request; of changing routes alone. */
  readonly repeatId?: string;
}

/** What a changing route comes back with: its answer, and what the audit log says of it. */
export interface Done<Answer> {
  readonly answer: Answer;
  readonly change: Change;
}

export interface Change {
  /** The id of what was changed; the `{id}` of the path where it is left out. */
  readonly subject?: string;
  /** The person whom the caller acted for. */
  readonly by?: string;
  readonly before: AuditValue;
  readonly after: AuditValue;
  readonly reason: string | null;
}

interface Schemas<Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> {
  readonly query?: Q;
  readonly body?: B;
  readonly answer: A;
}
type Handler<Q extends z.ZodType, B extends z.ZodType, Result> = (
  call: Call<z.output<Q>, z.output<B>>,
) => Promise<Result>;

/** A route that reads what its schemas say, changes nothing, and answers 200 with JSON. */
export function jsonRoute<Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  spec: Described & Asks & Schemas<Q, B, A> & { readonly handle: Handler<Q, B, Frozen<z.output<A>>> },
): Route {
  const { answer, handle, ...route } = spec;
  return {
    ...route,
    answers: { type: 'application/json', schema: answer },
    serve: async (request, response, desk) => {
      response.json(await handle(callOf(request, spec, desk)));
    },
  };
}

/** A route that changes something. A repeat under the same `Idempotency-Key` gets the first one's answer. */
export function changeRoute<Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  spec: Described & Changes & Schemas<Q, B, A> & { readonly handle: Handler<Q, B, Done<Frozen<z.output<A>>>> },
): Route {
  const { answer, handle, ...described } = spec;
  const route: Changing = {
    ...described,
    answers: { type: 'application/json', schema: answer },
    serve: async (request, response, desk) => {
      const asked = callOf(request, spec, desk);
      const call = { ...asked, ...repeatIdOf(request, asked.caller, Date.now()) };
      response.json(await desk.carryOut(request, route, () => handle(call)));
    },
  };
  return route;
}

function callOf<Q extends z.ZodType, B extends z.ZodType>(
  request: Request,
  spec: { readonly query?: Q; readonly body?: B; readonly yaml?: true },
  { caller }: Desk,
): Call<z.output<Q>, z.output<B>> {
  if (!caller) throw new Error('a route with a caller was served without one');
  return {
    id: String(request.params['id'] ?? ''),
    query: (spec.query ? read(spec.query, request.query, 'query') : undefined) as z.output<Q>,
    body: (spec.body ? read(spec.body, bodyOf(request, spec.yaml), 'body') : undefined) as z.output<B>,
    caller,
  };
}

/** Validates; a refusal names the first wrong field and says what it may be. */
function read<S extends z.ZodType>(schema: S, value: unknown, where: 'query' | 'body'): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const name = issue.keys[0] ?? '';
    throw new Problem(
      'InvalidRequest',
      `There is no ${where === 'query' ? 'query parameter' : 'field'} \`${name}\` here.`,
      { field: name },
    );
  }
  const field = issue?.path.join('.') ?? '';
  const named = field === '' ? `The ${where}` : `\`${field}\``;
  throw new Problem(
    'InvalidRequest',
    `${named} is not right: ${issue?.message ?? 'it cannot be read'}.`,
    field === '' ? {} : { field },
  );
}

/** The parsed body. An absent one is read as an empty object, so that the answer names the field that is missing. */
function bodyOf(request: Request, yaml: true | undefined): unknown {
  if (request.body !== undefined) return typeof request.body === 'string' ? { yaml: request.body } : request.body;
  if (hasBody(request)) {
    const wanted = yaml ? 'application/json or application/yaml' : 'application/json';
    throw new Problem('UnsupportedMediaType', `Send the body with \`Content-Type: ${wanted}\`.`);
  }
  return {};
}

const hasBody = (request: Request): boolean =>
  request.get('transfer-encoding') !== undefined || Number(request.get('content-length') ?? 0) > 0;
