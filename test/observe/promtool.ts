import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { Scrape } from './scrape.js';

const run = promisify(execFile);
export const PROMETHEUS = resolve(import.meta.dirname, '../../deploy/prometheus');

/** Whether rules can be evaluated here at all; on Debian promtool comes with the package `prometheus`. */
export const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
export const WITHOUT_PROMTOOL = hasPromtool
  ? ''
  : ' (skipped: promtool is not here, `apt-get install prometheus` brings it)';

/** Throws what promtool said where it is not content. */
export async function promtool(...args: string[]): Promise<string> {
  try {
    return (await run('promtool', args)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${stdout}${stderr}`, { cause: error });
  }
}

const WELL_MINUTES = 40;
/** Scrapes that follow one another, between the first of trouble and the last, which stays. */
const STEP_MINUTES = 4;

/**
 * Lets a real Prometheus rule read real scrapes: `well` for forty minutes, then each of `trouble`, the last of which
 * stays. Throws unless the alert is silent all the while that it is well, and fires `after` minutes into the trouble.
 */
export async function expectToFire(alert: string, well: Scrape, trouble: readonly Scrape[], after = 8): Promise<void> {
  const all = new Set([well, ...trouble].flatMap((scrape) => [...scrape.keys()]));
  const series = [...all].map((name) => ({
    series: name,
    values: [
      ...times(well.get(name), WELL_MINUTES),
      ...trouble.flatMap((scrape, n) => times(scrape.get(name), n === trouble.length - 1 ? 60 : STEP_MINUTES)),
    ].join(' '),
  }));
  const expr = `count by (alertname) (ALERTS{alertname="${alert}",alertstate="firing"})`;
  const firing = [{ labels: `{alertname="${alert}"}`, value: 1 }];
  const file = {
    rule_files: [join(PROMETHEUS, 'alerts.yml')],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: series,
        promql_expr_test: [
          { expr, eval_time: `${WELL_MINUTES - 1}m`, exp_samples: [] },
          { expr: `${expr} > bool 0`, eval_time: `${WELL_MINUTES + after}m`, exp_samples: firing },
        ],
      },
    ],
  };
  const dir = await mkdtemp(join(tmpdir(), 'slipway-promtool-'));
  try {
    await writeFile(join(dir, 'test.yml'), stringify(file));
    await promtool('test', 'rules', join(dir, 'test.yml'));
  } finally {
    await rm(dir, { recursive: true });
  }
}

const times = (value: number | undefined, minutes: number): string[] =>
  Array<string>(minutes).fill(value === undefined ? '_' : numberOf(value));

const numberOf = (value: number): string => (Number.isFinite(value) ? value.toFixed(6) : value > 0 ? 'Inf' : '-Inf');
