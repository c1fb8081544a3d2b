import { parseSecrets } from '../signature/secret.js';
import { sign, type SignatureHeaders } from '../signature/sign.js';

/** Signs one message: `id` stays the same on every try, `atSeconds` is the real instant of this try. */
export type Signer = (id: string, atSeconds: number, body: string) => SignatureHeaders;

/**
 * A signer for the secrets in `text`, as one setting holds them. With several, during a rotation, a message carries a
 * signature of each, so that a receiver may switch when it likes. Throws `MalformedSecret`, which shows no secret.
 */
export function createSigner(text: string): Signer {
  const secrets = parseSecrets(text);
  return (id, atSeconds, body) => secrets.map((secret) => sign(secret, id, atSeconds, body)).reduce(besides);
}

function besides(headers: SignatureHeaders, more: SignatureHeaders): SignatureHeaders {
  const signature = `${headers['webhook-signature']} ${more['webhook-signature']}`;
  return { ...headers, 'svix-signature': signature, 'webhook-signature': signature };
}
