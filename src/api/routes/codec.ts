import type { RequestHandler } from 'express';
import { PayloadsBody, PayloadsSchema } from '../../contracts/api.js';
import { type PayloadDesk, UnreadablePayload } from '../../contracts/codec.js';
import type { ApiDeps } from '../deps.js';
import { Problem } from '../problem.js';
import { jsonRoute, type Route } from '../route.js';

/** A page of the Temporal UI asks for a whole history at once. */
const LIMIT = '8mb';

/** The codec endpoint that the Temporal UI and its command line ask to read what is encrypted; none without keys. */
export function codecRoutes({ codec }: Pick<ApiDeps, 'codec'>): readonly Route[] {
  if (!codec) return [];
  const route = (way: keyof PayloadDesk, summary: string): Route =>
    jsonRoute({
      method: 'post',
      action: null,
      path: `/codec/${way}`,
      role: 'admin',
      summary,
      limit: LIMIT,
      body: PayloadsBody,
      answer: PayloadsSchema,
      refuses: ['InvalidRequest', 'PayloadUnreadable'],
      handle: async ({ body }) => ({ payloads: [...(await codec.desk[way](body.payloads).catch(refuse))] }),
    });
  return [
    route('encode', 'Encrypts payloads that somebody enters in the Temporal UI'),
    route('decode', 'Decrypts payloads for the Temporal UI'),
  ];
}

function refuse(error: unknown): never {
  if (error instanceof UnreadablePayload) throw new Problem('PayloadUnreadable', error.message);
  throw error;
}

/**
 * Lets the pages of the Temporal UI ask the two routes above from their own origin, and no other page of the web. The
 * token is theirs to show; a browser asks beforehand without one, and is told what it may send.
 */
export function allowTemporalUi(origin: string | undefined): RequestHandler {
  return (request, response, next) => {
    if (!request.path.startsWith('/codec/') || origin === undefined || request.get('origin') !== origin) return next();
    response.set({
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Headers': 'authorization, content-type, x-namespace',
      'Access-Control-Allow-Methods': 'POST',
      'Access-Control-Allow-Credentials': 'true',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      Vary: 'Origin',
    });
    if (request.method === 'OPTIONS') return void response.status(204).end();
    response.locals['ofTemporalUi'] = true;
    next();
  };
}
