import { TargetForbidden } from './target-guard.js';

/** Why a post got no answer. `reset`: the connection broke, or what came over it was not HTTP. */
export type PostFailure = 'dns' | 'refused' | 'tls' | 'timeout' | 'forbidden' | 'reset' | 'aborted';

const BY_CODE: Readonly<Record<string, PostFailure>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  ENODATA: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
};

/** OpenSSL's names for a certificate that is not trusted or not for this host do not share a prefix. */
const TLS_CODE = /^(?:ERR_(?:TLS|SSL)_|CERT_|EPROTO$|.*(?:CERT|ISSUER|CRL|SIGNATURE).*)/;

/** Names what undici, Node's sockets, OpenSSL or the resolver threw. */
export function namePostFailure(error: unknown): PostFailure {
  if (error instanceof TargetForbidden) return 'forbidden';
  const code = codeOf(error);
  return BY_CODE[code] ?? (TLS_CODE.test(code) ? 'tls' : 'reset');
}

/** Where several addresses were tried, Node gathers the errors; the first one speaks for all. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** The address that could not be reached, where Node says it. */
export function addressOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return addressOf(error.errors[0]);
  return error instanceof Error && 'address' in error && typeof error.address === 'string' ? error.address : undefined;
}

const SENTENCES: Readonly<Record<Exclude<PostFailure, 'forbidden'>, string>> = {
  dns: 'has no address in the DNS',
  refused: 'does not accept connections',
  tls: 'could not be trusted or reached over TLS: look at its certificate',
  timeout: 'did not answer in time',
  reset: 'broke the connection off, or does not speak HTTP',
  aborted: 'was not called: the send was stopped before it left',
};

/** One sentence for people; of the URL only the host. */
export function describePostFailure(failure: PostFailure, host: string, error: unknown): string {
  if (failure === 'forbidden' && error instanceof Error) return error.message;
  return `${host} ${SENTENCES[failure as Exclude<PostFailure, 'forbidden'>]}.`;
}
