import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SourceSettings } from '../domain/policy/policy-file.js';
import type { IngressSource } from '../ingress/receive.js';
import { MalformedSecret, parseSecrets } from '../signature/secret.js';
import { SettingError } from './settings.js';

export interface SourceDeps {
  /** The sources of the policy in force. */
  readonly settings: () => readonly SourceSettings[];
  /** One variable of the environment, as it is now. */
  readonly variable: (name: string) => string | undefined;
  /** Told where a secret that was changed cannot be used: the former one stays. */
  readonly warn: (message: string) => void;
}

/** The sources whose secrets are at hand, as they are now: a policy may name others, and a secret in a file may change. */
export class Sources {
  readonly #deps: SourceDeps;
  #byName: ReadonlyMap<string, IngressSource> = new Map();
  #problems: readonly string[] = [];
  #told = '';

  /** Throws `SettingError` for a secret that is set and malformed. */
  constructor(deps: SourceDeps) {
    this.#deps = deps;
    this.#read((error) => {
      throw error;
    });
  }

  get(name: string): IngressSource | undefined {
    return this.#byName.get(name);
  }

  all(): readonly IngressSource[] {
    return [...this.#byName.values()];
  }

  /** What to tell about the others. */
  problems(): readonly string[] {
    return this.#problems;
  }

  /** Reads all of it again; called every few seconds, never throws. */
  refresh(): void {
    const bad: string[] = [];
    this.#read((error) => bad.push(error.message));
    const told = bad.join('\n');
    if (told && told !== this.#told) this.#deps.warn(told);
    this.#told = told;
  }

  #read(refused: (error: SettingError) => void): void {
    const found = new Map<string, IngressSource>();
    const problems: string[] = [];
    for (const source of this.#deps.settings()) {
      try {
        const text = this.#deps.variable(source.secretEnv)?.trim();
        if (text) found.set(source.name, { ...source, secrets: parsed(text, source.secretEnv) });
        else problems.push(`Source ${source.name} takes no events: ${source.secretEnv} is not set.`);
      } catch (error) {
        if (!(error instanceof SettingError)) throw error;
        refused(error);
        const former = this.#byName.get(source.name);
        if (former) found.set(source.name, former);
        problems.push(error.message);
      }
    }
    this.#byName = found;
    this.#problems = problems;
  }
}

function parsed(text: string, variable: string): IngressSource['secrets'] {
  try {
    return parseSecrets(text);
  } catch (error) {
    if (error instanceof MalformedSecret) throw new SettingError(`${variable} cannot be used. ${error.message}`);
    throw error;
  }
}

/** The secret of a data directory, for a start that is given none. */
export interface OwnSecret {
  readonly text: string;
  /** Made just now, and to be shown once. */
  readonly isNew: boolean;
  /** Keeps it for the next starts. Called when this start serves: one that failed has shown no secret to anybody. */
  keep(): void;
}

const FILE = 'webhook-secret';

export function ownSecret(dataDir: string): OwnSecret {
  const file = path.join(dataDir, FILE);
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (kept) return { text: kept, isNew: false, keep: () => {} };
  const text = `whsec_${randomBytes(24).toString('base64')}`;
  return { text, isNew: true, keep: () => writeFileSync(file, `${text}\n`, { mode: 0o600, flush: true }) };
}

/** A secret out of what a variable holds, for who signs on this machine. */
export const signingSecret = (text: string | undefined): string | undefined => /whsec_[^\s,]+/.exec(text ?? '')?.[0];
