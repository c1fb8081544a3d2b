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
 * Names this request and its repeats towards a workflow, which remembers what it answered for as long as a run lasts.
 * Whatever makes the ledger take two requests for two must do so here as well, or the second one would be answered with
 * what the first one did, and not be done: the caller, the URL, the body, and the UTC day, since the ledger forgets
 * after 24 hours. `now` is real epoch ms. A request that went unanswered just before midnight and is repeated after it
 * is done twice: a note then stands twice, and an escalate goes one level further.
 */
export function repeatIdOf(request: Request, { name }: Caller, now: number): { repeatId?: string } {
  const { idempotencyKey } = idempotencyOf(request);
  if (idempotencyKey === undefined) return {};
  const day = Math.floor(now / DAY_MS);
  const parts = [name, idempotencyKey, request.method, request.originalUrl, request.body ?? null, day];
  return { repeatId: createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22) };
}
