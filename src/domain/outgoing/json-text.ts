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
  let at = from;
  while (at < text.length) {
    const char = text[at];
    if (char === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (char === '{' || char === '[') depth++;
    if ((char === '}' || char === ']') && --depth === 0) return at + 1;
    at++;
  }
  return at;
}

/** Behind the closing quote. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (' \t\r\n'.includes(text[at] ?? '.')) at++;
  return at;
}
