import { fail, ok, type Said, skipped, warn } from '../finding.js';
import { isSeen, type Observations } from '../observations.js';

/** A delivery takes a moment, and its timestamp has whole seconds. */
const NOTICED_S = 30;
/** The sender's own tolerance is 300 s: beyond this, a slow delivery or a little more drift turns events away. */
const DANGEROUS_S = 240;
/** The latest deliveries; fewer say little. */
const ENOUGH = 3;

/** This machine's clock against the sender's, as its signed timestamps show it. */
export function clock({ store }: Observations): readonly Said[] {
  const archive = isSeen(store) ? store.archive : null;
  if (archive === null) return [skipped('The clocks were not compared: the archive could not be read.')];
  const { deliveries, rejections } = archive;
  const refused = (rejections['stale_timestamp'] ?? 0) + (rejections['future_timestamp'] ?? 0);
  const late = refused > 0 ? [turnedAway(refused)] : [];
  if (deliveries.length < ENOUGH)
    return [skipped('The clocks were not compared: too few events have arrived.'), ...late];
  const skew = median(deliveries.map(({ signedAt, receivedAt }) => Math.round((receivedAt - signedAt) / 1000)));
  const said = `${Math.abs(skew)} s ${skew < 0 ? 'behind' : 'ahead of'} the sender's, over the latest ${deliveries.length} deliveries`;
  const why = 'Deliveries whose timestamp lies more than five minutes away are turned away.';
  const fix =
    'Have NTP set the clock of this machine (timedatectl set-ntp true), or look what delays deliveries on the way.';
  if (Math.abs(skew) >= DANGEROUS_S) return [fail(`This clock is ${said}.`, why, fix), ...late];
  if (Math.abs(skew) >= NOTICED_S) return [warn(`This clock is ${said}.`, why, fix), ...late];
  return [ok(`This clock is ${said}.`), ...late];
}

const turnedAway = (count: number): Said =>
  warn(
    `${count === 1 ? 'One delivery' : `${count} deliveries`} of the last 24 hours came with a timestamp too far from now.`,
    'They were answered 401; the sender tries again with a new timestamp, eight times at the most.',
    'Compare both clocks; `slipway rejections --reason stale_timestamp` lists them. A replayed capture is turned away rightly.',
  );

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
