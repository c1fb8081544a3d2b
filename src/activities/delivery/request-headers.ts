/** What a receiver reads of a message, and what HTTP itself needs: an endpoint's own headers stand behind it. */
const OURS = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);
const OUR_FAMILIES = /^(?:svix|webhook|proxy)-/;

type Headers = Readonly<Record<string, string>>;

const FIXED: Headers = { 'user-agent': 'Slipway', 'content-type': 'application/json' };

/** An operator's secret, most often: the log keeps its name alone. */
const MASK = '***';

export interface RequestHeaders {
  readonly sent: Headers;
  readonly logged: Headers;
}

/** The headers of one attempt: ours, and those an operator gave the endpoint, of which none takes the place of ours. */
export function requestHeaders(signature: Headers, custom: Headers): RequestHeaders {
  const ours = { ...FIXED, ...signature };
  const names = Object.keys(custom).filter((name) => !isOurs(name.toLowerCase()));
  return {
    sent: { ...Object.fromEntries(names.map((name) => [name, custom[name] ?? ''])), ...ours },
    logged: { ...Object.fromEntries(names.map((name) => [name, MASK])), ...ours },
  };
}

const isOurs = (name: string): boolean => OURS.has(name) || OUR_FAMILIES.test(name);
