import net from 'node:net';

/** Passes bytes on, those of the answers late. Returns the address to connect to instead, and `hurry()`, which ends that. */
export async function lateBy(lateMs, url) {
  let ms = lateMs;
  const target = new URL(url);
  const { hostname: host, port } = target;
  const server = net.createServer({ noDelay: true }, (client) => {
    const upstream = net.connect({ host, port: Number(port), noDelay: true });
    client.pipe(upstream);
    upstream.on('data', (chunk) => setTimeout(() => client.writable && client.write(chunk), ms));
    client.on('error', () => upstream.destroy());
    client.on('close', () => upstream.destroy());
    upstream.on('error', () => {});
    // After what it had said before.
    upstream.on('close', () => setTimeout(() => client.destroy(), ms + 10));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  target.port = String(server.address().port);
  return { url: target.href, hurry: () => void (ms = 0) };
}
