import { setTimeout as delay } from 'node:timers/promises';
import { Cluster } from './cluster.mjs';
import { atMost, told, Void } from './figures.mjs';
import { runLoad } from './load.mjs';

const HEAP_MB = 512;

/** 5,000 open onboardings with a bounded heap: what each process holds, and that none runs out of memory. */
export async function measure({ quick, say }) {
  const cluster = await Cluster.start({ servers: 1, workers: 1, nodeOptions: `--max-old-space-size=${HEAP_MB}` });
  const onboardings = quick ? 300 : 5000;
  const from = performance.now();
  const books = await runLoad(cluster, { tag: 'many', count: onboardings * 2, onboardings, perSecond: 400 });
  books.mustBeWhole();
  if (!(await cluster.isDrained(900_000))) throw new Void('The inbox was not drained within 15 minutes.');
  say(`${onboardings} onboardings open after ${((performance.now() - from) / 1000).toFixed(0)} s`);
  await delay(quick ? 1000 : 10_000);
  const [server] = cluster.servers;
  const [worker] = cluster.workers;
  if (!server.isUp || !worker.isUp) throw new Void(`A process ended: ${(server.isUp ? worker : server).lastWords()}`);
  const [ofServer, ofWorker] = [server.residentMegabytes, worker.residentMegabytes];
  await cluster.stop();
  const limit = HEAP_MB + 512;
  return [
    atMost(`worker with ${onboardings} open, heap limit ${HEAP_MB} MB`, ofWorker, 'MB', limit),
    told('server beside it', ofServer, 'MB'),
  ];
}
