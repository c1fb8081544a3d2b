import type { Request, RequestHandler, Response } from 'express';
import { type Caller, mayAs } from '../contracts/access.js';
import type { Doorkeeper } from './doorkeeper.js';
import { Problem } from './problem.js';
import type { Route } from './route.js';

/**
 * Finds the caller of each request, and refuses one without a token on every path that is not open. How many `uncounted`
 * ones a caller makes is its own affair.
 */
export function admit(
  doorkeeper: Doorkeeper,
  open: ReadonlySet<string>,
  uncounted: (request: Request) => boolean,
): RequestHandler {
  return async (request, response, next) => {
    const counts = !uncounted(request);
    const caller = await doorkeeper.callerOf(request.get('authorization'), request.ip, { counts });
    if (caller) response.locals['caller'] = caller;
    else if (!open.has(request.path)) {
      response.set('WWW-Authenticate', 'Bearer realm="slipway"');
      throw new Problem(
        'Unauthorized',
        'This console wants `Authorization: Bearer <token>` with a named token that is neither revoked nor expired, or the value of SLIPWAY_API_TOKEN.',
      );
    }
    next();
  };
}

/** Undefined on an open path that nobody in particular asks. */
export const callerOf = (response: Response): Caller | undefined => response.locals['caller'] as Caller | undefined;

/** Refuses whom the route is not for; before its body is read. */
export function wantRole(route: Pick<Route, 'open' | 'role'>): RequestHandler {
  return (_request, response, next) => {
    const caller = callerOf(response);
    if (!route.open && !(caller && mayAs(caller.role, route.role))) {
      throw new Problem(
        'Forbidden',
        `This needs the role ${route.role} and ${caller?.name ?? 'nobody'} has ${caller?.role ?? 'none'}: ask an admin for another token.`,
      );
    }
    next();
  };
}
