import { shortHash } from '../onboarding/seen.js';

/**
 * The id of an own event, made from what makes it the one happening it is: the same however often it is worked out. Twice
 * 53 bits, over different texts. It gives nothing away of its parts, one of which may be an address.
 */
export function ownEventId(...identity: readonly (string | number)[]): string {
  const text = JSON.stringify(identity);
  return `evt_${shortHash(`first${text}`)}${shortHash(`${text}second`).padStart(11, '0')}`;
}

/** Of `escalation.opened`: by it the store can tell whether anything was ever told of an escalation. */
export const openedEventId = (escalationId: string): string => ownEventId('opened', escalationId);
