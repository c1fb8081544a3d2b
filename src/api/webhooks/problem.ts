import { answerOf, Problem, type ProblemCode } from '../problem.js';

/** One thing that is wrong with a request: where, what to write instead, and which kind of mistake it is. */
export interface ValidationItem {
  readonly loc: readonly string[];
  readonly msg: string;
  readonly type: 'value_error' | 'value_error.missing' | 'value_error.jsondecode';
}

/**
 * A request to the management API that is refused. Clients of Svix read `{code, detail}`, and of a request that is not
 * valid `{detail: [{loc, msg, type}]}`.
 */
export class Refusal extends Problem {
  constructor(
    code: ProblemCode,
    message: string,
    /** What clients read as `code`, where it is not that of the status. */
    readonly word?: string,
    readonly items?: readonly ValidationItem[],
  ) {
    super(code, message);
  }
}

export const unknown = (what: string, id: string): Refusal =>
  new Refusal('UnknownResource', `There is no ${what} ${JSON.stringify(id.slice(0, 256))} here.`);

/** 409: it is another's already, or may not be changed. */
export const conflict = (message: string, word?: string): Refusal => new Refusal('ResourceTaken', message, word);

/** 400: it is well formed, and cannot be done. */
export const impossible = (word: string, message: string): Refusal => new Refusal('MalformedRequest', message, word);

export const unsupported = (message: string): Refusal => new Refusal('NotSupported', message);

/** 422, with everything that is wrong. */
export function invalid(items: readonly ValidationItem[]): Refusal {
  const message = items.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join(' ');
  return new Refusal('InvalidRequest', message, undefined, items);
}

export const invalidField = (loc: readonly string[], msg: string): Refusal =>
  invalid([{ loc, msg, type: 'value_error' }]);

const WORDS: Readonly<Record<number, string>> = {
  400: 'generic_error',
  401: 'authentication_failed',
  403: 'insufficient access',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
  500: 'server_error',
  501: 'not_implemented',
  503: 'unavailable',
};

export interface RefusalAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body:
    | { readonly code: string; readonly detail: string }
    | { readonly detail: readonly Readonly<ValidationItem>[] };
}

/** Any refusal of the console as clients of Svix read it. Unreadable JSON is 422 to them. */
export function refusalAnswerOf(problem: Problem): RefusalAnswer {
  const { status, headers } = answerOf(problem);
  const items = itemsOf(problem, status);
  if (items) return { status: 422, headers, body: { detail: items } };
  const word = (problem instanceof Refusal ? problem.word : undefined) ?? WORDS[status] ?? 'generic_error';
  return { status, headers, body: { code: word, detail: problem.message } };
}

function itemsOf(problem: Problem, status: number): readonly ValidationItem[] | undefined {
  if (problem instanceof Refusal && problem.items) return problem.items;
  if (problem.code === 'MalformedJson')
    return [{ loc: ['body'], msg: problem.message, type: 'value_error.jsondecode' }];
  if (problem.code === 'InvalidCursor')
    return [
      { loc: ['query', 'iterator'], msg: 'This iterator is of no list: start again without it.', type: 'value_error' },
    ];
  if (status !== 422) return undefined;
  const loc = problem.detail.field === 'Idempotency-Key' ? ['header', 'idempotency-key'] : ['body'];
  return [{ loc, msg: problem.message, type: 'value_error' }];
}
