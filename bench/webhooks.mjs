import { billableActions, total } from './billable.mjs';
import { atLeast, atMost } from './figures.mjs';
import { Histories } from './histories.mjs';
import { addEndpoint, createMessages, startSending, Subscribers } from './outgoing.mjs';

/** Messages created by 32 clients as fast as they are answered, until each has been delivered to a fast receiver. */
export async function measure({ quick, say }) {
  const system = await startSending();
  const subscribers = await Subscribers.open();
  const endpoint = await addEndpoint(system, subscribers, '/fast');
  const warm = await createMessages(system, { count: 2_000, seconds: 3, from: 1_000_000 });
  await subscribers.until('/fast', warm.sentAt.size, 30_000);
  const before = total(billableActions(await historyOf(system, endpoint)));

  const { sentAt, endedAt } = await createMessages(system, { count: 100_000, seconds: quick ? 3 : 20 });
  await subscribers.until('/fast', warm.sentAt.size + sentAt.size, 60_000);
  const came = await subscribers.came('/fast');
  const first = Math.min(...sentAt.values());
  const last = Math.max(...[...sentAt.keys()].map((n) => came.get(n)[0]));
  const actions = total(billableActions(await historyOf(system, endpoint))) - before;
  subscribers.close();
  await system.stop();
  const created = (sentAt.size * 1000) / (endedAt - first);
  const repeats = [...came.values()].filter((times) => times.length > 1).length;
  say(`Webhooks: ${sentAt.size} messages created at ${created.toFixed(0)}/s, ${repeats} of them delivered twice`);
  return [
    atLeast('messages created and delivered, 32 clients', (sentAt.size * 1000) / (last - first), '/s', 1500),
    atMost('Actions per 1,000 deliveries under load', (actions * 1000) / sentAt.size, 'Actions', 100),
  ];
}

async function historyOf(system, { id }) {
  const histories = await Histories.open(system);
  const { id: application } = await system.api('/app/bench');
  const events = await histories.eventsOf(`endpoint/${application}/${id}`);
  await histories.close();
  return events;
}
