import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { nextFreePort } from '../embedded/free-port.js';
import { type DemoStory, playDemo } from '../simulator/demo-story.js';
import { createPage, type Page } from '../simulator/page.js';
import { openReceiver } from '../simulator/receiver.js';
import { prepareDemoData } from './demo-data.js';
import { type Environment, readSettings } from './settings.js';
import { type Running, startSlipway } from './start.js';

export interface DemoOptions {
  readonly env: Environment;
  /** Ends after the summary instead of staying up until Ctrl-C. */
  readonly once: boolean;
  /** Days of the story; 90 unless given. */
  readonly days?: number;
  readonly seed?: number;
  readonly out: Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean };
  /** Resolves when the demo is to end early: Ctrl-C. */
  readonly stopped: Promise<void>;
}

/** A day a second. */
const SPEED = 86_400;
const DAYS = 90;
const ONBOARDINGS = 24;
/** A seed with a bit of everything; another one tells another story. */
const SEED = 11;
/** What the demo must not see of the environment: it has a store, a server, secrets and a policy of its own. */
const NOT_FOR_THE_DEMO = /^(SLIPWAY_|TEMPORAL_|PIVOTAL_|DATABASE_URL$)/;
const KEPT = [
  'SLIPWAY_PORT',
  'SLIPWAY_CONSOLE_PORT',
  'SLIPWAY_TEMPORAL_PORT',
  'SLIPWAY_TEMPORAL_UI_PORT',
  'SLIPWAY_LOG',
];

/**
 * `slipway demo`: a Slipway of its own, a fake Pivotal, five invented people, and three months in a minute and a half.
 * Returns the exit code: 1 where something did not hold that Slipway promises. Throws one sentence for people where
 * the demo cannot start.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const { env, out, days = DAYS, seed = SEED } = options;
  const page = createPage({ write: (text) => void out.write(text), isTerminal: out.isTTY === true, env });
  const secret = () => `whsec_${randomBytes(24).toString('base64')}`;
  const hookSecret = secret();
  let story: DemoStory | undefined;
  const receiver = await openReceiver({ secret: hookSecret, heard: (message) => story?.hear(message) });
  let running: Running | undefined;
  try {
    running = await bringUp(env, page, receiver.url, {
      PIVOTAL_WEBHOOK_SECRET: secret(),
      DEMO_HOOK_SECRET: hookSecret,
    });
    const up = running;
    const ended = new AbortController();
    const stop = options.stopped.then(() => ended.abort());
    story = playDemo({
      page,
      seed,
      days,
      onboardings: ONBOARDINGS,
      clock: up.clock,
      webhookUrl: `${up.edgeUrl}/webhooks/pivotal`,
      secret: up.signingSecret ?? '',
      consoleUrl: up.consoleUrl,
      stopped: ended.signal,
    });
    const { holds, commands } = await story.told;
    if (!options.once && !ended.signal.aborted) sayWhatIsUp(page, up, commands);
    if (!options.once && !ended.signal.aborted) await stop;
    return holds && receiver.refused === 0 ? 0 : 1;
  } finally {
    await running?.stop();
    await receiver.close();
  }
}

async function bringUp(env: Environment, page: Page, hookUrl: string, secrets: Environment): Promise<Running> {
  const dataDir = path.join(path.resolve(env['SLIPWAY_DATA_DIR'] ?? '.slipway'), 'demo');
  page.line('Starting a Slipway of its own for the demo ...');
  const { configFile } = await prepareDemoData(dataDir, hookUrl);
  const edge = await port(page, env, 'SLIPWAY_PORT', 8787, undefined);
  const console_ = await port(page, env, 'SLIPWAY_CONSOLE_PORT', 8788, Number(edge));
  const own: Environment = {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => KEPT.includes(name) || !NOT_FOR_THE_DEMO.test(name))),
    ...secrets,
    SLIPWAY_PORT: edge,
    SLIPWAY_CONSOLE_PORT: console_,
    SLIPWAY_DATA_DIR: dataDir,
    SLIPWAY_CONFIG: configFile,
    SLIPWAY_CLOCK_SPEED: String(SPEED),
    SLIPWAY_ALLOW_PRIVATE_TARGETS: 'true',
  };
  const startedAt = Date.now();
  const running = await startSlipway({
    settings: readSettings(own),
    env: own,
    progress: (text) => page.line(page.paint('dim', `  ${text}`)),
  });
  page.line(`Ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
  return running;
}

/** The port that is asked for, else the usual one, else the next free one, and then it says so. */
async function port(
  page: Page,
  env: Environment,
  name: string,
  usual: number,
  not: number | undefined,
): Promise<string> {
  const wanted = env[name]?.trim();
  if (wanted) return wanted;
  const free = await nextFreePort(usual, not);
  if (free !== usual) page.line(`  Port ${usual} is taken, so ${free} is used.`);
  return String(free);
}

function sayWhatIsUp(page: Page, running: Running, commands: readonly string[]): void {
  const elsewhere = running.consoleUrl.endsWith(':8788') ? '' : ` --url ${running.consoleUrl}`;
  page.line();
  page.line(page.paint('bold', 'Still up, until Ctrl-C'));
  page.line(`  Temporal UI          ${running.temporalUiUrl ?? ''}`);
  page.line(`  Console API          ${running.consoleUrl}/`);
  page.line(`  Webhooks in          ${running.edgeUrl}/webhooks/pivotal`);
  page.line();
  page.line('Try in another terminal:');
  for (const command of commands) page.line(`  ${command}${elsewhere}`);
}
