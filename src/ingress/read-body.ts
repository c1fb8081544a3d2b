import type { IncomingMessage } from 'node:http';
import { IncomingBody } from './incoming-body.js';

/** The largest body that is taken; Pivotal states no limit of its own, its samples are under 1 KiB. */
export const BODY_LIMIT_BYTES = 256 * 1024;
/**
 * What all bodies under way may have brought together; with their room to grow they hold twice that at the most. Thirty
 * thousand usual ones fit in, or 128 of the largest. Nobody has shown a signature yet: without this, 4,000 connections that
 * send large bodies slowly hold a gigabyte, which is all that `deploy/` gives a server.
 */
const MOST_UNDER_WAY_BYTES = 32 * 1024 * 1024;

export type ReadBody =
  | { readonly outcome: 'whole'; readonly body: Buffer }
  | { readonly outcome: 'too_large'; readonly bytes: number }
  /** The connection ended before the body did: there is nobody left to answer. */
  | { readonly outcome: 'cut_off'; readonly bytes: number }
  /** All bodies together were too many, and this one had been under way the longest. */
  | { readonly outcome: 'crowded_out' };

interface UnderWay {
  readonly body: IncomingBody;
  readonly tell: (read: ReadBody) => void;
  isOver: boolean;
}

/**
 * Reads the bodies of one edge: the bytes as they came, whatever the content type says, since the signature covers bytes.
 * A body that is declared too large is refused before any of it is read, one that turns out too large as soon as it does.
 * Where all of them are too much, the one that began first gives way: a sender's comes whole within milliseconds, so it is
 * hardly ever an honest one, and those who send slowly cannot shut the door to the others until they time out. The rest of
 * a refused body is read and dropped, so that a sender which is still writing can read the answer; the server's request
 * timeout ends one that writes on and on.
 */
export class BodyReader {
  #bytes = 0;
  /** In the order in which their first bytes came. */
  readonly #underWay = new Set<UnderWay>();

  read(req: IncomingMessage): Promise<ReadBody> {
    const declared = Number(req.headers['content-length'] ?? 0);
    if (declared > BODY_LIMIT_BYTES) {
      req.resume();
      return Promise.resolve({ outcome: 'too_large', bytes: declared });
    }
    return new Promise((tell) => {
      const body = new IncomingBody(declared || BODY_LIMIT_BYTES);
      const one: UnderWay = { body, tell, isOver: false };
      const cutOff = (): void => this.#end(one, { outcome: 'cut_off', bytes: body.bytes });
      req.on('data', (piece: Buffer) => this.#take(one, piece));
      req.on('end', () => this.#end(one, { outcome: 'whole', body: body.whole }));
      req.on('error', cutOff);
      req.on('close', cutOff);
    });
  }

  #take(one: UnderWay, piece: Buffer): void {
    if (one.isOver) return;
    const bytes = one.body.bytes + piece.length;
    if (bytes > BODY_LIMIT_BYTES) return this.#end(one, { outcome: 'too_large', bytes });
    one.body.append(piece);
    this.#underWay.add(one);
    this.#bytes += piece.length;
    if (this.#bytes > MOST_UNDER_WAY_BYTES) this.#makeRoom();
  }

  #makeRoom(): void {
    for (const one of this.#underWay) {
      this.#end(one, { outcome: 'crowded_out' });
      if (this.#bytes <= MOST_UNDER_WAY_BYTES) return;
    }
  }

  #end(one: UnderWay, read: ReadBody): void {
    if (one.isOver) return;
    one.isOver = true;
    one.body.drop();
    this.#underWay.delete(one);
    this.#bytes -= one.body.bytes;
    one.tell(read);
  }
}
