import { clean } from '../cli/text.js';
import type { Running } from './start.js';
import { type Environment, readSettings } from './settings.js';
import { stopSignal } from './stop-signal.js';

/** `slipway start`: serves until SIGINT or SIGTERM, then stops everything, the embedded servers last. */
export async function runStart(env: Environment, options: { rebuild?: boolean }): Promise<void> {
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const stopping = stopSignal(() => say('Stopping; once more to stop at once.'));
  const settings = readSettings(env);
  const { startSlipway } = await import('./start.js');
  const started = Date.now();
  const progress = (text: string) => say(`  ${text} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  const running = await startSlipway({ settings, env, ...options, progress, stopping }).catch((error: unknown) => {
    if (error === stopping.reason) return undefined;
    throw error;
  });
  if (running && !stopping.aborted) {
    say(table(running, Date.now() - started));
    await new Promise((resolve) => stopping.addEventListener('abort', resolve, { once: true }));
  }
  await running?.stop();
  say('Stopped.');
  // Native handles of the Temporal client may linger for a moment; nothing of ours is left to do.
  process.exit(0);
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
  if (running.warnings.length) lines.push('', ...running.warnings.map((warning) => `! ${clean(warning)}`));
  lines.push('', 'Ctrl-C stops it.');
  return lines.join('\n');
}
