import type { LookupAddress } from 'node:dns';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutbound } from '../../src/outbound/post.js';
import {
  forbiddenRange,
  guardedConnector,
  guardedLookup,
  readTarget,
  TargetForbidden,
} from '../../src/outbound/target-guard.js';
import { CountingListener } from './counting-listener.js';

const addresses = (list: readonly string[]): LookupAddress[] =>
  list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('target guard', () => {
  let listener: CountingListener;
  beforeAll(async () => {
    listener = await CountingListener.open();
  });
  afterAll(() => listener.close());

  const attempt = async (url: string, resolve?: () => Promise<LookupAddress[]>): Promise<unknown> => {
    const outbound = createOutbound({ allowPrivate: false, ...(resolve ? { resolve } : {}) });
    const result = await outbound.post({ url, headers: {}, body: '{}', timeoutMs: 500 });
    await outbound.close();
    return result;
  };

  it.each([
    ['http://hook.example/'],
    ['ftp://hook.example/'],
    ['file:///etc/passwd'],
    ['unix:/var/run/docker.sock'],
    ['https://user:pass@hook.example/'],
    ['https://user@hook.example/'],
    ['//hook.example/'],
    ['https://'],
    ['not a url'],
  ])('refuses %s', async (url) => {
    expect(await attempt(url)).toMatchObject({ failure: 'forbidden', sent: false });
  });

  it('dials what it checked: a name is asked once, and a second answer never counts', async () => {
    let asked = 0;
    const resolve = (): Promise<LookupAddress[]> =>
      Promise.resolve(addresses(asked++ === 0 ? ['93.184.216.34'] : ['127.0.0.1']));
    const lookup = guardedLookup({ allowPrivate: false, resolve });

    const dialled = await new Promise((done) => lookup('rebind.example', { all: true }, (_error, list) => done(list)));

    expect(dialled).toEqual(addresses(['93.184.216.34']));
    expect(asked).toBe(1);
  });

  it('refuses a literal address once more where it would be dialled', async () => {
    const before = listener.connections;
    const connect = guardedConnector({ allowPrivate: false });

    for (const hostname of ['127.0.0.1', '::1', '[::1]']) {
      const error = await new Promise((done) =>
        connect({ hostname, protocol: 'http:', port: String(listener.port) }, (...outcome) => done(outcome[0])),
      );
      expect([hostname, error]).toEqual([hostname, expect.any(TargetForbidden)]);
    }
    expect(listener.connections - before).toBe(0);
  });

  it('connects to the address its resolver gave', async () => {
    const before = listener.connections;
    let asked = 0;
    const resolve = (): Promise<LookupAddress[]> => {
      asked += 1;
      return Promise.resolve(addresses(['127.0.0.1']));
    };
    const outbound = createOutbound({ allowPrivate: true, resolve });

    await outbound.post({ url: `http://hook.example:${listener.port}/`, headers: {}, body: '{}' });
    await outbound.close();

    expect([listener.connections - before, asked]).toEqual([1, 1]);
  });

  it('opens private networks where they are allowed, and nothing else with them', () => {
    for (const address of ['10.1.2.3', '127.0.0.1', '::1', 'fd00::1', '100.64.0.1']) {
      expect([address, forbiddenRange(address, true)]).toEqual([address, undefined]);
    }
    for (const address of ['169.254.169.254', 'fe80::1', '0.0.0.0', '224.0.0.1', '::ffff:127.0.0.1', '168.63.129.16']) {
      expect([address, forbiddenRange(address, true)]).not.toEqual([address, undefined]);
    }
    expect(readTarget('http://127.0.0.1:1/', true).port).toBe('1');
  });

  it.each([
    ['168.63.129.16', ['http://168.63.129.16/', 'http://0xa83f8110/', 'http://2822734096/']],
    ['100.100.100.200', ['http://100.100.100.200/', 'http://0x646464c8/', 'http://100.100.25800/']],
    ['fd00:ec2::254', ['http://[fd00:ec2::254]/', 'http://[FD00:0EC2:0:0:0:0:0:254]/', 'http://[fd00:ec2::0.0.2.84]/']],
    ['fd00:ec2::23', ['http://[fd00:ec2::23]/', 'http://[fd00:0ec2:0000::0023]/']],
    ['fd20:ce::254', ['http://[fd20:ce::254]/', 'http://[fd20:00ce::0:254]/']],
  ])('keeps the metadata service at %s shut beside them: its spellings, and names that lead there', async (...of) => {
    const [address, spellings] = of;
    for (const spelling of spellings) expect(() => readTarget(spelling, true)).toThrow(/has a metadata address/);
    const resolve = () => Promise.resolve(addresses(['10.1.2.3', address]));

    const outbound = createOutbound({ allowPrivate: true, resolve });
    const result = await outbound.post({ url: 'http://inside.example/', headers: {}, body: '{}', timeoutMs: 500 });
    await outbound.close();

    expect(result).toMatchObject({ failure: 'forbidden', sent: false });
    expect(JSON.stringify(result)).toContain('has a metadata address');
  });

  it('lets public addresses through', () => {
    for (const address of ['93.184.216.34', '8.8.8.8', '2606:2800:220:1::1', '2a00:1450:4001::1']) {
      expect([address, forbiddenRange(address, false)]).toEqual([address, undefined]);
    }
  });

  it('refuses every address of the private ranges', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const inside = fc.oneof(
      fc.tuple(fc.constant(10), octet, octet, octet),
      fc.tuple(fc.constant(127), octet, octet, octet),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
      fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
      fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
      fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), octet, octet),
    );
    fc.assert(
      fc.property(inside, ([a, b, c, d]) => {
        const number = ((a * 256 + b) * 256 + c) * 256 + d;
        for (const spelling of [
          `${a}.${b}.${c}.${d}`,
          String(number),
          `0x${number.toString(16)}`,
          `[::ffff:${a}.${b}.${c}.${d}]`,
        ]) {
          expect(() => readTarget(`https://${spelling}/`, false)).toThrow(/does not connect to/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
