import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type { Caller } from '../contracts/access.js';
import { Problem } from './problem.js';

/** A key a person or program chose: up to 200 visible ASCII characters. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;
const DAY_MS = 86_400_000;

/** Throws `InvalidRequest` for a key that no server could keep. */
export function idempotencyOf(request: Request): { idempotencyKey?: string } {
  const key = request.get('idempotency-key');
  if (key === undefined) return {};
  if (!IDEMPOTENCY_KEY.test(key)) {
    throw new Problem('InvalidRequest', '`Idempotency-Key` must be 1 to 200 visible ASCII characters.', {
      field: 'Idempotency-Key',
    });
  }
  return { idempotencyKey: key };
}

/**
 * What makes two requests the same one, towards the ledger and towards a workflow alike. The key alone is the sender's;
 * another caller, path or query with the same key is another request. Undefined where no key was given.
 */
export function requestIdOf(request: Request, { name }: Caller): string | undefined {
  const { idempotencyKey } = idempotencyOf(request);
  return idempotencyKey && JSON.stringify([name, idempotencyKey, request.method, request.originalUrl]);
}

/** What a repeat must be alike in. */
export const bodyTextOf = (request: Request): string => JSON.stringify(request.body ?? null);

/**
 * Names this request and its repeats towards a workflow, which remembers what it answered for as long as a run lasts. So
 * the body is part of it, and the UTC day, since the ledger forgets after 24 hours: a later request would else be answered
 * with what the first one did, and not be done. `now` is real epoch ms. A request that went unanswered just before midnight
 * and is repeated after it is done twice: a note then stands twice, and an escalate goes one level further.
 */
export function repeatIdOf(request: Request, caller: Caller, now: number): { repeatId?: string } {
  const id = requestIdOf(request, caller);
  if (id === undefined) return {};
  const parts = JSON.stringify([id, bodyTextOf(request), Math.floor(now / DAY_MS)]);
  return { repeatId: createHash('sha256').update(parts).digest('base64url').slice(0, 22) };
}
