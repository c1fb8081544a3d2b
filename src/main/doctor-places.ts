import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import type { DataDirectorySeen, PortSeen } from '../doctor/observations.js';
import type { Place } from './edge-ports.js';

/** Files of a data directory that nobody else may read. */
const SECRET_FILES = ['webhook-secret', 'postgres/password'];
const OTHERS_READ = 0o004;

/** Looks at the data directory and makes nothing. */
export function lookAtDataDirectory(directory: string): DataDirectorySeen {
  const exists = existsSync(directory);
  const nearest = exists ? directory : nearestParent(directory);
  return {
    path: directory,
    exists,
    writable: isWritable(nearest),
    mode: exists ? statSync(directory).mode & 0o777 : null,
    readableByOthers: SECRET_FILES.filter((file) => (modeOf(path.join(directory, file)) & OTHERS_READ) !== 0),
    freeBytes: freeBytes(nearest),
  };
}

function nearestParent(directory: string): string {
  const parent = path.dirname(directory);
  return existsSync(parent) || parent === directory ? parent : nearestParent(parent);
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return statSync(directory).isDirectory();
  } catch {
    return false;
  }
}

function modeOf(file: string): number {
  try {
    return statSync(file).mode;
  } catch {
    return 0;
  }
}

function freeBytes(directory: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** Whether a listener could have this port; `isOurs` tells a Slipway that has it already. */
export async function lookAtPort(place: Place, isOurs: () => Promise<boolean>): Promise<PortSeen> {
  const { variable, port } = place;
  const code = await refusalOf(place);
  if (code === null) return { variable, port, state: 'free', detail: null };
  if (code !== 'EADDRINUSE') return { variable, port, state: 'refused', detail: code };
  return { variable, port, state: (await isOurs()) ? 'ours' : 'taken', detail: null };
}

function refusalOf({ port, host }: Place): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(null)));
  });
}
