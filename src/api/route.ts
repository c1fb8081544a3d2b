import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Role } from '../contracts/access.js';
import type { Frozen } from '../contracts/api.js';
import { Problem, type ProblemCode } from './problem.js';

/**
 * One route, described once: the router serves it, and the OpenAPI document says it. `path` is in OpenAPI's form, with
 * `{id}` for a parameter.
 */
export interface Route {
  readonly method: 'get' | 'post';
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
  /** Honours `Idempotency-Key`. */
  readonly idempotent?: true;
  /** `page`: a browser gets HTML instead. */
  readonly answers: { readonly type: string; readonly schema?: z.ZodType; readonly page?: true };
  readonly refuses: readonly ProblemCode[];
  readonly serve: (request: Request, response: Response) => Promise<void> | void;
}

/** A request that was read and found valid. */
export interface Call<Query, Body> {
  readonly id: string;
  readonly query: Query;
  readonly body: Body;
  /** What makes a repeat the same request, as the sender of the request names it. */
  readonly idempotencyKey?: string;
}

interface JsonRoute<Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>
  extends Omit<Route, 'answers' | 'serve' | 'query' | 'body'> {
  readonly query?: Q;
  readonly body?: B;
  readonly answer: A;
  readonly handle: (call: Call<z.output<Q>, z.output<B>>) => Promise<Frozen<z.output<A>>>;
}

/** A route that reads what its schemas say and answers 200 with JSON. */
export function jsonRoute<Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  spec: JsonRoute<Q, B, A>,
): Route {
  const { answer, handle, ...route } = spec;
  return {
    ...route,
    answers: { type: 'application/json', schema: answer },
    serve: async (request, response) => {
      const call = {
        id: String(request.params['id'] ?? ''),
        query: (spec.query ? read(spec.query, request.query, 'query') : undefined) as z.output<Q>,
        body: (spec.body ? read(spec.body, bodyOf(request, spec.yaml), 'body') : undefined) as z.output<B>,
        ...(spec.idempotent ? idempotencyOf(request) : {}),
      };
      response.json(await handle(call));
    },
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

/** A key a person or program chose: up to 200 visible ASCII characters. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;

function idempotencyOf(request: Request): { idempotencyKey?: string } {
  const key = request.get('idempotency-key');
  if (key === undefined) return {};
  if (!IDEMPOTENCY_KEY.test(key)) {
    throw new Problem('InvalidRequest', '`Idempotency-Key` must be 1 to 200 visible ASCII characters.', {
      field: 'Idempotency-Key',
    });
  }
  return { idempotencyKey: key };
}
