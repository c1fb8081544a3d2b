import type { Request } from 'express';
import type { Caller } from '../contracts/access.js';
import type { AuditEntry } from '../contracts/audit.js';
import type { ApiDeps } from './deps.js';
import { bodyTextOf, requestIdOf } from './idempotency-key.js';
import { Problem, problemOf, statusOf } from './problem.js';
import type { Desk } from './route.js';

type Ledger = Pick<ApiDeps, 'changes' | 'observer'>;

/**
 * Does a change once for one `Idempotency-Key`, and has its line in the audit log before anybody hears that it is done.
 * A refusal changed nothing: it is not kept, so that the same request finds out how things are by then. Where nobody
 * knows whether it was done, the log says so, and the same request does it again, or hears that it was.
 */
export function carryingOut(deps: Ledger, caller: Caller | undefined): Desk['carryOut'] {
  return async (request, route, work) => {
    if (!caller) throw new Error('a change was asked for by nobody');
    const asked = {
      actor: actorOf(caller, spokenFor(request)),
      action: route.action,
      subject: String(request.params['id'] ?? route.path),
    };
    const begun = await deps.changes.begin({ ...asked, ...repeatOf(request, caller) });
    if (begun.state === 'done') {
      if (route.answersOnce || begun.answer === null) throw alreadyDone(route.answersOnce ?? false);
      return begun.answer;
    }
    if (begun.state !== 'begun') throw repeated(begun.state);
    const { ticket } = begun;
    try {
      const { answer, change } = await work();
      const { subject = asked.subject, before, after, reason } = change;
      const entry = {
        at: Date.now(),
        actor: actorOf(caller, change.by),
        action: route.action,
        subject,
        before,
        after,
        reason,
      };
      await deps.changes.conclude(ticket, entry, route.answersOnce ? null : answer);
      return answer;
    } catch (error) {
      await giveUp(deps, ticket, asked, error);
      throw error;
    }
  };
}

/** What cannot be written down now is found by the next change that is begun here, and entered then. */
async function giveUp(
  { changes, observer }: Ledger,
  ticket: string,
  asked: Pick<AuditEntry, 'actor' | 'action' | 'subject'>,
  error: unknown,
): Promise<void> {
  const problem = problemOf(error);
  const isUnknown = statusOf(problem.code) >= 500;
  const entry = { ...asked, at: Date.now(), before: null, after: { outcome: 'unknown' }, reason: problem.message };
  await changes
    .release(ticket, isUnknown ? entry : undefined)
    .catch((failure: unknown) => observer.log('warn', 'a change is left for later', { reason: String(failure) }));
}

const actorOf = ({ name }: Caller, by: string | undefined): string => (by === undefined ? name : `${name} for ${by}`);

/** As it was given; the line of a change that was done has the person it was resolved to. */
function spokenFor({ body }: Request): string | undefined {
  const by: unknown = typeof body === 'object' && body !== null && 'by' in body ? body.by : undefined;
  return typeof by === 'string' ? by : undefined;
}

function repeatOf(request: Request, caller: Caller) {
  const id = requestIdOf(request, caller);
  return id === undefined ? {} : { repeat: { request: id, body: bodyTextOf(request) } };
}

/** Its answer is not there: it was never kept, or an erasure took it. */
function alreadyDone(wasSecret: boolean): Problem {
  const why = wasSecret
    ? 'its answer held a secret that is shown once: revoke what it made, and ask with another key.'
    : 'its answer was about somebody whose data has been erased since: look at what it changed, and do not ask again.';
  return new Problem('AlreadyDone', `This was done by an earlier request with this \`Idempotency-Key\`, and ${why}`);
}

function repeated(state: 'under_way' | 'another_body'): Problem {
  switch (state) {
    case 'under_way':
      return new Problem(
        'UnderWay',
        'A request with this `Idempotency-Key` is being carried out just now: ask again in a second to hear how it ended.',
        { headers: { 'Retry-After': '1' } },
      );
    case 'another_body':
      return new Problem(
        'KeyReused',
        'This `Idempotency-Key` came with another body before: repeat that one, or choose another key.',
        { field: 'Idempotency-Key' },
      );
  }
}
