import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AuditEntry } from '../contracts/audit.js';
import type { PolicyStore } from '../contracts/read-model.js';
import type { PolicyFile } from '../domain/policy/policy-file.js';
import { loadNewPolicy } from '../policy-file/load.js';
import type { Meta } from '../store/meta.js';
import { toldOf } from './announce-policy.js';
import { SettingError } from './settings.js';

const SHIPPED = fileURLToPath(new URL('../../config/slipway.yaml', import.meta.url));

export interface ReadPolicyFile {
  readonly path: string;
  readonly source: string;
  readonly hash: string;
  readonly file: PolicyFile;
  /** Somebody named it or put it here: it is what the operator wants. The one that ships is a beginning and no wish. */
  readonly isWished: boolean;
}

/** The file named, else `slipway.yaml` here, else the one that ships. Throws `SettingError` naming every wrong line. */
export function readPolicyFile(named: string | undefined, now: number): ReadPolicyFile {
  const here = path.resolve('slipway.yaml');
  const wished = named ?? (existsSync(here) ? here : undefined);
  const file = wished ?? SHIPPED;
  const source = readSource(file);
  const loaded = loadNewPolicy(source, now);
  if (loaded.ok) return { path: file, source, hash: loaded.hash, file: loaded.file, isWished: wished !== undefined };
  const lines = loaded.errors.map(
    (error) => `  line ${error.line}: ${error.path ? `${error.path}: ` : ''}${error.message}`,
  );
  throw new SettingError(
    `${file} cannot be used; mend ${lines.length === 1 ? 'this' : 'these'} and start again:\n${lines.join('\n')}`,
  );
}

function readSource(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new SettingError(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}): point SLIPWAY_CONFIG at a readable file, or unset it to use the policy that ships.`,
    );
  }
}

/**
 * Publishes the file where it changed since the last time one was put into force; what the API published meanwhile
 * stays otherwise. The one that ships is only put where no policy is: a file that is not there today (a volume that was
 * not mounted, another directory) takes nothing back. Answers whether it published.
 */
export async function putIntoForce(policies: PolicyStore, meta: Meta, read: ReadPolicyFile): Promise<boolean> {
  const current = await policies.current();
  await toldOf(meta, current?.hash ?? read.hash);
  if (current && !read.isWished) return false;
  const isNew = !current || (await meta.get('policy_file')) !== read.hash;
  const changes = isNew && current?.hash !== read.hash;
  if (changes) {
    const { hash, source, path: file } = read;
    await policies.publish({ hash, source, policy: read.file.policy }, published(file, current?.hash, hash));
  }
  if (read.isWished) await meta.set('policy_file', read.hash);
  return changes;
}

/** As the API's own publish enters it, by nobody in particular: whoever may start a process here may change the file. */
const published = (file: string, before: string | undefined, hash: string): AuditEntry => ({
  at: Date.now(),
  actor: 'slipway',
  action: 'policy.publish',
  subject: hash,
  before: before === undefined ? null : { hash: before },
  after: { hash },
  reason: `The file ${file} was put into force by a start or by \`slipway migrate\`.`,
});
