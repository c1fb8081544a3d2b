import type { LookupAddress } from 'node:dns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutbound, type PostResult } from '../../src/outbound/post.js';
import { CountingListener } from './counting-listener.js';
import { type Receiver, startReceiver } from './receiver.js';

/** Ways that were used to reach a loopback, private or metadata address past a filter. PORT is the listening one. */
const ADDRESSES = [
  // Dotted, short, decimal, hexadecimal and octal forms of loopback, and of all interfaces.
  '127.0.0.1:PORT',
  '127.0.0.1.:PORT',
  '127.1:PORT',
  '127.0.1:PORT',
  '2130706433:PORT',
  '0x7f000001:PORT',
  '0X7F000001:PORT',
  '0x7f.0x0.0x0.0x1:PORT',
  '0x7f.1:PORT',
  '0177.0.0.1:PORT',
  '0177.0.0.01:PORT',
  '017700000001:PORT',
  '0177.0x0.0.1:PORT',
  '127.255.255.254:PORT',
  '0:PORT',
  '0.0.0.0:PORT',
  '0x0:PORT',
  '00000000:PORT',
  // Escaped, circled and full-width digits, dots of other scripts, a soft hyphen.
  '%31%32%37.0.0.1:PORT',
  '①②⑦.⓪.⓪.①:PORT',
  '１２７.0.0.1:PORT',
  '127。0。0。1:PORT',
  '127．0．0．1:PORT',
  '127｡0｡0｡1:PORT',
  '127\u00ad.0.0.1:PORT',
  // IPv6, and IPv4 inside it: mapped, compatible, translated, NAT64, 6to4, Teredo.
  '[::1]:PORT',
  '[::]:PORT',
  '[0:0:0:0:0:0:0:1]:PORT',
  '[::ffff:127.0.0.1]:PORT',
  '[::ffff:7f00:1]:PORT',
  '[0:0:0:0:0:ffff:7f00:1]:PORT',
  '[::127.0.0.1]:PORT',
  '[::7f00:1]:PORT',
  '[::ffff:0:127.0.0.1]:PORT',
  '[64:ff9b::127.0.0.1]:PORT',
  '[64:ff9b::7f00:1]:PORT',
  '[64:ff9b:1::7f00:1]:PORT',
  '[2002:7f00:1::]:PORT',
  '[2002:7f00:0001::1]:PORT',
  '[2001:0:7f00:1::]:PORT',
  // With a zone.
  '[::1%25lo]:PORT',
  '[fe80::1%25eth0]:PORT',
  '[fe80::1%lo]:PORT',
  // Private, shared, link-local, multicast and reserved ranges, metadata services.
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '3232235521',
  '0xc0a80001',
  '100.64.0.1',
  '100.100.100.200',
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '[fc00::1]',
  '[fec0::1]',
  '[ff02::1]',
  '224.0.0.1',
  '255.255.255.255',
  '240.0.0.1',
  '192.0.0.192',
  '198.18.0.1',
  '192.0.2.1',
  '168.63.129.16',
  '[100::1]',
  '[2001:db8::1]',
  '[3fff::1]',
  '[4000::1]',
];

/** Whole addresses: credentials, what stands before an `@`, what ends a host, other schemes. */
const URLS = [
  'https://user:pass@127.0.0.1:PORT/',
  'https://hook.example@127.0.0.1:PORT/',
  'https://hook.example:443@127.0.0.1:PORT/',
  'https://hook.example%40127.0.0.1:PORT/',
  'https://127.0.0.1:PORT\\@hook.example/',
  'https://127.0.0.1:PORT#@hook.example/',
  'https://127.0.0.1:PORT?@hook.example/',
  'https:127.0.0.1:PORT/',
  'https:\\\\127.0.0.1:PORT\\',
  ' https://127.0.0.1:PORT/ ',
  'https://127.0.0.1:PORT/\r\nHost: hook.example',
  'https://127.0.0.1\t:PORT/',
  '//127.0.0.1:PORT/',
  'http://127.0.0.1:PORT/',
  'http://hook.example:PORT/',
  'ws://127.0.0.1:PORT/',
  'ftp://127.0.0.1:PORT/',
  'gopher://127.0.0.1:PORT/',
  'file:///etc/passwd',
  'unix:/var/run/docker.sock',
  'data:text/plain,x',
  'javascript:0',
];

/** Names, and what the DNS says of them; some hide a forbidden address behind a public one. */
const NAMES: readonly (readonly [host: string, ...addresses: string[]])[] = [
  ['localhost', '127.0.0.1', '::1'],
  ['LOCALHOST', '127.0.0.1'],
  ['localhost.', '127.0.0.1'],
  ['lõcalhost', '127.0.0.1'],
  ['ⓛⓞⓒⓐⓛⓗⓞⓢⓣ', '127.0.0.1'],
  ['a.localhost', '::1'],
  ['localhost.localdomain', '127.0.0.1'],
  ['ip6-localhost', '::1'],
  ['127.0.0.1.nip.example', '127.0.0.1'],
  ['metadata.google.internal', '169.254.169.254'],
  ['metadata', '169.254.169.254'],
  ['instance-data.ec2.internal', '169.254.169.254'],
  ['kubernetes.default.svc', '10.96.0.1'],
  ['bücher.example', '10.0.0.7'],
  ['xn--bcher-kva.example', '192.168.1.1'],
  ['mapped.example', '::ffff:127.0.0.1'],
  ['nat64.example', '64:ff9b::a00:1'],
  ['unique-local.example', 'fd00::1'],
  ['link-local.example', 'fe80::1'],
  ['all.example', '0.0.0.0'],
  ['last-of-two.example', '93.184.216.34', '127.0.0.1'],
  ['first-of-two.example', '127.0.0.1', '93.184.216.34'],
  ['six-and-four.example', '2606:2800:220:1::1', '10.0.0.1'],
  ['wire-server.example', '168.63.129.16'],
  ['no-address.example', 'localhost'],
];

const answerOf = (addresses: readonly string[]): LookupAddress[] =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('what somebody gives as an endpoint', () => {
  let listener: CountingListener;
  beforeAll(async () => {
    listener = await CountingListener.open();
  });
  afterAll(() => listener.close());

  const attempt = async (url: string, addresses: readonly string[] = ['127.0.0.1']): Promise<PostResult> => {
    const outbound = createOutbound({ allowPrivate: false, resolve: () => Promise.resolve(answerOf(addresses)) });
    const post = { url: url.replace('PORT', String(listener.port)), headers: {}, body: '{}', timeoutMs: 500 };
    const result = await outbound.post(post);
    await outbound.close();
    return result;
  };

  it('reaches nothing of ours by any of more than 60 bypasses', async () => {
    const before = listener.connections;
    const tried = [
      ...ADDRESSES.map((host) => [`https://${host}/`] as const),
      ...URLS.map((url) => [url] as const),
      ...NAMES.map(([host, ...addresses]) => [`https://${host}:PORT/`, addresses] as const),
    ];
    const results = await Promise.all(
      tried.map(async ([url, addresses]) => ({ url, result: await attempt(url, addresses) })),
    );

    expect(tried.length).toBeGreaterThanOrEqual(60);
    for (const { url, result } of results)
      expect([url, result]).toEqual([url, expect.objectContaining({ failure: 'forbidden', sent: false })]);
    expect(listener.connections - before).toBe(0);
  });

  it('would have been seen to connect: the listener counts', async () => {
    const outbound = createOutbound({ allowPrivate: true });
    await outbound.post({ url: `http://127.0.0.1:${listener.port}/`, headers: {}, body: '{}' });
    await outbound.close();

    expect(listener.connections).toBeGreaterThan(0);
  });

  it('is judged anew on each attempt: a name that moves to a private address is not followed', async () => {
    const before = listener.connections;
    const said = [['10.0.0.1'], ['127.0.0.1'], ['::1']];
    const outbound = createOutbound({
      allowPrivate: false,
      resolve: () => Promise.resolve(answerOf(said.shift() ?? ['127.0.0.1'])),
    });

    for (let n = 0; n < 4; n++) {
      const post = { url: `https://rebind.example:${listener.port}/`, headers: {}, body: '{}' };
      expect(await outbound.post(post)).toMatchObject({ failure: 'forbidden', sent: false });
    }
    await outbound.close();

    expect(listener.connections - before).toBe(0);
  });

  describe('and what it answers', () => {
    let receiver: Receiver;
    beforeAll(async () => {
      receiver = await startReceiver();
    });
    afterAll(() => receiver.close());

    it.each([301, 302, 303, 307, 308])('leads nowhere by a %i', async (status) => {
      const before = listener.connections;
      receiver.expects({ status, headers: { location: `http://127.0.0.1:${listener.port}/` } });
      const outbound = createOutbound({ allowPrivate: true });

      const result = await outbound.post({ url: receiver.url, headers: {}, body: '{}' });
      await outbound.close();

      expect(result).toMatchObject({ answered: true, status });
      expect(listener.connections - before).toBe(0);
    });
  });
});

describe('the one exempt origin', () => {
  let edge: Receiver;
  let other: Receiver;
  beforeAll(async () => {
    [edge, other] = await Promise.all([startReceiver(), startReceiver()]);
  });
  afterAll(() => Promise.all([edge.close(), other.close()]));

  const post = async (exempt: string, url: string): Promise<PostResult> => {
    const outbound = createOutbound({ allowPrivate: false, exempt });
    const result = await outbound.post({ url, headers: {}, body: '{}', timeoutMs: 1000 });
    await outbound.close();
    return result;
  };

  it.each([['by address'], ['by name']])('is reached %s, http and private as it is', async (how) => {
    const url = how === 'by name' ? edge.url.replace('127.0.0.1', 'localhost') : edge.url;
    edge.expects({ status: 200 });

    expect(await post(`${url}/`, `${url}/webhooks/pivotal`)).toMatchObject({ answered: true, status: 200 });
  });

  it('exempts no other port, scheme, name or spelling that comes close', async () => {
    const others = [
      other.url,
      edge.url.replace('http:', 'https:'),
      edge.url.replace('127.0.0.1', 'localhost'),
      edge.url.replace('127.0.0.1', '127.0.0.2'),
      edge.url.replace('http://', 'http://user@'),
    ];

    for (const url of others) expect([url, await post(edge.url, url)]).toMatchObject([url, { failure: 'forbidden' }]);
    expect(other.connections()).toBe(0);
  });
});
