// A process with a small heap, which it fills; prints its metrics before and after, parted by a line of its own.
import { createObservation } from '../../src/main/observer.js';
import { createWatch } from '../../src/main/watch.js';

const observation = createObservation('silent', undefined);
const nobody = () => Promise.reject(new Error('nobody'));
observation.onScrape(
  createWatch({
    store: { readiness: nobody, newest: nobody, inbox: { depth: nobody } },
    gateway: { health: nobody },
    vitals: { stuckWorkflows: nobody, pollingWorkers: nobody },
    observer: observation.observer,
    now: Date.now,
  }),
);

const share = (text: string): number => {
  const valueOf = (name: string) => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
  return valueOf('nodejs_heap_size_used_bytes') / valueOf('slipway_heap_limit_bytes');
};

const before = await observation.metricsText();
const kept: number[][] = [];
let after = before;
while (share(after) < 0.78) {
  for (let n = 0; n < 120; n++) kept.push(Array.from({ length: 10_000 }, (_, at) => at + 0.5));
  after = await observation.metricsText();
}
process.stdout.write(`${before}--- filled ---\n${after}`);
process.exit(kept.length > 0 ? 0 : 1);
