import type { IncomingHttpHeaders } from 'node:http';

/** Names and values together. */
const KEPT_BYTES = 4096;
/** Somebody's session may hang on it, and nothing here depends on it. */
const NOT_KEPT = 'set-cookie';

/** The headers of an answer as they are kept, names in lower case. Where they are too many, the longest are left out. */
export function keptHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const lines = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined || name === NOT_KEPT ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  let size = lines.reduce((sum, line) => sum + sizeOf(line), 0);
  const left = new Set<string>();
  if (size > KEPT_BYTES) {
    for (const line of lines.toSorted((a, b) => sizeOf(b) - sizeOf(a))) {
      if (size <= KEPT_BYTES) break;
      left.add(line[0]);
      size -= sizeOf(line);
    }
  }
  return Object.fromEntries(lines.filter(([name]) => !left.has(name)));
}

const sizeOf = ([name, value]: readonly [string, string]): number => name.length + value.length;
