import { mustBeStored } from './archive.mjs';
import { Cluster } from './cluster.mjs';
import { atMost, percentile, told, Void } from './figures.mjs';
import { runLoad } from './load.mjs';

/** What each answer of the store is late, ms: a far and busy disk, which the sender outruns with a share of two cores. */
const STORE_LATE_MS = 200;
/** What `docker-compose.yml` and `deploy/kubernetes` start a server with. */
const AS_DEPLOYED = '--max-old-space-size=512 --max-semi-space-size=64';
/** A closed loop that is refused comes again at once: a few connections more and it measures refusals. */
const AS_LONG_AS_THE_LINE = 900;
/** Else the workers are busy with what came before for the first forty seconds, and it is two loads that are measured. */
const AT_REST_WITHIN_MS = 120_000;

/**
 * Three times what can be stored, for two minutes. Capacity is first measured on the very same slow store; then comes
 * thrice that on a schedule, and then the usual load again.
 */
export async function measure({ quick, say }) {
  const cluster = await Cluster.start({ servers: 1, workers: 1, storeLateMs: STORE_LATE_MS, nodeOptions: AS_DEPLOYED });
  const flat = {
    count: quick ? 30_000 : 100_000,
    onboardings: 300,
    connections: AS_LONG_AS_THE_LINE,
    seconds: quick ? 3 : 10,
  };
  await runLoad(cluster, { ...flat, tag: 'warm', count: 10_000, connections: 128, seconds: 3 });
  const capacity = await capacityOf(cluster, flat);
  if (!(await cluster.isAtRest(AT_REST_WITHIN_MS))) throw new Void('What was stored was not applied in time.');
  const seconds = quick ? 5 : 120;
  const perSecond = Math.round(capacity * 3);
  const plan = { tag: 'over', count: perSecond * seconds, onboardings: 300, connections: 4096, perSecond };
  const books = await runLoad(cluster, plan);
  const endedAt = performance.now();
  say(`Overload: capacity ${capacity.toFixed(0)}/s, offered ${perSecond}/s for ${seconds} s: ${books.line}`);
  say(
    `The sender itself stood still for ${books.pausedMs.toFixed(0)} ms at most and was late by ${books.latestMs.toFixed(0)} ms.`,
  );
  if (books.unknown > 0) throw new Void(`${books.unknown} events got no answer.`);
  const recovered = await recovery(cluster, capacity / 3, endedAt);
  cluster.late.hurry();
  await mustBeStored(cluster, books);
  await cluster.stop();
  return [
    atMost('overload ×3: admitted p99', books.wait(0.99), 'ms', 1000),
    atMost('overload ×3: shed p99', percentile(books.shedWaits, 0.99), 'ms', 100),
    told('overload ×3: shed', (100 * books.rejected) / books.sent, '%'),
    atMost('usual p99 again after', recovered, 's', 30),
  ];
}

/** Events a second. Nine hundred that come at once may be refused one: then it is measured anew. */
async function capacityOf(cluster, flat) {
  for (let nth = 0; nth < 5; nth++) {
    const books = await runLoad(cluster, { ...flat, tag: `most${nth}` });
    if (books.rejected === 0) return books.rate;
  }
  throw new Void('Its capacity is not known: something was refused each time.');
}

/** Seconds after the overload until a second of a third of the capacity has its usual p99. */
async function recovery(cluster, perSecond, endedAt) {
  for (let nth = 0; nth < 60; nth++) {
    const at = performance.now();
    const plan = { tag: `calm${nth}`, count: Math.round(perSecond), onboardings: 300, connections: 1024, perSecond };
    const books = await runLoad(cluster, plan);
    if (books.acknowledged === books.sent && books.wait(0.99) < 3 * STORE_LATE_MS) return (at - endedAt) / 1000;
  }
  throw new Void('The usual load was not answered as usual within a minute.');
}
