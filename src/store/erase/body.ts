import { isObject, type Json } from '../../domain/event/fields.js';
import { isEmail, isFullName, NOBODY, type Person, type PersonWords } from './person.js';
import { idAt, kindOf, type Place, placesIn } from './places.js';

/** A body as far as it can be read; one that is no JSON is read as its text. */
export function read(body: Buffer | string): unknown {
  const text = body.toString();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Whether a body names the person, or is about a contact record of theirs. */
export function holds(body: unknown, person: Person): boolean {
  for (const place of placesIn(body)) if (isTheirs(place, person)) return true;
  return false;
}

function isTheirs(place: Place, person: Person): boolean {
  const { value, key } = place;
  if (person.isIn(key) || (typeof value === 'string' && person.isIn(value))) return true;
  return key === 'id' && person.isContact(idAt(place, 'contact'));
}

/** Whether a value anywhere in the body is exactly the customer's id, or that of one of these onboardings. */
export function names(body: unknown, customerId: string, onboardings: readonly string[] = []): boolean {
  for (const place of placesIn(body))
    if (idAt(place, 'customer') === customerId || onboardings.some((id) => id === place.value)) return true;
  return false;
}

/** What stands in the place of a body that held the person. */
export const tombstone = (erasure: string): Buffer => Buffer.from(JSON.stringify({ erased_by: erasure }));

/**
 * The words of every contact record in a body that is one of the person's: by its id, or by an address of theirs. With
 * `everybody`, of all contact records in it: all of them are of the customer who is being erased.
 */
export function learn(body: unknown, person: Person, everybody: boolean): PersonWords {
  const learned: PersonWords[] = [];
  for (const place of placesIn(body))
    if (isObject(place.value)) learned.push(wordsOf(place.value, place, person, everybody));
  return {
    emails: learned.flatMap(({ emails }) => emails),
    names: learned.flatMap(({ names }) => names),
    contacts: learned.flatMap(({ contacts }) => contacts),
  };
}

function wordsOf(record: Json, place: Place, person: Person, everybody: boolean): PersonWords {
  const { id: ownId, email, name } = record;
  const id = idAt({ value: ownId, key: 'id', of: kindOf(record, place) }, 'contact');
  const theirs = everybody || person.isContact(id) || (typeof email === 'string' && person.isIn(email));
  if (!theirs || typeof email !== 'string' || !isEmail(email)) return NOBODY;
  return {
    emails: [email.toLowerCase()],
    names: typeof name === 'string' && isFullName(name) ? [name.trim()] : [],
    contacts: id ? [id] : [],
  };
}
