import { atMost, percentile, told } from './figures.mjs';
import { addEndpoint, createMessages, startSending, Subscribers } from './outgoing.mjs';

const PER_SECOND = 20;

/** A usual day's 20 messages a second to one receiver: alone, then beside one that hangs and one that always fails. */
export async function measure({ quick, say }) {
  const system = await startSending();
  const subscribers = await Subscribers.open();
  const seconds = quick ? 5 : 30;
  await addEndpoint(system, subscribers, '/fast');
  await waits(system, subscribers, { seconds: 3, from: 1_000_000 });
  const alone = await waits(system, subscribers, { seconds, from: 0 });
  await addEndpoint(system, subscribers, '/hang');
  await addEndpoint(system, subscribers, '/fail');
  await waits(system, subscribers, { seconds: 3, from: 2_000_000 });
  const beside = await waits(system, subscribers, { seconds, from: 100_000 });
  const failed = await subscribers.count('/fail');
  subscribers.close();
  await system.stop();
  say(`Webhooks at ${PER_SECOND}/s: ${alone.length} alone, ${beside.length} beside; ${failed} came to the failing one`);
  const p99 = percentile(alone, 0.99);
  return [
    atMost('message to first attempt p50, 20/s alone', percentile(alone, 0.5), 'ms', 15),
    atMost('message to first attempt p99, 20/s alone', p99, 'ms', 100),
    told('the same p99 beside one that hangs and one that fails', percentile(beside, 0.99), 'ms'),
    atMost('that against alone', percentile(beside, 0.99) / p99, 'x', 1.5),
  ];
}

async function waits(system, subscribers, { seconds, from }) {
  const before = await subscribers.count('/fast');
  const count = seconds * PER_SECOND;
  const { sentAt } = await createMessages(system, { count, perSecond: PER_SECOND, connections: 4, from });
  await subscribers.until('/fast', before + count, 30_000);
  const came = await subscribers.came('/fast');
  return [...sentAt].map(([n, at]) => came.get(n)[0] - at);
}
