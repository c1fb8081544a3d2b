import { setTimeout as delay } from 'node:timers/promises';
import { percentile, told } from './figures.mjs';
import { addEndpoint, createMessages, onEndpoint, startSending, Subscribers } from './outgoing.mjs';

const PER_SECOND = 20;

/** A receiver comes back after a long outage: what waited for it is served while live messages go on. */
export async function measure({ quick, say }) {
  const waiting = quick ? 500 : 10_000;
  const system = await startSending();
  const subscribers = await Subscribers.open();
  await subscribers.isDown('/back', true);
  const endpoint = await addEndpoint(system, subscribers, '/back');
  const since = new Date(Date.now() - 60_000).toISOString();
  await createMessages(system, { count: waiting });
  await subscribers.until('/back', waiting, 60_000);
  await onEndpoint(system, endpoint, 'PATCH', '', { disabled: true });
  await delay(2_000);
  const before = await subscribers.came('/back');
  await subscribers.isDown('/back', false);
  await onEndpoint(system, endpoint, 'PATCH', '', { disabled: false });
  const backAt = performance.timeOrigin + performance.now();
  await onEndpoint(system, endpoint, 'POST', '/recover', { since });
  const count = PER_SECOND * (quick ? 3 : 10);
  const { sentAt } = await createMessages(system, { count, perSecond: PER_SECOND, connections: 4, from: 1_000_000 });
  await subscribers.until('/back', waiting + count, 60_000);
  const served = await servedAgain(subscribers, before);
  const came = await subscribers.came('/back');
  subscribers.close();
  await system.stop();
  const waits = [...sentAt].map(([n, at]) => came.get(n)[0] - at);
  say(`Comeback: ${waiting} waited, ${count} live ones went on; slowest live ${Math.max(...waits).toFixed(0)} ms`);
  return [
    told('10,000 messages that waited for an endpoint: all served within', served - backAt, 'ms'),
    told('message to first attempt p99 meanwhile, 20/s', percentile(waits, 0.99), 'ms'),
  ];
}

/** When the last of those that waited was tried once more; epoch ms. */
async function servedAgain(subscribers, before) {
  for (const until = performance.now() + 120_000; performance.now() < until; await delay(250)) {
    const came = await subscribers.came('/back');
    const again = [...before].map(([n, times]) => came.get(n)[times.length]);
    if (again.every((at) => at !== undefined)) return Math.max(...again);
  }
  return Number.POSITIVE_INFINITY;
}
