import { GatewayError, GatewayRefusal } from '../contracts/gateway.js';
import { StoreUnavailable } from '../contracts/inbox.js';
import { InvalidCursor } from '../contracts/read-model.js';
import { RebuildRefusal } from '../contracts/rebuild.js';

/**
 * Every way the console API says no, in one table: the stable word, the status, and the family it belongs to. The body
 * is `{"error":{"type","code","message"}}`; the message is one sentence or two for people, never a stack trace.
 */
const PROBLEMS = {
  MalformedRequest: { status: 400, type: 'invalid_request_error' },
  MalformedJson: { status: 400, type: 'invalid_request_error' },
  InvalidCursor: { status: 400, type: 'invalid_request_error' },
  Unauthorized: { status: 401, type: 'authentication_error' },
  Forbidden: { status: 403, type: 'permission_error' },
  ForeignHost: { status: 403, type: 'permission_error' },
  ForeignOrigin: { status: 403, type: 'permission_error' },
  UnknownRoute: { status: 404, type: 'not_found_error' },
  UnknownOnboarding: { status: 404, type: 'not_found_error' },
  UnknownEscalation: { status: 404, type: 'not_found_error' },
  UnknownEvent: { status: 404, type: 'not_found_error' },
  UnknownErasure: { status: 404, type: 'not_found_error' },
  UnknownToken: { status: 404, type: 'not_found_error' },
  /** Of outgoing webhooks, as the two below. */
  UnknownResource: { status: 404, type: 'not_found_error' },
  NoPolicy: { status: 404, type: 'not_found_error' },
  UnknownPolicy: { status: 404, type: 'not_found_error' },
  MethodNotAllowed: { status: 405, type: 'invalid_request_error' },
  EscalationNotOpen: { status: 409, type: 'conflict_error' },
  NotHeld: { status: 409, type: 'conflict_error' },
  RebuildOutdated: { status: 409, type: 'conflict_error' },
  RebuildIncomplete: { status: 409, type: 'conflict_error' },
  RebuildOvertaken: { status: 409, type: 'conflict_error' },
  OnboardingClosed: { status: 409, type: 'conflict_error' },
  /** A worker of another version said no with a word that is not in this table. */
  Refused: { status: 409, type: 'conflict_error' },
  TokenNameTaken: { status: 409, type: 'conflict_error' },
  ResourceTaken: { status: 409, type: 'conflict_error' },
  AlreadyDone: { status: 409, type: 'conflict_error' },
  UnderWay: { status: 409, type: 'conflict_error' },
  TooLarge: { status: 413, type: 'invalid_request_error' },
  UnsupportedMediaType: { status: 415, type: 'invalid_request_error' },
  InvalidRequest: { status: 422, type: 'invalid_request_error' },
  UnknownPerson: { status: 422, type: 'invalid_request_error' },
  SnoozeOutOfRange: { status: 422, type: 'invalid_request_error' },
  PolicyInvalid: { status: 422, type: 'invalid_request_error' },
  PayloadUnreadable: { status: 422, type: 'invalid_request_error' },
  KeyReused: { status: 422, type: 'invalid_request_error' },
  TooManyRequests: { status: 429, type: 'rate_limit_error' },
  Internal: { status: 500, type: 'internal_error' },
  NotSupported: { status: 501, type: 'not_supported_error' },
  StoreUnavailable: { status: 503, type: 'unavailable_error' },
  TemporalUnavailable: { status: 503, type: 'unavailable_error' },
} as const satisfies Record<string, { status: number; type: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Seconds until a client that was told 503 should try again: both servers restart within this time. */
const RETRY_AFTER_S = 5;

/** What beside the sentence a program may want: the wrong field, a policy's list of problems, what is allowed instead. */
export interface ProblemDetail {
  readonly field?: string;
  readonly problems?: readonly { line: number; column: number; path: string; message: string }[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is refused. Thrown by handlers, answered by the error handler of the app. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly code: ProblemCode,
    message: string,
    readonly detail: ProblemDetail = {},
  ) {
    super(message);
  }
}

export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: { readonly type: string; readonly code: string; readonly message: string } };
}

export function statusOf(code: ProblemCode): number {
  return PROBLEMS[code].status;
}

export function answerOf(problem: Problem): ProblemAnswer {
  const { status, type } = PROBLEMS[problem.code];
  const { headers = {}, ...detail } = problem.detail;
  return {
    status,
    headers: { ...(status === 503 ? { 'Retry-After': String(RETRY_AFTER_S) } : {}), ...headers },
    body: { error: { type, code: problem.code, message: problem.message, ...detail } },
  };
}

/** Reads whatever was thrown as one of the problems above; `Internal` where nobody expected it. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof GatewayRefusal) return new Problem(isCode(error.code) ? error.code : 'Refused', error.message);
  if (error instanceof RebuildRefusal) return new Problem(error.code, error.message);
  if (error instanceof GatewayError) {
    return new Problem(
      'TemporalUnavailable',
      'The Temporal server did not answer, so it is unknown whether this was done; try again in a few seconds, with the same Idempotency-Key if you sent one.',
    );
  }
  if (error instanceof StoreUnavailable) {
    return new Problem('StoreUnavailable', 'The store cannot be reached just now; try again in a few seconds.');
  }
  if (error instanceof InvalidCursor) {
    return new Problem('InvalidCursor', 'This cursor belongs to no list; start again without `cursor`.', {
      field: 'cursor',
    });
  }
  return unreadableRequest(error) ?? new Problem('Internal', 'Slipway failed at this request; its log says why.');
}

const isCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEMS, code);

/** What Express and its body parsers throw: errors that carry a 4xx `status`, and mostly a `type`. */
function unreadableRequest(error: unknown): Problem | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  const type = 'type' in error ? error.type : undefined;
  if (type === 'entity.parse.failed')
    return new Problem('MalformedJson', 'The body is not JSON; send one JSON object.');
  switch (error.status) {
    case 400:
      return new Problem('MalformedRequest', 'The request could not be read: its path or its body is damaged.');
    case 413:
      return new Problem('TooLarge', 'The body is larger than this route takes.');
    case 415:
      return new Problem(
        'UnsupportedMediaType',
        'The body must be UTF-8 text, plain or compressed with gzip, deflate or br.',
      );
    default:
      return undefined;
  }
}
