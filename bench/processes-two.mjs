import { mustBeStored } from './archive.mjs';
import { Cluster } from './cluster.mjs';
import { told } from './figures.mjs';
import { Histories } from './histories.mjs';
import { prepareLoad, runLoad } from './load.mjs';

/** The same loads through one server and one worker, then through two of each. */
export async function measure({ quick, say }) {
  const one = await through(1, quick, say);
  const two = await through(2, quick, say);
  return [
    told('sustained acknowledge, 1 server', one.acknowledged, 'events/s'),
    told('sustained acknowledge, 2 servers', two.acknowledged, 'events/s'),
    told('the second server adds', two.acknowledged / one.acknowledged, 'times'),
    told('burst until all applied, 1 server + 1 worker', one.applied, 'events/s'),
    told('burst until all applied, 2 + 2', two.applied, 'events/s'),
    told('the second server and worker add', two.applied / one.applied, 'times'),
  ];
}

async function through(number, quick, say) {
  const cluster = await Cluster.start({ servers: number, workers: number });
  const seconds = quick ? 2 : 10;
  await runLoad(cluster, { tag: 'warm', count: 2000, onboardings: 50, connections: 128 });
  await cluster.isDrained(60_000);
  const count = quick ? 2000 : 10_000;
  const load = await prepareLoad(cluster, { tag: 'burst', count, onboardings: 300, connections: 128 });
  const burst = (await load.go()).mustBeWhole();
  await cluster.isDrained(120_000);
  const histories = await Histories.open(cluster);
  const applied = await histories.whenApplied(burst, 120_000);
  await histories.close();
  const rate = (count * 1000) / (Math.max(...applied.values()) - burst.startedAt);
  const plan = { tag: 'flat', count: seconds * 12_000, onboardings: 300, connections: 128, seconds };
  const flat = await runLoad(cluster, plan);
  say(
    `${number} + ${number}: ${flat.line}, p99 ${flat.wait(0.99).toFixed(0)} ms; burst applied at ${rate.toFixed(0)}/s`,
  );
  await mustBeStored(cluster, flat);
  await cluster.stop();
  return { acknowledged: flat.rate, applied: rate };
}
