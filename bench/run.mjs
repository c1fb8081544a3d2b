import { parseArgs } from 'node:util';
import { Void } from './figures.mjs';
import { killSenders } from './load.mjs';
import { killEverything, removeDirectories, stopAll } from './system.mjs';

/** Every part has a file of its own and a Slipway of its own, so that one leaves nothing behind for the next. */
const PARTS = [
  'acknowledge-alone',
  'acknowledge-applying',
  'burst',
  'latency',
  'actions',
  'reconcile',
  'start',
  'replay',
  'processes-two',
  'rolling',
  'many-open',
  'overload',
  'timers',
  'webhooks',
  'webhooks-usual',
  'webhooks-pending',
  'webhooks-comeback',
];

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const quick = process.env.BENCH_QUICK === '1';
const say = (text) => process.stderr.write(`  ${text}\n`);

process.on('exit', () => {
  killSenders();
  killEverything();
});
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    say('Stopping what was started; once more to stop at once.');
    process.once(signal, () => process.exit(130));
    interrupted = true;
    killSenders();
    void stopAll().finally(() => process.exit(130));
  });

const { rows, problems } = await measureAll(chosenParts());
process.stdout.write(options.json ? `${JSON.stringify({ rows })}\n` : table(rows));
process.exit(problems === 0 ? 0 : 1);

/** A part that is void, or could not be run, is told and ends in exit code 1; the others go on. */
async function measureAll(parts) {
  const rows = [];
  let problems = 0;
  if (quick) say('BENCH_QUICK is set: runs are too short for figures that mean something.');
  for (const part of parts) {
    const startedAt = performance.now();
    try {
      const { measure } = await import(`./${part}.mjs`);
      rows.push(...(await measure({ quick, say })));
      say(`${part}: done after ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
    } catch (error) {
      // What fails now fails because it was stopped; the end of the process is on its way.
      if (interrupted) await new Promise(() => {});
      problems++;
      rows.push({ name: part, value: null, unit: '', target: null, ok: false });
      say(`${part}: ${error instanceof Void ? `void. ${error.message}` : (error.stack ?? error)}`);
    }
    killSenders();
    await stopAll();
    removeDirectories();
  }
  return { rows, problems };
}

function chosenParts() {
  if (options.only === undefined) return PARTS;
  const wanted = options.only.split(',');
  const unknown = wanted.filter((name) => !PARTS.includes(name));
  if (unknown.length === 0) return wanted;
  process.stderr.write(`There is no part ${unknown.join(', ')}; choose from ${PARTS.join(', ')}.\n`);
  process.exit(2);
}

function table(rows) {
  const lines = [
    ['', '', '', 'target', ''],
    ...rows.map(({ name, value, unit, target, ok }) => [
      name,
      value === null ? 'void' : value.toLocaleString('en', { maximumSignificantDigits: 6 }),
      unit,
      target ?? '',
      target === null && ok ? '' : ok ? 'ok' : 'MISSED',
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => (at === 1 ? cell.padStart(widths[at]) : cell.padEnd(widths[at])))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
