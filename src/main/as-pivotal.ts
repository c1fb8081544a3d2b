import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { anyFreePort, nextFreePort } from '../embedded/free-port.js';
import { playAsPivotal } from '../simulator/as-pivotal.js';
import { NoOutbox } from '../simulator/outbox.js';
import { createPage } from '../simulator/page.js';
import { type Environment, readSettings, SettingError } from './settings.js';
import { seedOr } from './simulate.js';
import { startSlipway } from './start.js';

export interface AsPivotalOptions {
  readonly env: Environment;
  readonly out: Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean };
  /** Of the management API; 8788 or the next free one where none is given. */
  readonly port?: number;
  /** The receiver to send to. */
  readonly to?: string;
  readonly onboardings: number;
  readonly days: number;
  readonly speed: number;
  readonly seed?: number;
  readonly live: boolean;
  readonly stopped: AbortSignal;
}

const USUAL_PORT = 8788;
/** Nobody is chased here: what the policy says does not matter, but for its being there. */
const POLICY = fileURLToPath(new URL('../../config/slipway.yaml', import.meta.url));
/** It has a store, a server, secrets and a policy of its own. */
const NOT_FOR_IT = /^(SLIPWAY_|TEMPORAL_|PIVOTAL_|DATABASE_URL$)/;
const KEPT = new Set(['SLIPWAY_TEMPORAL_PORT', 'SLIPWAY_TEMPORAL_UI_PORT', 'SLIPWAY_LOG']);

/**
 * `slipway simulate --as-pivotal`: a Slipway in a data directory of its own of which only the sender is used. Returns the
 * exit code when it is stopped. Throws one sentence for people where it cannot start.
 */
export async function runAsPivotal(options: AsPivotalOptions): Promise<number> {
  const { env, out, port, seed, stopped, ...story } = options;
  const page = createPage({ write: (text) => void out.write(text), isTerminal: out.isTTY === true, env });
  const dataDir = path.join(path.resolve(env['SLIPWAY_DATA_DIR'] ?? '.slipway'), 'as-pivotal');
  const token = env['SLIPWAY_API_TOKEN']?.trim() || keptToken(dataDir);
  const consolePort = port ?? (await nextFreePort(USUAL_PORT, undefined));
  const own: Environment = {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => KEPT.has(name) || !NOT_FOR_IT.test(name))),
    SLIPWAY_DATA_DIR: dataDir,
    SLIPWAY_CONFIG: POLICY,
    SLIPWAY_API_TOKEN: token,
    SLIPWAY_CONSOLE_PORT: String(consolePort),
    // Nobody posts to it.
    SLIPWAY_PORT: String(await anyFreePort()),
    // Receivers that are being written listen on their writer's machine.
    SLIPWAY_ALLOW_PRIVATE_TARGETS: 'true',
  };
  page.line('Starting a sender of its own ...');
  const progress = (text: string) => page.line(page.paint('dim', `  ${text}`));
  const settings = readSettings(own);
  const running = await startSlipway({ settings, env: own, progress, stopping: stopped }).catch((error: unknown) => {
    if (error === stopped.reason) return undefined;
    throw error;
  });
  if (!running) return 0;
  try {
    await playAsPivotal({ ...story, consoleUrl: running.consoleUrl, token, seed: seedOr(seed), page, stopped });
    return 0;
  } catch (error) {
    if (error instanceof NoOutbox) throw new SettingError(error.message);
    throw error;
  } finally {
    await running.stop();
  }
}

/** The same for every run, so that what was set up with it goes on. */
function keptToken(dataDir: string): string {
  const file = path.join(dataDir, 'api-token');
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (kept) return kept;
  const token = `pivotal_test_${randomBytes(24).toString('base64url')}`;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(file, `${token}\n`, { mode: 0o600, flush: true });
  return token;
}
