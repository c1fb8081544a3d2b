import { type Command, InvalidArgumentError } from 'commander';
import type { Environment } from './settings.js';
import { runSimulate } from './simulate.js';

/** Where the console of this machine's Slipway answers. */
export function consoleUrl(env: Environment): string {
  return `http://127.0.0.1:${env.SLIPWAY_CONSOLE_PORT ?? 8788}`;
}

/** `slipway demo`: three months of two dozen onboardings in a minute and a half, told as it happens. */
export function addDemo(program: Command, env: Environment): void {
  program
    .command('demo')
    .description('live through three months of two dozen onboardings in a minute and a half')
    .option('--once', 'end after the summary')
    .option('--days <n>', 'how many days to live through', whole)
    .option('--seed <n>', 'the same seed tells the same story', whole)
    .action(async (options: { once?: boolean; days?: number; seed?: number }) => {
      const { once = false, ...rest } = options;
      const stopped = new Promise<void>((resolve) => onStop(resolve));
      // Native handles of the Temporal client may linger; nothing of ours is left to do.
      const { runDemo } = await import('./demo.js');
      process.exit(await runDemo({ env, once, ...rest, out: process.stdout, stopped }));
    });
}

/** `slipway simulate`: a fake Pivotal that sends to a running Slipway. */
export function addSimulate(program: Command, env: Environment): void {
  program
    .command('simulate')
    .description(
      'send the events of invented onboardings to a running Slipway; nobody is chased for them without --live',
    )
    .option('--url <url>', 'where to post', `http://127.0.0.1:${env.SLIPWAY_PORT ?? 8787}/webhooks/pivotal`)
    .requiredOption(
      '--secret <whsec>',
      'what to sign with',
      env.PIVOTAL_WEBHOOK_SECRET && /whsec_[^\s,]+/.exec(env.PIVOTAL_WEBHOOK_SECRET)?.[0],
    )
    .option('--onboardings <n>', 'how many', whole, 24)
    .option('--days <n>', 'over how many days', whole, 90)
    .option('--speed <n>', 'how many times faster than they happened', whole, 86_400)
    .option('--seed <n>', 'the same seed sends the same events', whole)
    .option('--live', 'send live events: real people may be chased', false)
    .action(async (options: SimulateFlags) => {
      const stopping = new AbortController();
      onStop(() => stopping.abort());
      const { seed, ...rest } = options;
      const token = env.SLIPWAY_API_TOKEN;
      process.exitCode = await runSimulate({
        ...rest,
        ...(seed === undefined ? {} : { seed }),
        ...(token ? { token } : {}),
        consoleUrl: consoleUrl(env),
        env,
        out: process.stdout,
        stopped: stopping.signal,
      });
    });
}

interface SimulateFlags {
  readonly url: string;
  readonly secret: string;
  readonly onboardings: number;
  readonly days: number;
  readonly speed: number;
  readonly seed?: number;
  readonly live: boolean;
}

function whole(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('Give a whole number above 0.');
}

/** The first signal asks for an end in order; a second one ends at once. */
function onStop(asked: () => void): void {
  let once = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (once) process.exit(signal === 'SIGINT' ? 130 : 143);
    once = true;
    asked();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}
