/** What the server takes as the summary of a timer, an activity or a workflow: one line, 200 bytes. */
const MAX_BYTES = 200;

/** Cuts a text to one line that the server accepts; a longer one would fail the whole workflow task. */
export function summaryLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (bytes(line) <= MAX_BYTES) return line;
  let cut = '';
  let used = bytes('…');
  for (const char of line) {
    used += bytes(char);
    if (used > MAX_BYTES) break;
    cut += char;
  }
  return `${cut}…`;
}

const bytes = (text: string): number => new TextEncoder().encode(text).length;
