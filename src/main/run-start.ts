import { type Running, startSlipway } from './start.js';
import { type Environment, readSettings } from './settings.js';

/** `slipway start`: serves until SIGINT or SIGTERM, then stops everything, the embedded servers last. */
export async function runStart(env: Environment, options: { rebuild?: boolean }): Promise<void> {
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const stopped = stopSignal(say);
  const settings = readSettings(env);
  const started = Date.now();
  const starting = startSlipway({
    settings,
    env,
    ...options,
    progress: (text) => say(`  ${text} (${((Date.now() - started) / 1000).toFixed(1)} s)`),
  });
  const running = await starting;
  say(table(running, Date.now() - started));
  const failure = await Promise.race([stopped, running.failed]);
  if (failure instanceof Error) process.stderr.write(`${failure.message}\n`);
  await running.stop();
  say('Stopped.');
  // Native handles of the Temporal client may linger for a moment; nothing of ours is left to do.
  process.exit(failure instanceof Error ? 1 : 0);
}

/** The first signal stops in order; a second one ends at once, and the next start recovers what that leaves behind. */
function stopSignal(say: (text: string) => void): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (asked) process.exit(signal === 'SIGINT' ? 130 : 143);
      asked = true;
      say('Stopping; once more to stop at once.');
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}

function table(running: Running, tookMs: number): string {
  const rows: [string, string][] = [
    ['Webhooks in', `${running.edgeUrl}/webhooks/pivotal`],
    ['Console API', `${running.consoleUrl}/`],
    ...(running.temporalUiUrl ? ([['Temporal UI', running.temporalUiUrl]] as [string, string][]) : []),
    ['Data', running.dataDir],
  ];
  const lines = [
    `Slipway is ready after ${(tookMs / 1000).toFixed(1)} s.`,
    '',
    ...rows.map(([label, value]) => `  ${label.padEnd(12)} ${value}`),
  ];
  if (running.clock.speed !== 1) lines.push(`  ${'Clock'.padEnd(12)} ${running.clock.speed} times real time`);
  if (running.madeSecret) {
    lines.push(
      '',
      'No PIVOTAL_WEBHOOK_SECRET is set, so one was made and kept in the data directory. Shown this once:',
      `  ${running.madeSecret}`,
      '',
      'Send it events that nobody is chased for:',
      `  npx slipway simulate --secret ${running.madeSecret}`,
    );
  }
  if (running.warnings.length) lines.push('', ...running.warnings.map((warning) => `! ${warning}`));
  lines.push('', 'Ctrl-C stops it.');
  return lines.join('\n');
}
