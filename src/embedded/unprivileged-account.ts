import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedError } from './embedded-error.js';

/** The account PostgreSQL runs under when we are root, because it refuses to run as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Accounts every system has and nobody logs in with, best first. It must be a known one: `initdb` looks its name up. */
const CANDIDATES = ['nobody', 'daemon', 'postgres'];

/** Undefined when we are not root: then everything runs as ourselves. A cluster that exists is its owner's. */
export function accountFor(cluster: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (existsSync(cluster)) {
    const { uid, gid } = statSync(cluster);
    if (uid !== 0) return { uid, gid };
  }
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of CANDIDATES) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (Number(uid) > 0 && Number(gid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new EmbeddedError(
    'postgres',
    `PostgreSQL refuses to run as root and this system has none of the accounts ${CANDIDATES.join(', ')}: start Slipway as an ordinary user, or set DATABASE_URL.`,
  );
}

/** Lets every account read a tree and run its programs, whatever umask it was installed with; nobody else may write. */
export function letOthersRead(root: string): void {
  chmodSync(root, 0o755);
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const stat = lstatSync(join(root, entry));
    if (!stat.isSymbolicLink()) chmodSync(join(root, entry), stat.mode & 0o100 ? 0o755 : 0o644);
  }
}
