import type { ServerResponse } from 'node:http';
import type { SignatureFailure } from '../signature/verify.js';

/** One answer of the edge port, whole: nothing is added to it on the way out. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A sender that is told 503 asks again after this; Pivotal's own first retry comes after 5 s too. */
const RETRY_AFTER_SECONDS = '5';

/** The row is on disk. A repeat and a quarantined body are answered 200 too: any 4xx would be sent eight times. */
export function received(id: string, duplicate: boolean, quarantined?: 'not_json' | 'unknown_shape'): Answer {
  return { status: 200, body: JSON.stringify({ received: true, id, duplicate, ...(quarantined && { quarantined }) }) };
}

export function unauthenticated(code: SignatureFailure, message: string): Answer {
  return problem(401, 'authentication_error', code, message);
}

/** Nothing of it was taken. Good deliveries from the same address go on being taken. */
export function tooManyRefused(waitSeconds: number): Answer {
  const why = 'so many requests of your address were refused that the reason of this one is not told';
  const answer = problem(429, 'rate_limit_error', 'too_many_refused', `Wait ${waitSeconds} s: ${why}.`);
  return { ...answer, headers: { 'retry-after': String(waitSeconds) } };
}

export function tooLarge(limitBytes: number): Answer {
  return problem(413, 'invalid_request_error', 'too_large', `The body is larger than ${limitBytes / 1024} KiB.`);
}

export function compressed(encoding: string): Answer {
  const why = 'the signature covers the plain bytes: turn compression off on the way here';
  return problem(415, 'invalid_request_error', 'unreadable_body', `The body is encoded as ${encoding}; ${why}.`);
}

export function methodNotAllowed(method: string, allow: string): Answer {
  const answer = problem(405, 'invalid_request_error', 'method_not_allowed', `Send ${allow}, not ${method}.`);
  return { ...answer, headers: { allow } };
}

export function unknownSource(): Answer {
  return problem(404, 'not_found', 'unknown_source', 'No source has this name: compare the URL with `sources`.');
}

export function notFound(): Answer {
  return problem(404, 'not_found', 'not_found', 'Nothing is here: events go to POST /webhooks/<source>.');
}

export function badRequest(status: number): Answer {
  return problem(status, 'invalid_request_error', 'bad_request', 'The request could not be read.');
}

/** Nothing was acknowledged, so nothing is lost: the sender tries again. */
export function unavailable(): Answer {
  const answer = problem(503, 'unavailable', 'store_unavailable', 'The event could not be stored: send it again.');
  return { ...answer, headers: { 'retry-after': RETRY_AFTER_SECONDS } };
}

export function internalError(): Answer {
  return problem(500, 'internal_error', 'internal_error', 'Something broke here; the log says what. Send it again.');
}

export function problem(status: number, type: string, code: string, message: string): Answer {
  return { status, body: JSON.stringify({ error: { type, code, message } }) };
}

/** Nothing of it was read: more arrives than the store can write in time. One for all, since refusing must cost little. */
export const OVERLOADED: Answer = {
  ...problem(503, 'unavailable', 'store_unavailable', 'More arrives than can be stored: send it again.'),
  headers: { 'retry-after': RETRY_AFTER_SECONDS },
};

/** Writes an answer; does nothing where the client has gone or an answer was begun. */
export function write(res: ServerResponse, answer: Answer): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(answer.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(answer.body),
    ...answer.headers,
  });
  res.end(answer.body);
}
