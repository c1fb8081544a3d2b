import { join } from 'node:path';
import type { Era, EraOptions } from './era.js';
import type { FaultName } from './plan.js';

/** A way to run the cluster that is a fault of its own, for a whole era. */
export interface Variant {
  readonly name: string;
  readonly row: string;
  readonly options: Partial<EraOptions>;
  /** Before each cycle of the era. */
  readonly turn?: (era: Era, cycle: number) => Promise<void>;
}

const HEAP_MB = 256;
/** Within what a receiver forgives, so that its messages are still believed. */
const SKEW_MS = 240_000;
const DEPLOYMENT = 'faults';
const BUILDS = ['a', 'b', 'c'] as const;
const buildOf = (nth: number): string => BUILDS[nth % BUILDS.length] as string;
/** Room for what ten minutes leave, and for little more. */
const DISK_MB = 768;
const WAL_MB = 128;

const skewed = `--import=${join(import.meta.dirname, 'skewed-clock.mjs')}`;

/**
 * A worker keeps as many workflows as its heap has room for (`cacheFor`): 333 with this one, some 0.5 MB of its memory each.
 * Those that stay open fill it by some fifteen a minute, which was growth of 5 to 7 % in the last half of ten minutes
 * (seen); so a soak begins with a crowd that fills it at once. With less than 180 MB the heap is at its limit, and the
 * worker late for it.
 */
const SOAK_HEAP_MB = 200;

/**
 * Resident, of one process: three times its heap. A worker took 466 MB in a soak, of which the SDK's native part, the code
 * and what V8 keeps beside the heap are more than half.
 */
export const SOAK_MOST_MB = 3 * SOAK_HEAP_MB;

export const SOAK: Variant = {
  name: 'nothing broken',
  row: 'F1',
  options: { env: { NODE_OPTIONS: `--max-old-space-size=${SOAK_HEAP_MB}` } },
};

/** In turn, one an era. */
export const VARIANTS: readonly Variant[] = [
  { name: 'plain', row: 'F1', options: {} },
  {
    name: 'small heap',
    row: 'C12',
    options: { env: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` } },
  },
  {
    name: 'clock of a worker off',
    row: 'D2',
    options: {
      workerEnv: (nth) => (nth === 0 ? { NODE_OPTIONS: skewed, FAULTS_CLOCK_SKEW_MS: String(SKEW_MS) } : {}),
    },
  },
  {
    name: 'small disk',
    row: 'C9',
    options: {
      storeDiskMb: DISK_MB,
      // What it keeps of its log would fill the disk by itself.
      whenUp: async (cluster) => {
        await cluster.sql(`alter system set max_wal_size = '${WAL_MB}MB'`);
        await cluster.sql('select pg_reload_conf()');
      },
    },
  },
  {
    name: 'three builds',
    row: 'C14+E3',
    options: {
      workers: BUILDS.length,
      workerEnv: (nth) => ({ TEMPORAL_DEPLOYMENT_NAME: DEPLOYMENT, TEMPORAL_BUILD_ID: buildOf(nth) }),
      whenUp: (cluster) => cluster.makeCurrent(DEPLOYMENT, buildOf(0)),
    },
    // On to the next build, from the last one back to the first, and so on, with onboardings open.
    turn: ({ cluster }, cycle) => cluster.makeCurrent(DEPLOYMENT, buildOf(cycle)),
  },
];

/** Those of the faults that can strike in an era of that variant: only a disk of its own can be filled. */
export function strikingIn({ options }: Variant, faults: readonly FaultName[]): readonly FaultName[] {
  return faults.filter((fault) => fault !== 'store_full' || options.storeDiskMb !== undefined);
}
