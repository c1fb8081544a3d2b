import { gunzipSync } from 'node:zlib';

/** What a body may have been before something on the way read it and wrote it again. */
export interface FormerBody {
  readonly body: Buffer;
  /** What was done to it, to follow "On the way". */
  readonly how: string;
}

type Json = unknown;
/** No JSON of a webhook unpacks to more; a bomb is not worth a guess. */
const MOST_UNPACKED = 4_000_000;

/**
 * Bodies that would have become this one by parsing and writing again, by another line end, another encoding or another
 * wrapping; the plainest first. Not all can be undone: where keys were sorted, their former order is lost.
 */
export function* formerBodies(body: Buffer): Generator<FormerBody> {
  yield* withOtherEnds(body, 'it was changed');
  yield* unwrapped(body);
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  const value = parsed(text);
  if (value === undefined) return;
  for (const [written, layout] of layouts(value.json)) {
    for (const [escaped, escapes] of escapings(written)) {
      const how = `the body was parsed and written again: it was ${layout}${escapes}`;
      yield { body: Buffer.from(escaped), how };
      yield* withOtherEnds(Buffer.from(escaped), how);
    }
  }
}

function* withOtherEnds(body: Buffer, how: string): Generator<FormerBody> {
  const text = body.toString('utf8');
  const core = text.replace(/^\uFEFF/, '').replace(/\s+$/, '');
  const say = (rest: string): string => (how === 'it was changed' ? rest : `${how}, ${rest}`);
  if (core !== text)
    yield {
      body: Buffer.from(core),
      how: say(
        text.startsWith('\uFEFF') ? 'a byte order mark was put in front' : 'a line end or blank was added after it',
      ),
    };
  for (const [end, name] of ENDS)
    yield { body: Buffer.from(core + end), how: say(`${name} after it was lost or changed`) };
  yield { body: Buffer.from(`\uFEFF${core}`), how: say('the byte order mark in front of it was lost') };
  if (core.includes('\n')) {
    const plain = core.replaceAll('\r\n', '\n');
    for (const end of ['', '\n']) {
      yield { body: Buffer.from(plain + end), how: say('line ends were changed from LF to CRLF') };
      yield {
        body: Buffer.from((plain + end).replaceAll('\n', '\r\n')),
        how: say('line ends were changed from CRLF to LF'),
      };
    }
  }
}

const ENDS = [
  ['\n', 'the line end'],
  ['\r\n', 'the line end (CRLF)'],
  [' ', 'the blank'],
] as const;

function* unwrapped(body: Buffer): Generator<FormerBody> {
  const text = body.toString('utf8');
  const inner = parsed(text);
  if (typeof inner?.json === 'string')
    yield { body: Buffer.from(inner.json), how: 'the body was packed into a JSON string' };
  if (/^[A-Za-z0-9+/\s]+=*\s*$/.test(text))
    yield { body: Buffer.from(text, 'base64'), how: 'the body was encoded as base64' };
  if (body[0] === 0x1f && body[1] === 0x8b) {
    const body_ = unzipped(body);
    if (body_) yield { body: body_, how: 'the body was compressed with gzip' };
  }
  if (/%[0-9A-Fa-f]{2}/.test(text)) {
    const plain = unescaped(text.replaceAll('+', ' '));
    if (plain !== undefined) yield { body: Buffer.from(plain), how: 'the body was encoded as a form' };
  }
  yield {
    body: Buffer.from(body.toString('latin1'), 'utf8'),
    how: 'the body was decoded as UTF-8 and encoded as Latin-1',
  };
  yield { body: Buffer.from(text, 'latin1'), how: 'the body was decoded as Latin-1 and encoded as UTF-8' };
}

function layouts(value: Json): readonly (readonly [text: string, layout: string])[] {
  const sorted = inKeyOrder(value);
  return [
    [JSON.stringify(value), 'compact'],
    [JSON.stringify(value, null, 2), 'indented by 2'],
    [JSON.stringify(value, null, 4), 'indented by 4'],
    [JSON.stringify(value, null, '\t'), 'indented by tabs'],
    [spaced(value), 'with a blank after , and :'],
    [JSON.stringify(sorted), 'compact with sorted keys'],
    [JSON.stringify(sorted, null, 2), 'indented by 2 with sorted keys'],
    [spaced(sorted), 'with sorted keys and a blank after , and :'],
  ];
}

/** How writers differ in what they escape. */
function escapings(text: string): readonly (readonly [text: string, how: string])[] {
  const ascii = (hex: (code: number) => string) =>
    text.replace(/[\u0080-\uffff]/g, (char) => `\\u${hex(char.charCodeAt(0))}`);
  const lower = ascii((code) => code.toString(16).padStart(4, '0'));
  const html = text.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const others = [
    [lower, ' with \\u escapes for letters beyond ASCII'],
    [ascii((code) => code.toString(16).toUpperCase().padStart(4, '0')), ' with \\u escapes in capitals'],
    [text.replaceAll('/', '\\/'), ' with escaped slashes'],
    [lower.replaceAll('/', '\\/'), ' with \\u escapes and escaped slashes'],
    [html, ' with \\u escapes for <, > and &'],
  ] as const;
  return [[text, ''], ...others.filter(([escaped]) => escaped !== text)];
}

/** As Python's `json.dumps` writes by default. */
function spaced(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, part]) => `${JSON.stringify(key)}: ${spaced(part)}`)
    .join(', ')}}`;
}

function inKeyOrder(value: Json): Json {
  if (Array.isArray(value)) return value.map(inKeyOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, inKeyOrder(part)]));
}

/** Whether every object has its keys in order, and enough of them that this is no chance. */
export function hasSortedKeys(body: Buffer): boolean {
  const value = parsed(body.toString('utf8'));
  if (value === undefined) return false;
  let most = 0;
  const inOrder = (part: Json): boolean => {
    if (Array.isArray(part)) return part.every(inOrder);
    if (typeof part !== 'object' || part === null) return true;
    const keys = Object.keys(part);
    most = Math.max(most, keys.length);
    return keys.every((key, i) => i === 0 || (keys[i - 1] as string) <= key) && Object.values(part).every(inOrder);
  };
  return inOrder(value.json) && most >= 4;
}

export function parsed(text: string): { readonly json: Json } | undefined {
  try {
    return { json: JSON.parse(text) as Json };
  } catch {
    return undefined;
  }
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function unzipped(body: Buffer): Buffer | undefined {
  try {
    return gunzipSync(body, { maxOutputLength: MOST_UNPACKED });
  } catch {
    return undefined;
  }
}
