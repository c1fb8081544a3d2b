import { isEmail, isFullName, NOBODY, type Person, type PersonWords } from './person.js';

/** A body of the archive as far as it can be read; one that is no JSON is read as its text. */
export function read(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Whether a body names the person, or is about a contact record of theirs. */
export function holds(value: unknown, person: Person): boolean {
  if (typeof value === 'string') return person.isIn(value);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some((item) => holds(item, person));
  return Object.entries(value).some(
    ([name, part]) => (name === 'id' && person.isContact(part)) || person.isIn(name) || holds(part, person),
  );
}

/** Whether a value anywhere in the body is exactly this id. */
export function names(value: unknown, id: string): boolean {
  if (value === id) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some((part) => names(part, id));
}

/** What stands in the place of a body that held the person. */
export const tombstone = (erasure: string): Buffer => Buffer.from(JSON.stringify({ erased_by: erasure }));

/**
 * The words of every contact record in a body that is one of the person's: by its id, or by an address of theirs. With
 * `everybody`, of all contact records in it: all of them are of the customer who is being erased.
 */
export function learn(value: unknown, person: Person, everybody: boolean): PersonWords {
  if (typeof value !== 'object' || value === null) return NOBODY;
  if (Array.isArray(value)) return gathered(value.map((item) => learn(item, person, everybody)));
  const record = value as Readonly<Record<string, unknown>>;
  const within = gathered(Object.values(record).map((part) => learn(part, person, everybody)));
  const [id, email, name] = [record['id'], record['email'], record['name']];
  const theirs = everybody || person.isContact(id) || (typeof email === 'string' && person.isIn(email));
  if (!theirs || typeof email !== 'string' || !isEmail(email)) return within;
  const own: PersonWords = {
    emails: [email.toLowerCase()],
    names: typeof name === 'string' && isFullName(name) ? [name.trim()] : [],
    contacts: typeof id === 'string' && id !== '' ? [id] : [],
  };
  return gathered([own, within]);
}

const gathered = (all: readonly PersonWords[]): PersonWords => ({
  emails: all.flatMap(({ emails }) => emails),
  names: all.flatMap(({ names }) => names),
  contacts: all.flatMap(({ contacts }) => contacts),
});
