import type { Dice } from '../../../src/simulator/dice.js';

/** Every order of a few items. */
export function* permutations<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  if (items.length <= 1) return void (yield items);
  for (const [at, first] of items.entries()) {
    const rest = items.filter((_, other) => other !== at);
    for (const tail of permutations(rest)) yield [first, ...tail];
  }
}

/** Any order of many, each of them once to five times. */
export function repeatedAndShuffled<Item>(items: readonly Item[], dice: Dice): readonly Item[] {
  return dice.shuffled(items.flatMap((item) => Array<Item>(dice.between(1, 5)).fill(item)));
}
