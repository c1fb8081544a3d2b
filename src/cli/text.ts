/**
 * Text of a sender on a terminal: control characters are shown as `?`, so that no name of an onboarding can move the
 * cursor, set a title or hide a line. Line ends become blanks.
 */
export function clean(text: string): string {
  return text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => (JOINERS.includes(char) ? char : '?'));
}

/** Persian letters and emoji are held apart or together by these; they move nothing. */
const JOINERS = '\u200c\u200d';

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** East Asian wide and fullwidth letters, and what is drawn as an emoji: two columns each. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
const MARKS_ALONE = /^[\p{M}\u200c\u200d]+$/u;

const graphemes = (text: string): readonly string[] => Array.from(GRAPHEMES.segment(text), ({ segment }) => segment);
const columnsOf = (grapheme: string): number => (WIDE.test(grapheme) ? 2 : MARKS_ALONE.test(grapheme) ? 0 : 1);

/** Terminal columns that a text takes. */
export function width(text: string): number {
  return graphemes(text).reduce((sum, one) => sum + columnsOf(one), 0);
}

/** Cuts to so many columns, with `…` for what is left out; whole letters only. */
export function fit(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = '';
  let used = 1;
  for (const one of graphemes(text)) {
    used += columnsOf(one);
    if (used > columns) break;
    kept += one;
  }
  return `${kept}…`;
}

/** An instant as people read it, in UTC like everything Slipway prints; `-` for none. */
export function when(instant: string | null): string {
  return instant === null ? '-' : instant.slice(0, 16).replace('T', ' ');
}

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** A text in lines that fit the terminal, each behind the same indent; a word longer than a line stays whole. */
export function wrapped(text: string, columns: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + width(longer) > columns) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((one) => `${indent}${one}\n`).join('');
}
