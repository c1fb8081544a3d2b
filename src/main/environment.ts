import { readFileSync } from 'node:fs';
import { type Environment, SettingError } from './settings.js';

/** A file of these names holds settings and no secret, and is read by whom it is for. */
const NOT_OURS = new Set(['TEMPORAL_CONFIG_FILE']);
const OURS = /^(SLIPWAY_|PIVOTAL_|TEMPORAL_|DATABASE_URL_FILE$)/;

/**
 * Any variable may be given as a file: `DATABASE_URL_FILE=/run/secrets/database-url` stands for `DATABASE_URL`, and
 * wins where both are set. Throws `SettingError` for a file of Slipway's own variables that cannot be read.
 */
export function withFiles(env: Environment): Environment {
  const found: Record<string, string | undefined> = { ...env };
  for (const [name, file] of Object.entries(env)) {
    if (!name.endsWith('_FILE') || !file || NOT_OURS.has(name)) continue;
    const content = contentOf(name, file);
    if (content !== undefined) found[name.slice(0, -'_FILE'.length)] = content;
  }
  return found;
}

/** Reads one variable as it is now: a file is read again each time, so that a secret is rotated without a restart. */
export function variablesOf(env: Environment): (name: string) => string | undefined {
  return (name) => {
    const file = env[`${name}_FILE`];
    return file ? (contentOf(`${name}_FILE`, file) ?? env[name]) : env[name];
  };
}

function contentOf(name: string, file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    // Other programs name files that are none of our business (SSL_CERT_FILE).
    if (!OURS.test(name)) return undefined;
    throw new SettingError(
      `${name} is ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}): make it readable for the user Slipway runs as, or set ${name.slice(0, -'_FILE'.length)} itself.`,
    );
  }
}
