/** What JSON still needs at its end to be whole: `"}}` for a text cut in a string two objects deep; undefined where it is cut nowhere. */
export function missingEnd(text: string): string | undefined {
  const open: string[] = [];
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') open.push(char === '{' ? '}' : ']');
    else if (char === '}' || char === ']') open.pop();
  }
  if (!inString && open.length === 0) return undefined;
  return (inString ? '"' : '') + open.reverse().join('');
}
