import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutbound, type Outbound, type PostResult } from '../../src/outbound/post.js';
import { type Receiver, startReceiver } from './receiver.js';

describe('one post', () => {
  let receiver: Receiver;
  let outbound: Outbound;

  beforeEach(async () => {
    receiver = await startReceiver();
    outbound = createOutbound({ allowPrivate: true });
  });
  afterEach(async () => {
    await outbound.close();
    await receiver.close();
    receiver.verify();
  });

  const post = (
    more: { path?: string; timeoutMs?: number; signal?: AbortSignal; url?: string } = {},
  ): Promise<PostResult> =>
    outbound.post({
      url: more.url ?? `${receiver.url}${more.path ?? '/hook'}`,
      headers: { 'webhook-id': 'msg_1' },
      body: '{"text":"ünïcode"}',
      ...(more.timeoutMs === undefined ? {} : { timeoutMs: more.timeoutMs }),
      ...(more.signal === undefined ? {} : { signal: more.signal }),
    });

  it('delivers body, headers and path whole and gives the answer back', async () => {
    receiver.expects({ status: 202, body: 'taken' });

    const result = await post({ path: '/hook?token=t' });

    expect(result).toMatchObject({ answered: true, status: 202, body: 'taken', address: '127.0.0.1' });
    expect(receiver.got).toMatchObject([
      {
        path: '/hook?token=t',
        body: '{"text":"ünïcode"}',
        headers: { 'webhook-id': 'msg_1', 'content-type': 'application/json', 'content-length': '20' },
      },
    ]);
  });

  it('uses a connection again', async () => {
    receiver.expects(...Array.from({ length: 8 }, () => ({ status: 204 })));

    for (let n = 0; n < 8; n++) await post();

    expect(receiver.connections()).toBeLessThanOrEqual(2);
  });

  it('keeps only the first 2 kB of a long answer', async () => {
    receiver.expects({ status: 500, body: 'x'.repeat(1_000_000) });

    expect(await post()).toMatchObject({ answered: true, status: 500, body: 'x'.repeat(2048) });
  });

  it('gives the headers of the answer back, the cookies left out', async () => {
    receiver.expects({ status: 503, headers: { 'Webhook-Delivery': 'disable', 'Set-Cookie': 'session=hunter2' } });

    const result = await post();

    expect(result).toMatchObject({ headers: { 'webhook-delivery': 'disable' } });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it('keeps 4 kB of headers, the longest ones left out', async () => {
    const long = { 'x-one': 'a'.repeat(3000), 'x-two': 'b'.repeat(3500), 'x-three': 'c'.repeat(2000) };
    receiver.expects({ status: 200, headers: { ...long, 'webhook-delivery': 'abort-message' } });

    const result = await post();

    expect(result).toMatchObject({ headers: { 'webhook-delivery': 'abort-message', 'x-three': long['x-three'] } });
    expect(result).not.toHaveProperty('headers.x-one');
    expect(result).not.toHaveProperty('headers.x-two');
  });

  it('waits for the answer behind what comes before it', async () => {
    const hinting = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
      socket.end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n');
    });
    await new Promise<void>((resolve) => hinting.listen(0, '127.0.0.1', resolve));

    const result = await post({ url: `http://127.0.0.1:${(hinting.address() as AddressInfo).port}` });
    hinting.close();

    expect(result).toMatchObject({ answered: true, status: 204 });
  });

  it('follows no redirect', async () => {
    receiver.expects({ status: 302, headers: { location: `${receiver.url}/elsewhere` } });

    expect(await post()).toMatchObject({ answered: true, status: 302 });
    expect(receiver.got.map((request) => request.path)).toEqual(['/hook']);
  });

  it('reads how long the receiver asks to be left alone', async () => {
    receiver.expects({ status: 429, headers: { 'retry-after': '7' } });

    expect(await post()).toMatchObject({ status: 429, retryAfterMs: 7000 });
  });

  it('gives up on a receiver that hangs, and says that the message may have arrived', async () => {
    receiver.expects('hang');

    const result = await post({ timeoutMs: 200 });

    expect(result).toMatchObject({ answered: false, failure: 'timeout', sent: true });
    expect(result.ms).toBeGreaterThanOrEqual(190);
  });

  it('says that the message may have arrived where the connection breaks after it', async () => {
    receiver.expects('drop');

    expect(await post()).toMatchObject({ answered: false, failure: 'reset', sent: true, address: '127.0.0.1' });
  });

  it('is not tried again by itself', async () => {
    receiver.expects('drop');

    await post();

    expect(receiver.got).toHaveLength(1);
  });

  it('never leaves where it was stopped before', async () => {
    const result = await post({ signal: AbortSignal.abort() });

    expect(result).toMatchObject({ answered: false, failure: 'aborted', sent: false });
    expect(receiver.connections()).toBe(0);
  });

  it('never leaves where it is stopped while the connection is being made', async () => {
    const stop = new AbortController();
    let resolved: (list: { address: string; family: number }[]) => void = () => {};
    const slow = createOutbound({ allowPrivate: true, resolve: () => new Promise((resolve) => (resolved = resolve)) });
    const url = receiver.url.replace('127.0.0.1', 'hook.example');
    const pending = slow.post({ url, headers: {}, body: '{}', signal: stop.signal });
    await new Promise(setImmediate);

    stop.abort();

    expect(await pending).toMatchObject({ failure: 'aborted', sent: false });
    resolved([{ address: '127.0.0.1', family: 4 }]);
    await expect.poll(() => receiver.connections()).toBe(1);
    await slow.close();
    expect(receiver.got).toEqual([]);
  });

  it('waits for the outcome where it is stopped on the wire', async () => {
    receiver.expects('hang');
    const stop = new AbortController();
    const pending = post({ signal: stop.signal, timeoutMs: 400 });
    await expect.poll(() => receiver.got.length).toBe(1);

    stop.abort();

    expect(await pending).toMatchObject({ failure: 'timeout', sent: true });
  });

  it('takes an answer that drips on without end for an answer', async () => {
    const drip = createServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf');
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => drip.listen(0, '127.0.0.1', resolve));

    const result = await post({ url: `http://127.0.0.1:${(drip.address() as AddressInfo).port}`, timeoutMs: 200 });
    drip.close();

    expect(result).toMatchObject({ answered: true, status: 200, body: 'half' });
  });
});

describe('a post that cannot leave', () => {
  const attempt = async (url: string, more: { timeoutMs?: number } = {}): Promise<PostResult> => {
    const outbound = createOutbound({ allowPrivate: true });
    try {
      return await outbound.post({ url, headers: {}, body: '{}', timeoutMs: 2000, ...more });
    } finally {
      await outbound.close();
    }
  };

  it('is named refused where nobody listens', async () => {
    const closed = await startReceiver();
    await closed.close();

    const result = await attempt(`${closed.url}/secret-path?token=t`);

    expect(result).toMatchObject({ failure: 'refused', sent: false, address: '127.0.0.1' });
  });

  it('is named dns where the name has no address', async () => {
    const outbound = createOutbound({
      allowPrivate: true,
      resolve: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
    });

    const result = await outbound.post({ url: 'https://hook.invalid/', headers: {}, body: '{}' });
    await outbound.close();

    expect(result).toMatchObject({
      answered: false,
      failure: 'dns',
      sent: false,
      message: 'hook.invalid has no address in the DNS.',
    });
    expect(result).not.toHaveProperty('address');
  });

  it('is named tls where the certificate is nobody’s, or the port does not speak TLS', async () => {
    const plain = await startReceiver();
    const selfSigned = new SMTPServer({ secure: true });
    selfSigned.on('error', () => {});
    await new Promise<void>((resolve) => selfSigned.listen(0, '127.0.0.1', resolve));
    const port = (selfSigned.server.address() as AddressInfo).port;

    const results = [await attempt(plain.url.replace('http:', 'https:')), await attempt(`https://127.0.0.1:${port}/`)];
    await plain.close();
    await new Promise<void>((resolve) => selfSigned.close(resolve));

    expect(results).toMatchObject([
      { failure: 'tls', sent: false },
      { failure: 'tls', sent: false },
    ]);
  });

  it('is named timeout where the connection is accepted and TLS never begins', async () => {
    const mute = createServer();
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));

    const url = `https://127.0.0.1:${(mute.address() as AddressInfo).port}/`;
    const result = await attempt(url, { timeoutMs: 200 });
    mute.close();

    expect(result).toMatchObject({ failure: 'timeout', sent: false });
    // A connection that is being made has five seconds by itself.
    expect(result.ms).toBeLessThan(4_000);
  });

  it('is named reset where the other side does not speak HTTP', async () => {
    const gibberish = createServer((socket) => socket.on('error', () => {}).end('220 smtp.example ready\r\n'));
    await new Promise<void>((resolve) => gibberish.listen(0, '127.0.0.1', resolve));

    const result = await attempt(`http://127.0.0.1:${(gibberish.address() as AddressInfo).port}/`);
    gibberish.close();

    expect(result).toMatchObject({ answered: false, failure: 'reset' });
  });

  it.each(['refused', 'timeout'])('tells nothing of path, query or credentials (%s)', async (how) => {
    const receiver = await startReceiver();
    if (how === 'refused') await receiver.close();
    else receiver.expects('hang');

    const result = await attempt(`${receiver.url}/services/T0/hunter2?key=hunter2`, { timeoutMs: 200 });
    await receiver.close().catch(() => {});

    expect(JSON.stringify(result)).not.toContain('hunter2');
    expect(JSON.stringify(result)).toContain('127.0.0.1');
  });
});
