/**
 * Whom an erasure is of, in the words by which their data is found. Kept only while there is something to find: the
 * record that stays names nobody.
 */
export interface PersonWords {
  readonly emails: readonly string[];
  /** Full names: of one word there are too many people. */
  readonly names: readonly string[];
  /** Ids of their contact records. Ids stay, but what carries one as its own id is their record. */
  readonly contacts: readonly string[];
}

export const NOBODY: PersonWords = { emails: [], names: [], contacts: [] };

/** What stands where the person was. */
export const ERASED = '[erased]';

export function merged(one: PersonWords, other: PersonWords): PersonWords {
  const both = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])];
  return {
    emails: both(one.emails, other.emails),
    names: both(one.names, other.names),
    contacts: both(one.contacts, other.contacts),
  };
}

/** Finds and takes out a person's words, in any case of letters, and not within longer words or addresses. */
export class Person {
  readonly #words: RegExp | null;
  readonly #contacts: ReadonlySet<string>;

  constructor({ emails, names, contacts }: PersonWords) {
    const parts = [
      ...emails.map((email) => `(?<![\\p{L}\\p{N}._%+-])${escape(email)}(?![\\p{L}\\p{N}-])`),
      ...names.map((name) => `(?<![\\p{L}\\p{N}])${escape(name).replace(/\s+/g, '\\s+')}(?![\\p{L}\\p{N}])`),
    ];
    this.#words = parts.length > 0 ? new RegExp(parts.join('|'), 'giu') : null;
    this.#contacts = new Set(contacts);
  }

  get hasContacts(): boolean {
    return this.#contacts.size > 0;
  }

  isIn(text: string): boolean {
    return this.#words !== null && text.search(this.#words) >= 0;
  }

  isContact(id: unknown): boolean {
    return typeof id === 'string' && this.#contacts.has(id);
  }

  without(text: string): string {
    return this.#words === null ? text : text.replace(this.#words, ERASED);
  }
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** A name by which one person can be told from others. */
export const isFullName = (name: string): boolean => /\S\s+\S/.test(name.trim()) && name.trim().length >= 5;

export const isEmail = (text: string): boolean => /^[^\s@]+@[^\s@]+$/.test(text);
