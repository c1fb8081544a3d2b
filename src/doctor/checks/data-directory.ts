import { fail, ok, type Said, warn } from '../finding.js';
import type { Observations } from '../observations.js';

const OTHERS = 0o006;
const GIB = 1024 ** 3;
const LITTLE_BYTES = GIB;

/** The data directory can be written, holds its secrets from others, and its disk has room. */
export function dataDirectory({ dataDirectory: seen }: Observations): readonly Said[] {
  if (seen === null) return [];
  const { path, exists, writable, mode, readableByOthers, freeBytes } = seen;
  if (!writable)
    return [
      fail(
        `${path} cannot be written.`,
        'The embedded servers keep their data there.',
        `Make it writable for this account, or set SLIPWAY_DATA_DIR to a directory that is.`,
      ),
    ];
  if (!exists) return [ok(`${path} is not there yet; the first start makes it.`)];
  const open = mode !== null && (mode & OTHERS) !== 0;
  const rights =
    readableByOthers.length > 0
      ? fail(
          `Others on this machine may read ${readableByOthers.join(', ')}.`,
          'Whoever knows these can sign events or read the store.',
          `chmod 600 ${readableByOthers.map((file) => `${path}/${file}`).join(' ')}`,
        )
      : open
        ? warn(
            `${path} is open to every account of this machine.`,
            'It holds the archive and secrets; the files themselves are still closed.',
            `chmod 711 ${path}`,
          )
        : ok(`${path} is closed to others.`);
  if (freeBytes === null || freeBytes >= LITTLE_BYTES) return [rights];
  return [
    rights,
    warn(
      `The disk of ${path} has ${(freeBytes / GIB).toFixed(1)} GiB left.`,
      'A full disk stops the store, and the sender is answered 503.',
      'Make room, or move SLIPWAY_DATA_DIR.',
    ),
  ];
}
