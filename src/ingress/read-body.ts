import type { IncomingMessage } from 'node:http';

/** The largest body that is taken; Pivotal states no limit of its own, its samples are under 1 KiB. */
export const BODY_LIMIT_BYTES = 256 * 1024;

export type ReadBody =
  | { readonly outcome: 'whole'; readonly body: Buffer }
  | { readonly outcome: 'too_large'; readonly bytes: number }
  /** The connection ended before the body did: there is nobody left to answer. */
  | { readonly outcome: 'cut_off'; readonly bytes: number };

/**
 * The bytes as they came, whatever the content type says: the signature covers bytes. A body that is declared too large
 * is refused before any of it is read, one that turns out too large as soon as it does; no more than `limit` bytes are
 * ever held. The rest of a refused body is read and dropped, so that a sender which is still writing can read the
 * answer; the server's request timeout ends one that writes on and on.
 */
export function readBody(req: IncomingMessage, limit: number): Promise<ReadBody> {
  const declared = Number(req.headers['content-length'] ?? 0);
  if (declared > limit) {
    req.resume();
    return Promise.resolve({ outcome: 'too_large', bytes: declared });
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const cutOff = (): void => resolve({ outcome: 'cut_off', bytes });
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limit) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      resolve({ outcome: 'too_large', bytes });
    });
    req.on('end', () => {
      const [only] = chunks;
      if (bytes <= limit)
        resolve({ outcome: 'whole', body: chunks.length === 1 && only ? only : Buffer.concat(chunks) });
    });
    req.on('error', cutOff);
    req.on('close', cutOff);
  });
}
