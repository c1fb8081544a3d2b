import { type RawBuilder, sql } from 'kysely';

/** One order of the list of onboardings: an expression that is never null, so that a cursor can hold its value. */
export interface OnboardingOrder {
  /** As written in `sort` and in cursors. */
  readonly name: string;
  readonly by: RawBuilder<string | number>;
  readonly kind: 'string' | 'number';
  readonly descending: boolean;
}

/** Later than any instant, and sorted as such: what has none comes last in ascending order. */
const NEVER_MS = sql.lit(9_007_199_254_740_991);

/** Who needs a person most comes first, which is not the order in which healths outrank each other. */
const URGENCY = sql<number>`case health
  when 'at_risk' then 0 when 'stuck' then 1 when 'behind' then 2 when 'waiting' then 3 when 'on_track' then 4 else 5 end`;

const ORDERS: Readonly<Record<string, Pick<OnboardingOrder, 'by' | 'kind'>>> = {
  id: { by: sql<string>`id`, kind: 'string' },
  name: { by: sql<string>`lower(coalesce(name, id))`, kind: 'string' },
  health: { by: URGENCY, kind: 'number' },
  phase: { by: sql<string>`coalesce(phase, '')`, kind: 'string' },
  phase_entered_at: { by: sql<number>`coalesce(phase_entered_virtual_ms, ${NEVER_MS})`, kind: 'number' },
  target: { by: sql<string>`coalesce(target_latest, '9999-99-99')`, kind: 'string' },
  next_wake_at: { by: sql<number>`coalesce(next_wake_virtual_ms, ${NEVER_MS})`, kind: 'number' },
  updated: { by: sql<number>`projected_real_ms`, kind: 'number' },
};

/** Reads `name`, or `-name` for descending; unset is by id. Throws `RangeError` for an order there is none of. */
export function orderOf(sort: string | undefined): OnboardingOrder {
  const name = sort ?? 'id';
  const descending = name.startsWith('-');
  const order = ORDERS[descending ? name.slice(1) : name];
  if (!order)
    throw new RangeError(`Onboardings cannot be sorted by ${name}; one of ${Object.keys(ORDERS).join(', ')} can.`);
  return { name, descending, ...order };
}
