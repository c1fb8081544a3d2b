import { setTimeout as delay } from 'node:timers/promises';
import { atMost, percentile, told, Void } from './figures.mjs';
import { addEndpoint, createMessages, startSending, Subscribers } from './outgoing.mjs';

/** Virtual time: the third try, five minutes after the second, is then due after 30 s. */
const SPEED = 10;
const WAIT_MS = 300_000 / SPEED;

/** Ten thousand retries wait when everything is killed, and are made at their instant once it is back. */
export async function measure({ quick, say }) {
  const messages = quick ? 500 : 10_000;
  const system = await startSending({ speed: SPEED });
  const subscribers = await Subscribers.open();
  await subscribers.isDown('/late', true);
  await addEndpoint(system, subscribers, '/late');
  await createMessages(system, { count: messages });
  await tried(subscribers, messages, 2, 60_000);
  system.kill();
  await subscribers.isDown('/late', false);
  const back = await startSending({ speed: SPEED, dataDir: system.dataDir });
  const came = await tried(subscribers, messages, 3, 120_000);
  const late = [...came.values()].map((times) => times[2] - times[1] - WAIT_MS);
  const more = [...came.values()].filter((times) => times.length > 3).length;
  subscribers.close();
  await back.stop();
  say(`Pending: ${messages} retries, ready ${back.readyMs.toFixed(0)} ms after the restart, ${more} made twice`);
  return [
    atMost('10,000 pending retries after a kill of everything: latest', Math.max(...late), 'ms', 5_000),
    told('the same at the median, jitter of up to 1.5 s included', percentile(late, 0.5), 'ms'),
  ];
}

async function tried(subscribers, messages, times, withinMs) {
  for (const until = performance.now() + withinMs; performance.now() < until; await delay(250)) {
    const came = await subscribers.came('/late');
    if (came.size >= messages && [...came.values()].every((one) => one.length >= times)) return came;
  }
  throw new Void(`Not all of ${messages} messages were tried ${times} times.`);
}
