import { meaningOf } from '../../domain/event/event-types.js';
import { identity, isObject, type Json } from '../../domain/event/fields.js';

/** One value in a body, and where it stands. */
export interface Place {
  readonly value: unknown;
  /** Of an item that of its list; '' for the body itself. */
  readonly key: string;
  /** What the record that holds it is said to be: `contact`, `primary_contact`, `event`; '' where nobody says. */
  readonly of: string;
}

/** Every value in a body, in no order. Senders nest as deep as they like, so there is no recursion. */
export function* placesIn(body: unknown): Generator<Place> {
  const open: Place[] = [{ value: body, key: '', of: '' }];
  for (let place = open.pop(); place; place = open.pop()) {
    yield place;
    const { value, key, of } = place;
    if (Array.isArray(value)) for (const item of value) open.push({ value: item, key, of });
    else if (isObject(value)) {
      const about = kindOf(value, place);
      for (const [name, part] of Object.entries(value)) open.push({ value: part, key: name, of: about });
    }
  }
}

/** What a record is said to be: by the type of its event, by its own word, or by the key it stands under. */
export function kindOf({ type, object }: Json, { key, of }: Place): string {
  const about = typeof type === 'string' ? meaningOf(type).about : 'anything';
  if (about !== 'anything' && about !== 'nothing') return about;
  if (typeof object === 'string') return object;
  return key === 'data' || key === 'object' ? of : key;
}

/** By which names an id is one of theirs; of the id of a record itself, the record's kind stands before it. */
const ID_OF = {
  contact: /^contact$|contacts?_?ids?$/i,
  customer: /^customer$|customers?_?ids?$/i,
} as const;

/**
 * The id that stands at a place, as `identity` reads it on the way in: a text, or a number in decimal digits. A number is
 * one only where it is said to be of this kind: each list of a sender's counts from one, and scores and days are numbers.
 */
export function idAt({ value, key, of }: Place, kind: keyof typeof ID_OF): string | undefined {
  if (typeof value === 'string') return value;
  return ID_OF[kind].test(key === 'id' ? `${of}_id` : key) ? identity(value) : undefined;
}
