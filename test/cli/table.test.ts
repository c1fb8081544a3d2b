import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Column, table } from '../../src/cli/table.js';
import { clean, fit, width } from '../../src/cli/text.js';

interface Row {
  readonly id: string;
  readonly name: string;
}
const COLUMNS: readonly Column<Row>[] = [
  { header: 'ID', of: (row) => row.id },
  { header: 'NAME', of: (row) => row.name, cut: true },
  { header: 'N', of: () => '1' },
];
const anyText = fc.string({ unit: 'grapheme', maxLength: 60 });

describe('the width of a text', () => {
  it.each([
    ['Borealis', 8],
    ['Zoë', 3],
    ['Zoe\u0308', 3],
    ['北京', 4],
    ['🚀', 2],
    ['👩‍🚀', 2],
    ['', 0],
  ])('%s takes %i columns', (text, columns) => {
    expect(width(text)).toBe(columns);
  });

  it('is never exceeded by a cut', () => {
    fc.assert(
      fc.property(
        anyText,
        fc.integer({ min: 1, max: 70 }),
        (text, columns) => width(fit(text, columns)) <= Math.max(columns, 1),
      ),
    );
    expect(fit('北京北京', 5)).toBe('北京…');
    expect(fit('short', 5)).toBe('short');
  });
});

describe('a table', () => {
  it('aligns its columns whatever letters are in them', () => {
    const out = table(
      [
        { id: 'a', name: '北京' },
        { id: 'bcd', name: 'Zoë' },
      ],
      COLUMNS,
      80,
    );

    expect(out).toBe('ID   NAME  N\na    北京  1\nbcd  Zoë   1\n');
  });

  it('leaves out a column in which no row has anything to tell', () => {
    const columns: readonly Column<Row>[] = [
      ...COLUMNS,
      { header: 'ODD', of: ({ id }) => (id === 'b' ? 'odd' : '-'), onlyWith: ({ id }) => id === 'b' },
    ];
    const [a, b] = [
      { id: 'a', name: 'x' },
      { id: 'b', name: 'y' },
    ];

    expect(table([a, a], columns, 80).split('\n')[0]).toBe('ID  NAME  N');
    expect(table([a, b], columns, 80)).toBe('ID  NAME  N  ODD\na   x     1  -\nb   y     1  odd\n');
  });

  it('is a line a row and no wider than the terminal, for any text', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ id: fc.constant('id_1'), name: anyText }), { maxLength: 5 }), (rows) => {
        const lines = table(rows, COLUMNS, 30).split('\n');
        return lines.length === rows.length + 2 && lines.every((line) => width(line) <= 30);
      }),
      { numRuns: 1_000 },
    );
  });

  it('cuts no id, however narrow the terminal', () => {
    expect(table([{ id: 'onb_0123456789012345678901234567', name: 'Borealis Gesellschaft' }], COLUMNS, 20)).toContain(
      'onb_0123456789012345678901234567  Borealis …',
    );
  });

  it('leaves spare columns out where cutting alone does not make it fit, the last one first', () => {
    const columns: readonly Column<Row>[] = [
      { header: 'ID', of: (row) => row.id },
      { header: 'FIRST', of: () => '12345678', spare: true },
      { header: 'SECOND', of: () => '12345678', spare: true },
      { header: 'NAME', of: (row) => row.name, cut: true },
    ];
    const headers = (terminal: number) =>
      table([{ id: 'id', name: 'Borealis Gesellschaft' }], columns, terminal)
        .split('\n')[0]
        ?.split(/ +/);

    expect(headers(34)).toEqual(['ID', 'FIRST', 'SECOND', 'NAME']);
    expect(headers(33)).toEqual(['ID', 'FIRST', 'NAME']);
    expect(headers(22)).toEqual(['ID', 'NAME']);
    expect(headers(5)).toEqual(['ID', 'NAME']);
  });
});

describe('clean text', () => {
  it('holds nothing that moves a cursor, for any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        (text) => !/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(clean(text)),
      ),
      { numRuns: 1_000 },
    );
  });

  it('leaves names of all scripts as they are', () => {
    for (const name of ['Zoë', '北京', 'نور', 'می\u200cخواهم', '👩‍🚀', 'a-b_c~d']) expect(clean(name)).toBe(name);
  });
});
