import http from 'node:http';

/**
 * A child process that plays the receivers of outgoing webhooks: `/fast` takes everything, `/hang` answers nobody, and
 * the others are down or up as they are told. It notes when each message came, by the number in its body.
 */
const down = new Set(['/fail']);
const came = new Map();

const now = () => performance.timeOrigin + performance.now();

const server = http.createServer((request, response) => {
  const at = now();
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    note(request.url, JSON.parse(Buffer.concat(chunks).toString('utf8')).n, at);
    if (request.url === '/hang') return;
    response.statusCode = down.has(request.url) ? 500 : 204;
    response.end();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

function note(path, n, at) {
  if (!came.has(path)) came.set(path, new Map());
  const times = came.get(path);
  times.set(n, [...(times.get(n) ?? []), at]);
}

process.on('message', ({ ask, path }) => {
  if (ask === 'down') down.add(path);
  if (ask === 'up') down.delete(path);
  const times = came.get(path) ?? new Map();
  process.send(ask === 'report' ? { times: [...times] } : { messages: times.size });
});
process.on('disconnect', () => process.exit());
