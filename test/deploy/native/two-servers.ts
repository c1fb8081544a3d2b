import { join } from 'node:path';
import { Composed } from './composed.js';

/**
 * Runs what docker-compose.yml describes on this machine, without Docker, until SIGTERM or Ctrl-C:
 *
 *     npm run -s build && node --import ./test/support/typescript-loader.mjs test/deploy/native/two-servers.ts
 *
 * It takes the variables of `slipway start`. Where SLIPWAY_API_TOKEN is unset the console is open to this machine. The
 * outside checks run through it with ACCEPT_START set to the command above.
 */
const { env } = process;
const port = (name: string, usual: number): number => Number(env[name] ?? usual);
const AGAIN_AFTER_MS = 1_000;
const ours = Object.fromEntries(
  Object.entries(env).filter(([name]) => /^(SLIPWAY_|PIVOTAL_|TEMPORAL_|\w+_HOOK_SECRET$)/.test(name)),
);
const NOT_FOR_EACH = /^SLIPWAY_(PORT|CONSOLE_PORT|TEMPORAL_PORT|TEMPORAL_UI_PORT|DATA_DIR|CONFIG)$/;

let isStopping = false;
let composed: Composed | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    isStopping = true;
    void composed?.down().then(() => process.exit(0));
  });

composed = await Composed.up({
  directory: env.SLIPWAY_DATA_DIR ?? '.slipway/composed',
  policy: env.SLIPWAY_CONFIG ?? join(import.meta.dirname, '../../../config/slipway.yaml'),
  edgePort: port('SLIPWAY_PORT', 8787),
  consolePort: port('SLIPWAY_CONSOLE_PORT', 8788),
  temporalPort: port('SLIPWAY_TEMPORAL_PORT', 7233),
  temporalUiPort: port('SLIPWAY_TEMPORAL_UI_PORT', 8233),
  over: {
    ...Object.fromEntries(Object.entries(ours).filter(([name]) => !NOT_FOR_EACH.test(name))),
    SLIPWAY_TEMPORAL_UI_URL: `http://127.0.0.1:${port('SLIPWAY_TEMPORAL_UI_PORT', 8233)}`,
    ...(env.SLIPWAY_API_TOKEN ? {} : { SLIPWAY_API_TOKEN_FILE: undefined, SLIPWAY_CONSOLE_HOST: '127.0.0.1' }),
  },
  // As `restart: unless-stopped`.
  onEnd: (one, ending) => {
    if (isStopping || one.service.words[0] === 'migrate') return;
    process.stderr.write(`${one.name} ended (${ending}) and is started again.\n`);
    setTimeout(() => isStopping || one.launch(), AGAIN_AFTER_MS);
  },
});
if (isStopping) await composed.down().then(() => process.exit(0));
process.stdout.write(`Two servers and two workers run; webhooks go to port ${port('SLIPWAY_PORT', 8787)}.\n`);
