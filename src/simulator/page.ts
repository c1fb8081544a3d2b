import { stripVTControlCharacters, styleText } from 'node:util';

export type Colour = Parameters<typeof styleText>[0];

/** The terminal as the story needs it: lines of at most 100 columns, colour where somebody looks. */
export interface Page {
  line(text?: string): void;
  /** A line that the next one of its kind overwrites, where somebody looks. */
  progress(text: string): void;
  paint(colour: Colour, text: string): string;
}

export const COLUMNS = 100;

export interface PageOptions {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Colour only on a terminal, and not where NO_COLOR is set to anything. */
export function createPage({ write, isTerminal, env }: PageOptions): Page {
  const colours = isTerminal && !env['NO_COLOR'];
  return {
    line: (text = '') => write(`${text}\n`),
    progress: (text) => write(isTerminal ? `\r${text}\u001b[K` : `${text}\n`),
    paint: (colour, text) => (colours ? styleText(colour, text, { validateStream: false }) : text),
  };
}

/** Text in lines of at most 100 columns, the second and later ones indented. Words are never cut. */
export function wrapped(text: string, indent = ''): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    const first = lines.length === 0;
    if (columnsOf(longer) + (first ? 0 : indent.length) > COLUMNS && current !== '') {
      lines.push(first ? current : indent + current);
      current = word;
    } else current = longer;
  }
  lines.push(lines.length === 0 ? current : indent + current);
  return lines;
}

const columnsOf = (text: string): number => stripVTControlCharacters(text).length;
