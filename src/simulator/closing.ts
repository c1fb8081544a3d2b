import { setTimeout as delay } from 'node:timers/promises';
import type { Console } from './console.js';
import { type Page, wrapped } from './page.js';
import { type Summary, summarise } from './summary.js';
import type { Tally } from './tally.js';

export interface Closing {
  readonly page: Page;
  readonly console: Console;
  readonly zone: string;
  readonly tally: Tally;
  /** Sentences: what people did and the API would not take. */
  readonly refused: readonly string[];
}

const LABEL_COLUMNS = 21;
/** Real. What was sent last may still be on its way into workflow and read model. */
const SETTLE_TRIES = 20;
const BETWEEN_TRIES_MS = 250;
const MOST_FAILURES_SHOWN = 5;

export interface Ending {
  /** Everything that Slipway promises held. */
  readonly holds: boolean;
  /** Commands that answer questions about this very story. */
  readonly commands: readonly string[];
}

/** Prints the table at the end. */
export async function conclude(closing: Closing): Promise<Ending> {
  const { page, tally, refused } = closing;
  const summary = await settled(closing);
  page.line();
  page.line(page.paint('bold', 'What became of it (from the console API)'));
  const sent = `${tally.acknowledged} of ${tally.acknowledged + tally.failures.length} genuine deliveries acknowledged`;
  for (const [what, figure] of [...summary.rows, ['Promise kept', sent] as const]) printRow(page, what, figure);
  const failures = [
    ...tally.failures,
    ...refused,
    ...(summary.notSignalled > 0 ? [`${summary.notSignalled} stored events have not reached their workflow.`] : []),
  ];
  for (const failure of failures.slice(0, MOST_FAILURES_SHOWN)) page.line(page.paint('red', `! ${failure}`));
  if (failures.length > MOST_FAILURES_SHOWN) page.line(`! ... and ${failures.length - MOST_FAILURES_SHOWN} more.`);
  return { holds: failures.length === 0, commands: commandsFor(summary) };
}

function commandsFor({ example }: Summary): string[] {
  if (!example) return ['npx slipway onboardings'];
  const opened = example.escalations[0]?.opened_at;
  return [
    'npx slipway onboardings',
    `npx slipway onboarding ${example.id}`,
    `npx slipway why ${example.id}${opened === undefined ? '' : ` --at ${opened}`}`,
  ];
}

async function settled({ console, zone }: Closing): Promise<Summary> {
  await delay(BETWEEN_TRIES_MS);
  for (let tries = 1; ; tries++) {
    const summary = await summarise(console, zone);
    if (summary.notSignalled === 0 || tries === SETTLE_TRIES) return summary;
    await delay(BETWEEN_TRIES_MS);
  }
}

function printRow(page: Page, what: string, figure: string): void {
  const [first = '', ...rest] = wrapped(`${'.'.repeat(LABEL_COLUMNS)}${figure}`, ' '.repeat(LABEL_COLUMNS));
  page.line(`  ${what.padEnd(LABEL_COLUMNS - 2)}${first.slice(LABEL_COLUMNS)}`);
  for (const line of rest) page.line(line);
}
