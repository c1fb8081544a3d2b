import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PolicyStore } from '../contracts/read-model.js';
import type { PolicyFile } from '../domain/policy/policy-file.js';
import { loadPolicy } from '../policy-file/load.js';
import type { Meta } from '../store/meta.js';
import { toldOf } from './announce-policy.js';
import { SettingError } from './settings.js';

const SHIPPED = fileURLToPath(new URL('../../config/slipway.yaml', import.meta.url));

export interface ReadPolicyFile {
  readonly path: string;
  readonly source: string;
  readonly hash: string;
  readonly file: PolicyFile;
}

/** The file named, else `slipway.yaml` here, else the one that ships. Throws `SettingError` naming every wrong line. */
export function readPolicyFile(named: string | undefined, now: number): ReadPolicyFile {
  const here = path.resolve('slipway.yaml');
  const file = named ?? (existsSync(here) ? here : SHIPPED);
  const source = readSource(file);
  const loaded = loadPolicy(source, now);
  if (loaded.ok) return { path: file, source, hash: loaded.hash, file: loaded.file };
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
 * stays otherwise. Answers whether it published.
 */
export async function putIntoForce(policies: PolicyStore, meta: Meta, read: ReadPolicyFile): Promise<boolean> {
  const current = await policies.current();
  const isNew = !current || (await meta.get('policy_file')) !== read.hash;
  const changes = isNew && current?.hash !== read.hash;
  if (changes) await policies.publish({ hash: read.hash, source: read.source, policy: read.file.policy });
  await toldOf(meta, current?.hash ?? read.hash);
  await meta.set('policy_file', read.hash);
  return changes;
}
