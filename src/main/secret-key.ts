import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SettingError } from './settings.js';

const VARIABLE = 'SLIPWAY_SECRET_KEY';
const BYTES = 32;
const FILE = 'secret-key';

/**
 * The key that secrets are encrypted with in the store: what `SLIPWAY_SECRET_KEY` says, else the one of the data
 * directory, made once. `dataDir` is null where the store is not in it: a key lost with one machine would leave the
 * secrets of all of them unreadable. Undefined where there is none. Throws `SettingError` for a key that is none.
 */
export function secretKey(given: string | undefined, dataDir: string | null): Buffer | undefined {
  const text = given?.trim();
  if (text) return keyOf(text, VARIABLE);
  if (dataDir === null) return undefined;
  const file = path.join(dataDir, FILE);
  if (existsSync(file)) return keyOf(readFileSync(file, 'utf8').trim(), file);
  const made = randomBytes(BYTES);
  // Before anything is encrypted with it: a secret whose key was lost in a crash could never be read again.
  writeFileSync(file, `${made.toString('base64')}\n`, { mode: 0o600, flush: true });
  return made;
}

function keyOf(text: string, where: string): Buffer {
  const key = Buffer.from(text, 'base64');
  if (key.length === BYTES) return key;
  throw new SettingError(
    `${where} holds ${key.length} bytes and not 32: make a key with \`openssl rand -base64 32\`, and keep it, since what it encrypted opens with no other.`,
  );
}

/** What an operator is to know of a Slipway without a key. */
export const NO_SECRET_KEY = `${VARIABLE} is not set, so that no endpoint for outgoing webhooks can be made or called: set it to 32 bytes in base64, the same for every process.`;
