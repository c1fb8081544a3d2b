import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Environment, SettingError } from './settings.js';

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

/** `slipway simulate`: a fake Pivotal that sends to a running Slipway, or to other people's receivers. */
export function addSimulate(program: Command, env: Environment): void {
  program
    .command('simulate')
    .description(
      'send the events of invented onboardings to a running Slipway; nobody is chased for them without --live',
    )
    .option('--url <url>', 'where to post', `http://127.0.0.1:${env.SLIPWAY_PORT ?? 8787}/webhooks/pivotal`)
    .option(
      '--secret <whsec>',
      'what that Slipway verifies with; wanted, unless PIVOTAL_WEBHOOK_SECRET says it',
      env.PIVOTAL_WEBHOOK_SECRET && /whsec_[^\s,]+/.exec(env.PIVOTAL_WEBHOOK_SECRET)?.[0],
    )
    .option('--onboardings <n>', 'how many', whole, 24)
    .option('--days <n>', 'over how many days', whole, 90)
    .option('--speed <n>', 'how many times faster than they happened', whole, 86_400)
    .option('--seed <n>', 'the same seed sends the same events', whole)
    .option('--live', 'send live events: real people may be chased', false)
    .addOption(
      new Option('--as-pivotal', "play Pivotal for other people's receivers, with a sender of its own")
        .conflicts(['url', 'secret'])
        .default(false),
    )
    .option('--to <url>', 'with --as-pivotal: the receiver to send to; more can be added while it runs')
    .option('--port <n>', 'with --as-pivotal: where its management API listens', whole)
    .action(async (options: SimulateFlags) => {
      const { asPivotal, to, port, url, secret, seed, ...rest } = options;
      const stopping = new AbortController();
      onStop(() => stopping.abort());
      const story = {
        ...rest,
        ...(seed === undefined ? {} : { seed }),
        env,
        out: process.stdout,
        stopped: stopping.signal,
      };
      if (asPivotal) {
        // Native handles of the Temporal client may linger; nothing of ours is left to do.
        const { runAsPivotal } = await import('./as-pivotal.js');
        process.exit(await runAsPivotal({ ...story, ...(to ? { to } : {}), ...(port ? { port } : {}) }));
      }
      if (to !== undefined || port !== undefined)
        throw new SettingError('--to and --port are for --as-pivotal; where to post is said with --url.');
      if (!secret)
        throw new SettingError('What to sign with is not known: give --secret whsec_…, or set PIVOTAL_WEBHOOK_SECRET.');
      const token = env.SLIPWAY_API_TOKEN;
      const { runSimulate } = await import('./simulate.js');
      process.exitCode = await runSimulate({
        ...story,
        url,
        secret,
        ...(token ? { token } : {}),
        consoleUrl: consoleUrl(env),
      });
    });
}

interface SimulateFlags {
  readonly url: string;
  readonly secret?: string;
  readonly onboardings: number;
  readonly days: number;
  readonly speed: number;
  readonly seed?: number;
  readonly live: boolean;
  readonly asPivotal: boolean;
  readonly to?: string;
  readonly port?: number;
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
