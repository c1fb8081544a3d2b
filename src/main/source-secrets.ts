import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SourceSettings } from '../domain/policy/policy-file.js';
import type { IngressSource } from '../ingress/receive.js';
import { MalformedSecret, parseSecrets } from '../signature/secret.js';
import { type Environment, SettingError } from './settings.js';

/** The sources whose secrets are at hand, what to tell about the others, and the secret that was made just now. */
export interface ReadSources {
  readonly sources: readonly IngressSource[];
  readonly problems: readonly string[];
  readonly made: string | undefined;
  /** Keeps that one for the next starts. Called when this start serves: one that failed has shown no secret to anybody. */
  readonly keepMade: () => void;
  /** A secret that signs for the first source, for the simulator on this machine. */
  readonly signing: string | undefined;
}

const FILE = 'webhook-secret';

/**
 * Reads each source's secrets from the environment. Where none is set for the first source, the one kept in the
 * data directory is used, or one is made. Throws `SettingError` for a secret that is set and malformed.
 */
export function readSources(settings: readonly SourceSettings[], env: Environment, dataDir: string): ReadSources {
  const sources: IngressSource[] = [];
  const problems: string[] = [];
  let made: string | undefined;
  let signing: string | undefined;
  for (const [index, source] of settings.entries()) {
    let text = env[source.secretEnv]?.trim();
    if (!text && index === 0) text = keptSecret(dataDir) ?? (made = makeSecret());
    if (!text) {
      problems.push(`Source ${source.name} takes no events: ${source.secretEnv} is not set.`);
      continue;
    }
    if (index === 0) signing = /whsec_[^\s,]+/.exec(text)?.[0];
    sources.push({ ...source, secrets: parsed(text, source.secretEnv) });
  }
  return { sources, problems, made, signing, keepMade: () => made && keepSecret(dataDir, made) };
}

function parsed(text: string, variable: string): IngressSource['secrets'] {
  try {
    return parseSecrets(text);
  } catch (error) {
    if (error instanceof MalformedSecret) throw new SettingError(`${variable} cannot be used. ${error.message}`);
    throw error;
  }
}

function keptSecret(dataDir: string): string | undefined {
  const file = path.join(dataDir, FILE);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() || undefined : undefined;
}

const makeSecret = () => `whsec_${randomBytes(24).toString('base64')}`;

function keepSecret(dataDir: string, secret: string): void {
  writeFileSync(path.join(dataDir, FILE), `${secret}\n`, { mode: 0o600, flush: true });
}
