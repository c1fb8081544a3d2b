import { createHash } from 'node:crypto';
import { ERASED, type Person } from './person.js';

/** What is done with one text of a document: `under` is the key of the group that holds it. */
type Cleaning = (text: string, key: string, under: string) => string;

/** Takes the person's words out of every text of a document, whatever its shape. */
export function without<T>(document: T, person: Person): T {
  return walk(document, '', '', (text) => person.without(text)) as T;
}

/**
 * Leaves of a document of the house (a view, a fact, an entry of the decision log) what says nothing of people: ids,
 * instants, and words of closed or shared lists. Whatever a person wrote or is called goes, and so does every text
 * under a key that is not known here.
 */
export function blank<T>(document: T): T {
  return walk(document, '', '', blanked) as T;
}

function walk(value: unknown, key: string, under: string, clean: Cleaning): unknown {
  if (typeof value === 'string') return clean(value, key, under);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => walk(item, key, under, clean));
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, walk(part, name, key, clean)]));
}

// biome-ignore format: a list
const KEPT: ReadonlySet<string> = new Set([
  'id', 'source', 'type', 'kind', 'phase', 'state', 'health', 'hold', 'rule', 'severity', 'status', 'mode',
  'workspace', 'customerId', 'customer_id', 'onboarding_id', 'org', 'displayId', 'target', 'first', 'latest', 'date',
  'from', 'to', 'workflow_id', 'temporal_url', 'escalation', 'escalationId', 'verb', 'hash', 'channel', 'outcome',
  'failure', 'events', 'others', 'subject', 'how', 'ladder', 'unit', 'until', 'onboarding',
]);
/** Groups that describe somebody: nothing of them is kept, their id least of all where it is an address. */
const SOMEBODY: ReadonlySet<string> = new Set(['by', 'to', 'person', 'recipient', 'assigned']);
const FLAGS: ReadonlySet<string> = new Set(['at_risk', 'health_dropped', 'churned', 'archived']);
const INSTANT = /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/;

const blanked: Cleaning = (text, key, under) => {
  if (INSTANT.test(text)) return text;
  if (key === 'key' || key === 'send') return maskedKey(text);
  if (under === 'carriers') return text;
  if (under === 'flags' && key === 'name' && FLAGS.has(text)) return text;
  return KEPT.has(key) && !SOMEBODY.has(under) && !text.includes('@') ? text : ERASED;
};

/**
 * The key of a send without whom it went to, which is its last part: escalation, kind, level, round, channel, recipient.
 * Two recipients stay two.
 */
export function maskedKey(key: string): string {
  const parts = key.split('/');
  const recipient = parts.slice(RECIPIENT_AT).join('/');
  return recipient === '' ? key : [...parts.slice(0, RECIPIENT_AT), masked(recipient)].join('/');
}

const RECIPIENT_AT = 5;

/** Tells two apart and names none. Idempotent. */
export function masked(text: string): string {
  return text.startsWith(MASK) ? text : `${MASK}${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}

const MASK = 'erased-';
