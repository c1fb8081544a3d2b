/**
 * The text of one member of a JSON object, as its writer wrote it: a number of twenty digits, or `1.10`, would not be the
 * same after it was read and written again. Of a name that comes twice the last counts, as for `JSON.parse`. The text must
 * be one that `JSON.parse` reads as an object; undefined where it has no such member.
 */
export function memberText(object: string, name: string): string | undefined {
  let found: string | undefined;
  let at = afterSpace(object, object.indexOf('{') + 1);
  while (object[at] === '"') {
    const keyEnd = endOfString(object, at);
    const from = afterSpace(object, afterSpace(object, keyEnd) + 1);
    const to = endOfValue(object, from);
    if (isKey(object.slice(at, keyEnd), name)) found = object.slice(from, to);
    at = afterSpace(object, to);
    if (object[at] === ',') at = afterSpace(object, at + 1);
  }
  return found;
}

/** A key may be written with escapes. */
const isKey = (quoted: string, name: string): boolean =>
  quoted.includes('\\') ? JSON.parse(quoted) === name : quoted.length === name.length + 2 && quoted.includes(name);

function endOfValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return endOfString(text, from);
  if (first === '{' || first === '[') return endOfNested(text, from);
  let at = from;
  while (at < text.length && !',}] \t\r\n'.includes(text[at] as string)) at++;
  return at;
}

function endOfNested(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
    else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && --depth === 0) return at + 1;
  }
  return text.length;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Behind the closing quote: the first one with an even number of backslashes before it. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return text.length;
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (' \t\r\n'.includes(text[at] ?? '.')) at++;
  return at;
}
