const NOTHING: Buffer = Buffer.alloc(0);

/**
 * The bytes of one body that have come so far. One that comes in one piece, as usual ones do, is kept as it came; of any
 * other the pieces are copied into one buffer that doubles, since each piece has an object of its own: 262,000 of one byte
 * held 140 MB (measured), and this no more than twice what came.
 */
export class IncomingBody {
  #held = NOTHING;
  #bytes = 0;
  readonly #most: number;

  /** `most`: bytes that it can have; what it has already may not be more. */
  constructor(most: number) {
    this.#most = most;
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(piece: Buffer): void {
    const from = this.#bytes;
    this.#bytes += piece.length;
    if (from === 0) {
      this.#held = piece;
      return;
    }
    if (this.#bytes > this.#held.length) this.#grow(from);
    piece.copy(this.#held, from);
  }

  get whole(): Buffer {
    return this.#held.length === this.#bytes ? this.#held : this.#held.subarray(0, this.#bytes);
  }

  /** Holds nothing from then on: whoever sent it may keep its request open for seconds. */
  drop(): void {
    this.#held = NOTHING;
  }

  #grow(filled: number): void {
    const larger = Buffer.allocUnsafe(Math.min(this.#most, this.#bytes * 2));
    this.#held.copy(larger, 0, 0, filled);
    this.#held = larger;
  }
}
