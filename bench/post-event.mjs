import { createHmac } from 'node:crypto';
import { SECRET } from './system.mjs';

/** Signs and posts one event; the status of the answer. */
export async function postEvent(system, event) {
  const body = JSON.stringify(event);
  const id = `msg_${event.id}`;
  const timestamp = Math.floor(Date.now() / 1000);
  const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  const response = await fetch(system.webhooks, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'svix-id': id,
      'svix-timestamp': `${timestamp}`,
      'svix-signature': `v1,${signature}`,
    },
    body,
  });
  await response.arrayBuffer();
  return response.status;
}

const AT_ONCE = 32;

/** Posts all of them, some at a time, to whichever edge; throws where one is not acknowledged. */
export async function postAll(system, events) {
  const urls = [system.webhooks].flat();
  let next = 0;
  const lane = async (nth) => {
    while (next < events.length) {
      const event = events[next++];
      const status = await postEvent({ webhooks: urls[nth % urls.length] }, event);
      if (status !== 200) throw new Error(`${event.id} was answered ${status}.`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, nth) => lane(nth)));
}
