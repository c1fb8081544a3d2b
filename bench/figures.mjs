/** A run whose figures mean nothing: an event was lost, or the books of the sender do not add up. */
export class Void extends Error {
  name = 'Void';
}

/** A row whose value must not exceed `limit`. */
export function atMost(name, value, unit, limit) {
  return { name, value: rounded(value), unit, target: `≤ ${limit}`, ok: value <= limit };
}

/** A row whose value must reach `limit`. */
export function atLeast(name, value, unit, limit) {
  return { name, value: rounded(value), unit, target: `≥ ${limit}`, ok: value >= limit };
}

/** A row that is told beside the others and has no target. */
export function told(name, value, unit) {
  return { name, value: rounded(value), unit, target: null, ok: true };
}

/** The value below which `part` (0 to 1) of the values lie, by nearest rank; NaN of none. */
export function percentile(values, part) {
  const sorted = Float64Array.from(values).sort();
  return sorted.length === 0 ? Number.NaN : sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
}

function rounded(value) {
  if (!Number.isFinite(value)) return null;
  return Number(value.toPrecision(value >= 1000 ? 6 : 3));
}
