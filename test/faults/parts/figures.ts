/** How a quantity is spread over its samples; `n` stands beside every figure, since a percentile of few says little. */
export interface Spread {
  readonly n: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Nearest rank. All zeros where there is no sample. */
export function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  return { n: sorted.length, p50: ranked(sorted, 0.5), p99: ranked(sorted, 0.99), max: sorted.at(-1) ?? 0 };
}

const ranked = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;

/** What "none in n trials" says at 95 %: the rate may still be as high as 3/n (rule of three). 1 where nothing was tried. */
export function upperBound(n: number): number {
  return n === 0 ? 1 : Math.min(1, 3 / n);
}

export const said = ({ n, p50, p99, max }: Spread): string =>
  `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, max ${max.toFixed(0)} ms (n = ${n})`;
