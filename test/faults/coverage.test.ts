import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULTS } from './plan.js';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(import.meta.dirname, 'COVERAGE.md'), 'utf8');

const count = (letter: string, most: number): string[] => Array.from({ length: most }, (_, n) => `${letter}${n + 1}`);
/** The rows of the fault list, by letter. */
const IDS = [
  ...count('A', 13),
  ...count('B', 10),
  ...count('C', 14),
  ...count('D', 5),
  ...count('E', 4),
  ...count('F', 4),
];
const SECURITY_LINES = 19;

interface Row {
  readonly id: string;
  readonly cells: string;
}

const rowsAfter = (heading: string): readonly Row[] => {
  const part = PAGE.slice(PAGE.indexOf(heading)).split(/^## /m)[1] ?? '';
  const rows = part.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((line) => ({ id: line.split('|')[1]?.trim() ?? '', cells: line }));
};

const PROOF = /`(test\/[^`]+)` › (.+?)(?=<br>|\)? \|$)/gm;

/** Each file with the name of a test, or of a drill, that a row calls its proof. */
const proofs = [...PAGE.matchAll(PROOF)].map(([, file = '', name = '']) => ({
  file,
  name: name.replaceAll('\\|', '|'),
}));

describe('the page of what is proved', () => {
  it('has one row for each fault and each line of the security list, with a proof or the word open', () => {
    const faults = rowsAfter('## Faults');
    const lines = rowsAfter('## Security list');
    expect(faults.map(({ id }) => id)).toEqual(IDS);
    expect(lines).toHaveLength(SECURITY_LINES);
    const bare = [...faults, ...lines].filter(({ cells }) => !/` › |\*Open\*/.test(cells));
    expect(bare.map(({ id }) => id)).toEqual([]);
  });

  it('names tests that there are', () => {
    expect(proofs.length).toBeGreaterThan(100);
    const missing = proofs.filter(({ file, name }) => {
      const path = join(ROOT, file);
      return !existsSync(path) || !readFileSync(path, 'utf8').includes(name);
    });
    expect(missing).toEqual([]);
  });

  it('counts what the tests count, in a selection and in full', () => {
    const sources = ['request', 'delivery', 'flood', 'order'].map((name) => `${name}.test.ts`);
    const text = sources.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('');
    const sizes = [...text.matchAll(/sized\(([\d_]+), ([\d_]+)\)/g)].map(
      ([, selection, full]) => `${selection} ${full}`,
    );
    const told = rowsAfter('## How often').flatMap(({ cells }) => {
      const [selection = '', full = ''] = cells
        .split('|')
        .slice(3)
        .map((cell) => cell.trim());
      return /^[\d,]+$/.test(full) && selection !== full ? [`${selection} ${full}`.replaceAll(',', '_')] : [];
    });
    const limits = ['120_000 1_200_000'];
    expect(told.sort()).toEqual(sizes.filter((size) => !limits.includes(size)).sort());
  });

  it('names for each fault of the list at least one drill, where there is one', () => {
    const drilled = new Set(Object.values(FAULTS).flatMap(({ row }) => row.split('+')));
    const rows = new Map(rowsAfter('## Faults').map(({ id, cells }) => [id, cells]));
    expect([...drilled].filter((id) => !rows.get(id)?.includes('test/faults/plan.ts'))).toEqual([]);
  });
});
