import type { SearchAttributePair } from '@temporalio/common';
import { keyword, SEARCH_ATTRIBUTES } from '../contracts/search-attributes.js';
import type { Fact, RecordFields } from '../domain/event/fact.js';
import type { EntityKey } from '../domain/event/key.js';

/** The list columns that hold for the whole life of a workflow. */
export function keyColumns(key: EntityKey): SearchAttributePair[] {
  return [
    { key: SEARCH_ATTRIBUTES.workspace, value: key.workspace },
    { key: SEARCH_ATTRIBUTES.mode, value: key.mode },
  ];
}

/**
 * The list columns an onboarding starts with: what its first events say, and what is so of nearly every new one. The
 * first turn corrects what is not; where nothing is, it costs no upsert.
 */
export function firstColumns(key: EntityKey, facts: readonly Fact[]): SearchAttributePair[] {
  const columns: SearchAttributePair[] = [
    ...keyColumns(key),
    { key: SEARCH_ATTRIBUTES.state, value: 'running' },
    { key: SEARCH_ATTRIBUTES.health, value: 'on_track' },
    { key: SEARCH_ATTRIBUTES.escalation, value: 'none' },
    { key: SEARCH_ATTRIBUTES.level, value: 0 },
  ];
  const phase = lastSaid(facts, 'phase');
  const customer = lastSaid(facts, 'customerId');
  const target = lastSaid(facts, 'target');
  if (phase) columns.push({ key: SEARCH_ATTRIBUTES.phase, value: keyword(phase) });
  if (customer) columns.push({ key: SEARCH_ATTRIBUTES.customer, value: keyword(customer) });
  if (target) columns.push({ key: SEARCH_ATTRIBUTES.targetAt, value: new Date(`${target}T00:00:00Z`) });
  return columns;
}

function lastSaid(facts: readonly Fact[], field: 'phase' | 'customerId' | 'target'): RecordFields[typeof field] {
  const saying = facts.filter((fact) => fact.record[field] !== undefined);
  return saying.reduce<Fact | undefined>((last, fact) => (last && last.at > fact.at ? last : fact), undefined)?.record[
    field
  ];
}
