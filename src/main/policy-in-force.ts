import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ChannelSet, createChannels } from '../channels/create-channels.js';
import type { Observer } from '../contracts/observer.js';
import type { PolicyStore } from '../contracts/read-model.js';
import type { PolicyFile } from '../domain/policy/policy-file.js';
import type { Outbound } from '../outbound/post.js';
import { loadPolicy } from '../policy-file/load.js';
import type { Meta } from '../store/meta.js';
import { type Environment, SettingError } from './settings.js';

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

export interface PolicyInForce {
  /** The policy store of the API: a publish through it changes the channels too. */
  readonly policies: PolicyStore;
  readonly channels: () => ChannelSet;
  readonly file: () => PolicyFile;
  close(): Promise<void>;
}

export interface PolicyDeps {
  readonly policies: PolicyStore;
  readonly meta: Meta;
  readonly read: ReadPolicyFile;
  readonly env: Environment;
  readonly outbound: Outbound;
  readonly observer: Observer;
  readonly now: () => number;
}

/**
 * Publishes the file where it changed since the last start, else goes on with what the API published meanwhile; keeps
 * the channels of the policy in force. `changed` tells whether open onboardings have to hear of it.
 */
export async function putPolicyInForce(deps: PolicyDeps): Promise<{ inForce: PolicyInForce; changed: boolean }> {
  const { policies, meta, read } = deps;
  const current = await policies.current();
  const isNew = !current || (await meta.get('policy_file')) !== read.hash;
  const changed = isNew && current?.hash !== read.hash;
  if (changed) await policies.publish({ hash: read.hash, source: read.source, policy: read.file.policy });
  await meta.set('policy_file', read.hash);
  let file = isNew || !current ? read.file : fileOf(current.source, deps.now(), read.file);
  const make = () => createChannels(file.channels, (name) => deps.env[name], deps);
  let channels = make();
  const inForce: PolicyInForce = {
    policies: {
      ...bound(policies),
      async publish(policy) {
        await policies.publish(policy);
        file = fileOf(policy.source, deps.now(), file);
        const former = channels;
        channels = make();
        await former.close();
      },
    },
    channels: () => channels,
    file: () => file,
    close: () => channels.close(),
  };
  return { inForce, changed: changed && current !== undefined };
}

function bound(policies: PolicyStore): Omit<PolicyStore, 'publish'> {
  return {
    current: () => policies.current(),
    byHash: (hash) => policies.byHash(hash),
    history: (limit) => policies.history(limit),
  };
}

/** A source that was valid when it was published; years that have passed since change its dates, not its sense. */
function fileOf(source: string, now: number, otherwise: PolicyFile): PolicyFile {
  const loaded = loadPolicy(source, now);
  return loaded.ok ? loaded.file : otherwise;
}
