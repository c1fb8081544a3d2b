import { Connection } from './connection.mjs';

/**
 * A child process that creates messages over the management API: `perSecond` on a fixed schedule whether or not answers
 * come, else each connection as fast as it is answered, for `seconds`. Reports when each was sent and how it was answered.
 */
process.once('message', (plan) => void play(plan));

const now = () => performance.timeOrigin + performance.now();

async function play(plan) {
  const connections = Array.from({ length: plan.connections }, () => new Connection(new URL(plan.url)));
  const book = { sentAt: new Float64Array(plan.count), statuses: new Int16Array(plan.count).fill(-1), endedAt: 0 };
  const create = async (connection, n) => {
    book.sentAt[n] = now();
    book.statuses[n] = await connection.post(request(plan, n));
  };
  await (plan.perSecond ? onSchedule(plan, connections, create) : asAnswered(plan, connections, create));
  for (const connection of connections) connection.close();
  book.endedAt = now();
  process.send(book, () => process.disconnect());
}

async function onSchedule({ count, perSecond }, connections, create) {
  const start = now() + 50;
  const under = [];
  for (let n = 0; n < count; n++) {
    const wait = start + (n * 1000) / perSecond - now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    under.push(create(connections[n % connections.length], n));
  }
  await Promise.all(under);
}

async function asAnswered({ count, seconds }, connections, create) {
  const until = now() + (seconds ?? Number.POSITIVE_INFINITY) * 1000;
  let next = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (next < count && now() < until) await create(connection, next++);
    }),
  );
}

function request({ url, from = 0 }, n) {
  const { host, pathname } = new URL(url);
  const payload = { n: from + n, text: 'A message of usual length. '.repeat(10) };
  const body = JSON.stringify({ eventType: 'bench.done', eventId: `evt_${from + n}`, payload });
  return `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
