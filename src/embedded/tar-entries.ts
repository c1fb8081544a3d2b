import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { Header } from 'tar';
import type { BackedUpFile } from './backup-manifest.js';

/** One entry of an archive. Its content has exactly `size` bytes. */
export interface TarEntry {
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  /** Absent for a directory. */
  readonly content?: AsyncIterable<Buffer>;
}

const BLOCK = 512;
const CHUNK = 256 * 1024;

/** The bytes of an archive, entry by entry as they come, with the checksum of each file told to `noted`. */
export async function* tarBytes(
  entries: AsyncIterable<TarEntry>,
  noted: (file: BackedUpFile) => void,
): AsyncGenerator<Buffer> {
  for await (const entry of entries) {
    yield headerOf(entry);
    if (!entry.content) continue;
    const sum = createHash('sha256');
    for await (const chunk of entry.content) {
      sum.update(chunk);
      yield chunk;
    }
    const over = entry.size % BLOCK;
    if (over > 0) yield Buffer.alloc(BLOCK - over);
    noted({ path: entry.path, size: entry.size, sha256: sum.digest('hex') });
  }
  yield Buffer.alloc(2 * BLOCK);
}

function headerOf({ path, mode, size, content }: TarEntry): Buffer {
  const type = content ? 'File' : 'Directory';
  const header = new Header({ path: content ? path : `${path}/`, mode, size, type, mtime: new Date(0) });
  // True where something does not fit the plain header; none of our names and sizes is of that kind.
  if (header.encode() || !header.block) throw new Error(`${path} has too long a name for the archive.`);
  return header.block;
}

export const directory = (path: string): TarEntry => ({ path, mode: 0o700, size: 0 });

export function bytes(path: string, content: Buffer): TarEntry {
  return { path, mode: 0o600, size: content.length, content: once(content) };
}

/**
 * A file that may be written to while it is read: as long as it is now, what is cut off meanwhile read as zeros, which
 * the write-ahead log then puts right. Undefined where it has gone since its directory was listed.
 */
export async function file(path: string, from: string): Promise<TarEntry | undefined> {
  try {
    const handle = await open(from, 'r');
    const { size } = await handle.stat();
    return { path, mode: 0o600, size, content: reading(handle, size) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function* reading(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  try {
    for (let at = 0; at < size; ) {
      const buffer = Buffer.alloc(Math.min(CHUNK, size - at));
      await fill(handle, buffer, at);
      yield buffer;
      at += buffer.length;
    }
  } finally {
    await handle.close();
  }
}

/** A read may stop short of what is there; only one of nothing is the end. */
async function fill(handle: FileHandle, buffer: Buffer, at: number): Promise<void> {
  for (let done = 0; done < buffer.length; ) {
    const { bytesRead } = await handle.read(buffer, done, buffer.length - done, at + done);
    if (bytesRead === 0) return;
    done += bytesRead;
  }
}

async function* once(content: Buffer): AsyncGenerator<Buffer> {
  if (content.length > 0) yield content;
}
