import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { keyword, SEARCH_ATTRIBUTES } from '../contracts/search-attributes.js';
import type { Wake } from '../domain/decision.js';
import type { EscalationView, OnboardingView } from '../domain/onboarding/present.js';

const URGENCY = ['open', 'acknowledged', 'snoozed'] as const;

/**
 * Brings the list columns up to date. Every upsert is an event of history and a billed action, so it happens at most
 * once a task and only when a column that people filter by has changed; the next wake goes along with those.
 */
export function publishColumns(view: OnboardingView, wake: Wake | null): void {
  const changed = columns(view).filter(differs);
  if (changed.length === 0) return;
  const next = { key: SEARCH_ATTRIBUTES.nextWakeAt, value: wake && new Date(wake.at) };
  upsertSearchAttributes(differs(next) ? [...changed, next] : changed);
}

/** The title, which a continued run keeps in the memo alone: its summary is lost there. */
export function publishTitle(view: OnboardingView): void {
  const title = view.name;
  if (title !== null && workflowInfo().memo?.['title'] !== title) upsertMemo({ title });
}

function columns(view: OnboardingView): SearchAttributeUpdatePair[] {
  const foremost = mostUrgent(view.escalations);
  const target = view.target.latest;
  return [
    { key: SEARCH_ATTRIBUTES.phase, value: view.phase && keyword(view.phase) },
    { key: SEARCH_ATTRIBUTES.state, value: view.hold ?? view.state },
    { key: SEARCH_ATTRIBUTES.health, value: view.health },
    { key: SEARCH_ATTRIBUTES.customer, value: view.customer_id && keyword(view.customer_id) },
    { key: SEARCH_ATTRIBUTES.escalation, value: foremost?.status ?? 'none' },
    { key: SEARCH_ATTRIBUTES.rule, value: foremost?.rule ?? null },
    { key: SEARCH_ATTRIBUTES.level, value: foremost?.level ?? 0 },
    { key: SEARCH_ATTRIBUTES.targetAt, value: target === null ? null : new Date(`${target}T00:00:00Z`) },
  ];
}

/** The unresolved escalation that needs somebody most: open before acknowledged before snoozed, then the higher level. */
function mostUrgent(escalations: readonly EscalationView[]): EscalationView | undefined {
  for (const status of URGENCY) {
    const [first, ...rest] = escalations.filter((one) => one.status === status);
    if (first) return rest.reduce((a, b) => (b.level > a.level ? b : a), first);
  }
  return undefined;
}

function differs(pair: SearchAttributeUpdatePair): boolean {
  const known = workflowInfo().typedSearchAttributes.get(pair.key) ?? null;
  return comparable(known) !== comparable(pair.value);
}

const comparable = (value: unknown): unknown => (value instanceof Date ? value.getTime() : value);
