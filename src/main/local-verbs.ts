import path from 'node:path';
import type { Command } from 'commander';
import { buildLocalCommands } from '../cli/local.js';
import { examine } from '../doctor/examine.js';
import type { Environment } from './settings.js';
import { ownSecret } from './source-secrets.js';

interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly columns: number;
}

/** The verbs that need no console, with what the environment says of the edge and its secrets. */
export function addLocalVerbs(program: Command, env: Environment, terminal: Terminal): void {
  const secrets = env.PIVOTAL_WEBHOOK_SECRET?.trim() || keptSecret(env);
  buildLocalCommands(program, {
    edgeUrl: `http://127.0.0.1:${env.SLIPWAY_PORT ?? 8787}/webhooks/pivotal`,
    ...(secrets ? { secrets } : {}),
    ...(env.PIVOTAL_TEST_WEBHOOK_SECRET ? { otherSecrets: env.PIVOTAL_TEST_WEBHOOK_SECRET } : {}),
    // Only where it is asked for: it loads the clients of both servers.
    examine: async () => examine(await (await import('./doctor.js')).observe(env)),
    now: Date.now,
    ...terminal,
  });
}

/** The one that a start of this machine made; a directory that cannot be read is no reason to refuse any other verb. */
function keptSecret(env: Environment): string | undefined {
  try {
    const { text, isNew } = ownSecret(path.resolve(env.SLIPWAY_DATA_DIR ?? '.slipway'));
    return isNew ? undefined : text;
  } catch {
    return undefined;
  }
}
