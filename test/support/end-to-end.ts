import type { IncomingHttpHeaders } from 'node:http';

/** RFC 9110 section 7.6.1, as far as Node sends and hears them. */
const OF_ONE_CONNECTION = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'upgrade']);

/**
 * What a proxy passes on. A sender that was told the server's own `keep-alive` would trust in a connection to the proxy that
 * is closed just then, and lose its request.
 */
export function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_ONE_CONNECTION.has(name)));
}
