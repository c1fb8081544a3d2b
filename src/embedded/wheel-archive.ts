import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

/** A wheel is a zip file; these are the parts of the format that a wheel of one large file needs. */
const END = { signature: 0x06054b50, bytes: 22, mostComment: 0xffff };
const ENTRY = { signature: 0x02014b50, bytes: 46 };
const LOCAL_BYTES = 30;
const DEFLATED = 8;

/**
 * Unpacks the one file whose name ends with `suffix`, streaming, since it may be far larger than memory should hold.
 * The caller has checked the archive's checksum. Throws a plain error when there is no such file.
 */
export async function unpackOne(archive: string, suffix: string, target: string): Promise<void> {
  const file = await open(archive);
  try {
    const entry = (await entries(file)).find(({ name }) => name.endsWith(suffix));
    if (entry === undefined || entry.method !== DEFLATED) throw new Error(`no ${suffix} can be read from ${archive}`);
    const local = await read(file, entry.at, LOCAL_BYTES);
    const start = entry.at + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
    await pipeline(
      createReadStream(archive, { start, end: start + entry.packedBytes - 1 }),
      createInflateRaw(),
      createWriteStream(target, { mode: 0o755, flush: true }),
    );
  } finally {
    await file.close();
  }
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly packedBytes: number;
  readonly at: number;
}

async function entries(file: FileHandle): Promise<Entry[]> {
  const { size } = await file.stat();
  const tailBytes = Math.min(size, END.bytes + END.mostComment);
  const tail = await read(file, size - tailBytes, tailBytes);
  let at = tailBytes - END.bytes;
  while (at >= 0 && tail.readUInt32LE(at) !== END.signature) at--;
  if (at < 0) throw new Error('it is not a zip file');
  return parseEntries(await read(file, tail.readUInt32LE(at + 16), tail.readUInt32LE(at + 12)));
}

function parseEntries(directory: Buffer): Entry[] {
  const found: Entry[] = [];
  let at = 0;
  while (at + ENTRY.bytes <= directory.length && directory.readUInt32LE(at) === ENTRY.signature) {
    const nameBytes = directory.readUInt16LE(at + 28);
    found.push({
      name: directory.toString('utf8', at + ENTRY.bytes, at + ENTRY.bytes + nameBytes),
      method: directory.readUInt16LE(at + 10),
      packedBytes: directory.readUInt32LE(at + 20),
      at: directory.readUInt32LE(at + 42),
    });
    at += ENTRY.bytes + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return found;
}

async function read(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, position);
  return buffer.subarray(0, bytesRead);
}
