/** What base64 is written with here; a decoder of URLs turns its `+` into a blank. */
const PLUS_LOST = / (?!v\d)/g;
const SEPARATOR = /[\s;]+|,(?=\s*v\d+a?,)/;
/** Characters that may be wrong in a signature that is still taken for the right one. */
const FEW = 3;

/**
 * How a signature header differs from one that holds the signature expected of the very message; undefined where it is
 * nothing like it. What was expected is not said: it would be a valid signature.
 */
export function signatureDamage(header: string, expected: string): string | undefined {
  const at = header.indexOf(expected);
  if (at === 0) return 'the version (v1,) in front of the signature was lost';
  if (at > 0) return `the signature stands behind ${JSON.stringify(header.slice(0, at).slice(-12))} and not behind v1,`;
  if (header.replace(PLUS_LOST, '+').includes(expected))
    return 'each + of the signature was turned into a blank, as decoding a URL does';
  if (header.replaceAll('-', '+').replaceAll('_', '/').includes(expected))
    return 'the signature was rewritten in the URL-safe alphabet (- and _ for + and /)';
  if (header.toLowerCase().includes(expected.toLowerCase())) return 'the case of its letters was changed';
  for (const entry of header.split(SEPARATOR)) {
    const text = entry.replace(/^["']?(v\d+a?,)?/, '').replace(/["']$/, '');
    if (text.length >= 8 && expected.startsWith(text))
      return `the signature was cut after ${text.length} of ${expected.length} characters`;
    const wrong = distance(text, expected);
    if (wrong <= FEW)
      return `${wrong === 1 ? 'one character' : `${wrong} characters`} of the signature ${wrong === 1 ? 'is' : 'are'} not as signed`;
  }
  return undefined;
}

/** Characters changed, lost or added between two short texts. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > FEW) return FEW + 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
