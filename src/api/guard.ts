import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { Problem } from './problem.js';

/** Headers of every answer: nothing here is to be framed, sniffed, cached or named to another site. */
export const securityHeaders: RequestHandler = (request, response, next) => {
  response.set({
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
    'Cache-Control': 'no-store',
  });
  // Only what came by TLS to a trusted proxy: over plain HTTP browsers ignore it, and on localhost it would bind others.
  if (request.secure) response.set('Strict-Transport-Security', `max-age=${A_YEAR_S}`);
  next();
};

const A_YEAR_S = 31_536_000;

/**
 * Without a token the console answers whoever reaches the loopback address, and a browser reaches it for any web site
 * that points its own name there (DNS rebinding). Such a request carries that name, so only addresses and `localhost`
 * are answered. With a token no site can ask anything, and the console may have any name.
 */
export function refuseForeignHosts(token: string | undefined): RequestHandler {
  return (request, _response, next) => {
    if (token === undefined && !isLocalName(request.get('host'))) {
      throw new Problem(
        'ForeignHost',
        'Without SLIPWAY_API_TOKEN the console answers by address or as localhost alone; set a token to reach it by name.',
      );
    }
    next();
  };
}

function isLocalName(host: string | undefined): boolean {
  if (host === undefined) return true;
  const name = host.replace(/:\d*$/, '').toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** A page of another site may not make a browser act here. Programs send neither header and pass. */
export const refuseForeignOrigins: RequestHandler = (request, response, next) => {
  if (
    response.locals['ofTemporalUi'] !== true &&
    request.method !== 'GET' &&
    request.method !== 'HEAD' &&
    isForeign(request.get('sec-fetch-site'), request.get('origin'), request.get('host'))
  ) {
    throw new Problem(
      'ForeignOrigin',
      'This request comes from a page of another site; act from the console itself, the command line or a program.',
    );
  }
  next();
};

/** The browser's own word first: behind a proxy `Host` may not be the name the page was loaded by. */
function isForeign(site: string | undefined, origin: string | undefined, host: string | undefined): boolean {
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
