import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const PAGE = resolve(import.meta.dirname, '../../docs/cli.md');

/** What docs/cli.md says that `slipway <words>` prints. */
export function pageExample(words: string): string {
  const shown = readFileSync(PAGE, 'utf8').split(`\`\`\`console\n$ slipway ${words}\n`)[1];
  if (shown === undefined) throw new Error(`docs/cli.md has no example of slipway ${words}`);
  return shown.slice(0, shown.indexOf('```'));
}

/** What a real run prints, but for what differs from run to run: addresses, places, instants, hashes and amounts. */
export function shapeOf(printed: string): string {
  const shape = printed
    .replace(/https?:\/\/[^\s,]+/g, '<address>')
    .replace(/(?:\/[\w.-]+)+/g, '<path>')
    .replace(/\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?/g, '<instant>')
    .replace(/\b[0-9a-f]{16}\b/g, '<hash>')
    .replace(/\d+(?:\.\d+)*/g, '<n>');
  // A line that tells how far it is comes as often as the run takes long.
  return shape
    .split('\n')
    .filter((line, n, lines) => line !== lines[n - 1])
    .join('\n');
}
