import { flagsOf, historyOfCustomer } from '../domain/customer/flags.js';
import type { CustomerState } from '../domain/customer/state.js';
import { cell, minute, table, withoutAddresses } from './markdown.js';

/** What an operator reads on a customer's page in the Temporal UI: what is flagged, who carries it, and what is open. */
export function customerDetails(state: CustomerState): string {
  const history = historyOfCustomer(state);
  const flags = flagsOf(history, state.denied).map(({ name, since, reason }) => [
    name,
    day(since),
    withoutAddresses(reason),
    state.carriers[name] ?? 'none is open: waits for one',
  ]);
  const open = state.open.map(({ id, createdAt }) => [id, day(createdAt)]);
  const { applied, duplicates } = state.counts;
  return [
    `### ${cell(withoutAddresses(history.name ?? state.key.id))}`,
    flags.length > 0 ? table(['Flag', 'Since', 'Reason', 'Carried by'], flags) : 'No flag is set.',
    open.length > 0 ? table(['Open onboarding', 'Since'], open) : 'No onboarding is open.',
    `${applied} events applied, ${duplicates} repeats.`,
  ].join('\n\n');
}

const day = (at: number): string => minute(new Date(at).toISOString());
