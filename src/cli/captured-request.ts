import { CliFailure, EXIT } from './failure.js';

/** A request as somebody caught it. Header names are lower-case. */
export interface CapturedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/;
const REQUEST_LINE = /^[A-Z]+ \S+( HTTP\/[\d.]+)?$/;

/**
 * Reads a captured request: raw HTTP text with or without its request line, or JSON with `headers` and `body`, as
 * `slipway event --json` and most request bins write it. Throws `CliFailure` for anything else.
 */
export function readCaptured(bytes: Buffer): CapturedRequest {
  if (/^\s*\{/.test(bytes.subarray(0, 100).toString('latin1'))) return fromJson(bytes.toString('utf8'));
  const end = /\r?\n\r?\n/.exec(bytes.toString('latin1'));
  const head = end ? bytes.subarray(0, end.index) : bytes;
  const body = end ? bytes.subarray(end.index + end[0].length) : Buffer.alloc(0);
  const headers = headersOf(head.toString('utf8'));
  return { headers, body: /chunked/i.test(headers['transfer-encoding'] ?? '') ? unchunked(body) : body };
}

/** `Name: value` lines; a request line in front is skipped, and a header that comes twice is joined by a comma. */
export function headersOf(text: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  for (const [at, line] of lines.entries()) {
    if (at === 0 && REQUEST_LINE.test(line.trim())) continue;
    const match = HEADER.exec(line);
    if (!match?.[1]) {
      throw new CliFailure(
        EXIT.usage,
        `Line ${at + 1} is no header (${JSON.stringify(line.slice(0, 40))}): give raw HTTP (headers, an empty line, the body), or JSON with headers and body.`,
      );
    }
    const name = match[1].toLowerCase();
    const value = (match[2] ?? '').trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}

function fromJson(text: string): CapturedRequest {
  let value: { headers?: unknown; body?: unknown };
  try {
    value = JSON.parse(text) as typeof value;
  } catch (error) {
    throw new CliFailure(EXIT.usage, `The capture begins like JSON and is none (${(error as Error).message}).`);
  }
  if (typeof value.headers !== 'object' || value.headers === null || typeof value.body !== 'string') {
    throw new CliFailure(
      EXIT.usage,
      'The capture is JSON without `headers` and a `body` that is text: the body must be the very text that came, not parsed.',
    );
  }
  const headers = Object.entries(value.headers).map(([name, held]) => [name.toLowerCase(), String(held)] as const);
  return { headers: Object.fromEntries(headers), body: Buffer.from(value.body) };
}

/** The content of a chunked body; the bytes themselves where they are no chunks, because the capture took them out. */
function unchunked(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  while (at < body.length) {
    const line = /^([0-9a-fA-F]{1,8})[^\r\n]*\r?\n/.exec(body.subarray(at, at + 200).toString('latin1'));
    if (!line?.[1]) return parts.length === 0 ? body : Buffer.concat(parts);
    const size = Number.parseInt(line[1], 16);
    if (size === 0) break;
    const from = at + line[0].length;
    parts.push(body.subarray(from, from + size));
    at = from + size;
    while (body[at] === 0x0d || body[at] === 0x0a) at += 1;
  }
  return Buffer.concat(parts);
}
