import { isShutOut } from './failure.js';

/** Why a server did not let us in, and what to do about it: two halves of one sentence, neither with a secret in it. */
export interface Refusal {
  readonly reason: string;
  readonly remedy: string;
}

const LET_IN: Refusal = {
  reason: 'it refuses who asks',
  remedy:
    'check that TEMPORAL_API_KEY or the client certificate is valid and may use the namespace of TEMPORAL_NAMESPACE',
};

const CLIENT_CERTIFICATE = 'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH';

/**
 * What goes wrong with TLS, in the words of both libraries: OpenSSL's under the client, rustls' under the worker. The
 * first that fits counts.
 */
const TLS: readonly (readonly [said: RegExp, refusal: Refusal])[] = [
  [
    /certificate required|CertificateRequired/,
    { reason: 'it wants a client certificate', remedy: `set ${CLIENT_CERTIFICATE}` },
  ],
  [
    /alert (unknown ca|bad certificate|certificate (expired|revoked|unknown)|unsupported certificate|handshake failure)|fatal alert: (UnknownC[Aa]|BadCertificate|Certificate\w+|UnsupportedCertificate|HandshakeFailure)/,
    {
      reason: 'it does not take the client certificate',
      remedy: `check that ${CLIENT_CERTIFICATE} are one pair, valid now, and of an authority that it knows`,
    },
  ],
  [
    /altnames|NotValidForName/,
    { reason: 'its certificate is for another name', remedy: 'set TEMPORAL_TLS_SERVER_NAME to the name in it' },
  ],
  [
    /self-signed certificate|unable to (get (local )?issuer|verify)|UnknownIssuer/,
    {
      reason: 'its certificate is of an authority that is not known here',
      remedy: "set TEMPORAL_TLS_SERVER_CA_CERT_PATH to that authority's certificate",
    },
  ],
  [
    /wrong version number|InvalidContentType/,
    { reason: 'it speaks no TLS', remedy: 'unset TEMPORAL_TLS and TEMPORAL_TLS_*, or set TEMPORAL_TLS=false' },
  ],
  [
    /Last error: Failed to connect|broken ?pipe|connection ?(reset|closed|aborted)|UnexpectedEof/i,
    {
      reason: 'it hangs up',
      remedy:
        'check that it is a Temporal server, that TEMPORAL_TLS=true is set where it wants TLS, and that it knows the authority of the client certificate',
    },
  ],
];

/** Of a failed call of the client, or of a failed connection of the worker. */
export function refusalOf(error: unknown): Refusal {
  if (isShutOut(error)) return LET_IN;
  const said = (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ').trim();
  if (/code: 'The (request does not have valid authentication|caller does not have permission)/.test(said))
    return LET_IN;
  const known = TLS.find(([words]) => words.test(said))?.[1];
  return known ?? { reason: said, remedy: 'check that it runs and that the TEMPORAL_* variables fit it' };
}
