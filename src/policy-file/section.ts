import { z } from 'zod';
import { didYouMean, oneOf } from './did-you-mean.js';

/** A part of the file with a closed list of keys; a key that is not on it is named with the nearest one that is. */
export function section<T extends z.ZodRawShape>(shape: T): z.ZodObject<T, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    // One line a key: `load` reports each at its own line of the file.
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => unknownKey(key, known)).join('\n') : undefined,
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  return `is not a key that is read here.${didYouMean(key, known)} Keys here are ${oneOf(known)}.`;
}
