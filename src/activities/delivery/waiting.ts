import type { Due } from '../../contracts/delivery.js';

/** After this long, what was read is read anew: it may have been called off, or the endpoint changed. Real. */
const FRESH_MS = 250;

/** A live message's first try; everything else may wait for those. */
export const isFirstTry = ({ tries, trigger }: Pick<Due, 'tries' | 'trigger'>): boolean =>
  tries === 0 && trigger === 'scheduled';

/**
 * What was read from the queue and has no place yet, first tries and the others apart, since the others never take all
 * places. It is only a copy: what is forgotten here is read again.
 */
export class Waiting {
  #first: Due[] = [];
  #again: Due[] = [];
  #moreFirst = false;
  #moreAgain = false;
  #nextIsAgain = false;
  #readAt = 0;

  /** Takes a page that was asked for with `limit` in place of what was here. */
  fill(page: readonly Due[], limit: number, now: number): void {
    this.#first = page.filter(isFirstTry).toReversed();
    this.#again = page.filter((due) => !isFirstTry(due)).toReversed();
    // A page that is not full has all there is, and of a full one neither kind is left out.
    const isFull = page.length >= limit;
    this.#moreFirst = isFull && this.#first.length > 0;
    this.#moreAgain = isFull && this.#again.length > 0;
    this.#readAt = now;
  }

  get size(): number {
    return this.#first.length + this.#again.length;
  }

  isStale(now: number): boolean {
    return this.size > 0 && now - this.#readAt > FRESH_MS;
  }

  /** Something may be had: the others only where they have a place. */
  has(placeForOthers: boolean): boolean {
    return this.#first.length > 0 || (placeForOthers && this.#again.length > 0);
  }

  /** The queue is to be read for first tries; `isNews`: something came that no page has. */
  wantsFirst(isNews: boolean): boolean {
    return this.#first.length === 0 && (this.#moreFirst || isNews);
  }

  wantsOthers(isNews: boolean): boolean {
    return this.#again.length === 0 && (this.#moreAgain || isNews);
  }

  /** The two in turn, where both wait. */
  next(placeForOthers: boolean): Due | undefined {
    const others = placeForOthers ? this.#again : [];
    const list = this.#nextIsAgain ? [others, this.#first] : [this.#first, others];
    this.#nextIsAgain = !this.#nextIsAgain;
    return list[0]?.pop() ?? list[1]?.pop();
  }
}
