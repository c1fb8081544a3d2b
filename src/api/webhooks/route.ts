import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { Caller, Role } from '../../contracts/access.js';
import type { AuditValue } from '../../contracts/audit.js';
import type { Desk } from '../route.js';
import { invalid, type ValidationItem } from './problem.js';

/** A call of the management API. The router serves it, and the documentation lists it. */
export interface WebhookRoute {
  /** `all`: whatever the method. */
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'all';
  /** In OpenAPI's form; `{*rest}` for whatever is below it. */
  readonly path: string;
  /** What the official client calls it: `endpoint.create`. */
  readonly call: string;
  readonly role: Role;
  readonly summary: string;
  /** Reads the body, where it is not the usual way. */
  readonly parse?: RequestHandler;
  /** Why it is answered 501. */
  readonly lacks?: string;
  readonly serve: (request: Request, response: Response, desk: Desk) => Promise<void> | void;
}
type Described = Omit<WebhookRoute, 'serve' | 'lacks'>;

export interface Reply {
  readonly status: number;
  /** Absent where there is nothing to say. */
  readonly body?: unknown;
}

/** A request that was read and found valid. */
export interface Asked<Query, Body> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  /** As it came, for what no schema reads. */
  readonly request: Request;
}

interface Schemas<Q extends z.ZodType, B extends z.ZodType> {
  readonly query?: Q;
  readonly body?: B;
}

/** A call that changes nothing. */
export function reading<Q extends z.ZodType>(
  spec: Described & Schemas<Q, never> & { readonly handle: (asked: Asked<z.output<Q>, undefined>) => Promise<Reply> },
): WebhookRoute {
  const { handle, query, ...described } = spec;
  return {
    ...described,
    serve: async (request, response, { caller }) => {
      send(response, await handle({ ...askedOf(request, { query }, caller), body: undefined }));
    },
  };
}

/** What the audit log says of a change; never a secret and nothing of a message. */
export interface Change {
  readonly subject: string;
  readonly before: AuditValue;
  readonly after: AuditValue;
}

/**
 * A call that changes something: once for one `Idempotency-Key`, also for one that the client made up by itself for its own
 * repeats. `settled` answers without a change what is as it should be.
 */
export function changing<Q extends z.ZodType, B extends z.ZodType>(
  spec: Described &
    Schemas<Q, B> & {
      readonly action: `${string}.${string}`;
      readonly answersOnce?: true;
      readonly settled?: (asked: Asked<z.output<Q>, z.output<B>>) => Promise<Reply | undefined>;
      readonly handle: (asked: Asked<z.output<Q>, z.output<B>>) => Promise<Reply & { readonly change: Change }>;
    },
): WebhookRoute {
  const { handle, settled, query, body, action, answersOnce, ...described } = spec;
  return {
    ...described,
    serve: async (request, response, desk) => {
      const asked = askedOf(request, { query, body }, desk.caller);
      const reply = await settled?.(asked);
      if (reply) return send(response, reply);
      const { endpoint_id, app_id, event_type_name } = asked.params;
      const path = endpoint_id ?? app_id ?? event_type_name ?? described.path;
      const kept = { action, path, ...(answersOnce ? { answersOnce } : {}) };
      const done = await desk.carryOut(request, kept, async () => {
        const { change, ...answer } = await handle(asked);
        return { answer, change: { ...change, reason: null } };
      });
      send(response, done as Reply);
    },
  };
}

export function send(response: Response, { status, body }: Reply): void {
  response.status(status);
  if (body === undefined) response.end();
  else response.json(body);
}

function askedOf<Q extends z.ZodType, B extends z.ZodType>(
  request: Request,
  schemas: { readonly query?: Q | undefined; readonly body?: B | undefined },
  caller: Caller | undefined,
): Asked<z.output<Q>, z.output<B>> {
  if (!caller) throw new Error('a route with a caller was served without one');
  return {
    params: request.params as Record<string, string>,
    query: read(schemas.query, request.query, 'query'),
    body: read(schemas.body, request.body ?? {}, 'body'),
    caller,
    request,
  };
}

/** Everything that is wrong is told at once, in Svix's words for where. */
function read<S extends z.ZodType>(schema: S | undefined, value: unknown, where: 'query' | 'body'): z.output<S> {
  if (!schema) return undefined as z.output<S>;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(result.error.issues.map((issue) => itemOf(issue, where)));
}

function itemOf(issue: z.core.$ZodIssue, where: string): ValidationItem {
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return {
    loc: [where, ...issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : String(part)))],
    msg: isMissing ? 'This field is required.' : issue.message,
    type: isMissing ? 'value_error.missing' : 'value_error',
  };
}
