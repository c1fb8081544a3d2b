import type { CustomerStanding } from '../domain/customer/standing.js';
import type { CustomerFact, Fact } from '../domain/event/fact.js';

/**
 * Signals are read by hand: whoever may signal may send anything, and what the fold cannot read would stop the workflow
 * for good. The whole event is in the archive, so a part left out here is lost to nobody.
 */
export function isFact(value: unknown): value is Fact {
  return isEvent(value);
}

export function isCustomerFact(value: unknown): value is CustomerFact {
  return isEvent(value);
}

export function isStanding(value: unknown): value is CustomerStanding {
  return (
    isObject(value) &&
    Number.isFinite(value['version']) &&
    isObject(value['carriers']) &&
    ['flags', 'others', 'handedOver'].every((field) => Array.isArray(value[field]))
  );
}

function isEvent(value: unknown): boolean {
  return (
    isObject(value) &&
    ['id', 'source', 'type', 'kind'].every((field) => typeof value[field] === 'string') &&
    ['at', 'heardAt'].every((field) => Number.isFinite(value[field])) &&
    isObject(value['record']) &&
    isObject(value['previous'])
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
