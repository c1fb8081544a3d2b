import { chmodSync, chownSync, lchownSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EmbeddedError } from './embedded-error.js';

/** The account PostgreSQL runs under when we are root, because it refuses to run as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Accounts every system has and nobody logs in with, best first. It must be a known one: `initdb` looks its name up. */
const CANDIDATES = ['nobody', 'daemon', 'postgres'];

/** Undefined when we are not root: then everything runs as ourselves. */
export function accountForRoot(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
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

/** The directory on the way to `path`, itself included, that the account may not enter; undefined when there is none. */
export function firstClosedTo(account: Account, path: string): string | undefined {
  const parent = dirname(path);
  const above = parent === path ? undefined : firstClosedTo(account, parent);
  return above ?? (mayEnter(account, path) ? undefined : path);
}

/** Lets other accounts pass through a directory of ours; they still cannot list it. */
export function letOthersPass(directory: string): void {
  chmodSync(directory, statSync(directory).mode | 0o011);
}

/** Gives a tree to the account. Symbolic links are given, not followed. */
export function giveTree(account: Account, root: string): void {
  chownSync(root, account.uid, account.gid);
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(root, entry), account.uid, account.gid);
  }
}

function mayEnter(account: Account, directory: string): boolean {
  const { uid, gid, mode } = statSync(directory);
  if (uid === account.uid) return (mode & 0o100) !== 0;
  return (mode & (gid === account.gid ? 0o010 : 0o001)) !== 0;
}
