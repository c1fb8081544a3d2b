import type { Request } from 'express';
import { LIMITED } from '../../contracts/api-webhooks.js';
import type { Listed, ListQuery } from '../../contracts/webhooks.js';
import { invalidField } from './problem.js';
import type { Reply } from './route.js';

interface Asked {
  readonly limit: number;
  readonly iterator?: string | undefined;
  readonly order?: ListQuery['order'] | undefined;
}

/** `usual`: the order of this list where none is asked for. */
export const pageOf = ({ limit, iterator, order }: Asked, usual: ListQuery['order']): ListQuery => ({
  limit,
  iterator: iterator ?? null,
  order: order ?? usual,
});

export function listed<T>({ data, ...page }: Listed<T>, view: (item: T) => unknown): Reply {
  return { status: 200, body: { data: data.map(view), ...page } };
}

/**
 * `event_types`, as clients write lists: repeated, separated by commas, with brackets. Null for every type; throws 422 for
 * what is no name of a type.
 */
export function eventTypesOf({ query }: Request): readonly string[] | null {
  const given = Object.entries(query)
    .filter(([key]) => /^event_types(\[\d*\])?$/.test(key))
    .flatMap(([, value]) => value as string | string[]);
  const names = given.flatMap((one) => one.split(',')).filter((name) => name !== '');
  if (names.some((name) => !LIMITED.test(name)))
    throw invalidField(['query', 'event_types'], 'Write names of event types, separated by commas.');
  return names.length > 0 ? [...new Set(names)] : null;
}
