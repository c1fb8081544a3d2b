import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quiet, sharedTemporal, type TestServer } from '../support/temporal.js';
import { Certificates, hasOpenssl, WITHOUT_OPENSSL } from './certificates.js';
import { certificateFront, type Front, tellingFront } from './fronts.js';
import { anEventIsHandled, saidOf } from './through-a-front.js';

describe.skipIf(!hasOpenssl)(`a Temporal server that wants mutual TLS${WITHOUT_OPENSSL}`, { concurrent: true }, () => {
  let server: TestServer;
  let certificates: Certificates;
  let front: Front;
  beforeAll(async () => {
    quiet();
    server = await sharedTemporal();
    certificates = new Certificates();
    front = await certificateFront(certificates, server.address);
  });
  afterAll(async () => {
    await front.close();
    certificates.remove();
    await server.close();
  });

  const authority = () => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.authority.cert });
  const as = ({ cert, key }: { cert: string; key: string }) => ({
    ...authority(),
    TEMPORAL_TLS_CLIENT_CERT_PATH: cert,
    TEMPORAL_TLS_CLIENT_KEY_PATH: key,
  });

  /** Client and worker are to say it alike, though two libraries speak TLS for them. */
  async function bothSay(variables: Record<string, string>, said: string, address = front.address): Promise<void> {
    const sentence = `SettingError: The Temporal server at ${address} cannot be used (${said}, then start again.`;
    expect(await saidOf(address, variables)).toEqual({ client: sentence, worker: sentence });
  }
  const HANGS_UP =
    'it hangs up): check that it is a Temporal server, that TEMPORAL_TLS=true is set where it wants TLS, and that it knows the authority of the client certificate';

  /** A refusal after the handshake (TLS 1.3) may be overtaken by the end of the connection: then only that is seen. */
  async function bothSayOrHearNothing(variables: Record<string, string>, said: string, address = front.address) {
    const sentences = [said, HANGS_UP].map(
      (one) => `SettingError: The Temporal server at ${address} cannot be used (${one}, then start again.`,
    );
    const { client, worker } = await saidOf(address, variables);
    expect(sentences).toContain(client);
    expect(sentences).toContain(worker);
  }

  it('lets the client and the worker in that have a certificate of its authority', () =>
    anEventIsHandled(front.address, as(certificates.client)));

  it('refuses who has none, and it is said which variables bring one', () =>
    bothSayOrHearNothing(
      authority(),
      'it wants a client certificate): set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH',
    ));

  it('refuses who has one of another authority, and says so', async () => {
    const telling = await tellingFront(certificates);
    await bothSayOrHearNothing(
      as(certificates.stranger),
      'it does not take the client certificate): check that TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH are one pair, valid now, and of an authority that it knows',
      telling.address,
    );
    await telling.close();
  });

  it('may hang up on one of another authority without a word', () => bothSay(as(certificates.stranger), HANGS_UP));

  it('is not trusted itself where its authority is not known', () =>
    bothSay(
      { TEMPORAL_TLS: 'true' },
      "its certificate is of an authority that is not known here): set TEMPORAL_TLS_SERVER_CA_CERT_PATH to that authority's certificate",
    ));

  it('is not trusted where its certificate is for another name', () =>
    bothSay(
      { ...as(certificates.client), TEMPORAL_TLS_SERVER_NAME: 'elsewhere.example' },
      'its certificate is for another name): set TEMPORAL_TLS_SERVER_NAME to the name in it',
    ));

  it('hangs up on who speaks no TLS', () => bothSay({}, HANGS_UP));

  it('is told apart from one that speaks none', () =>
    bothSay(
      authority(),
      'it speaks no TLS): unset TEMPORAL_TLS and TEMPORAL_TLS_*, or set TEMPORAL_TLS=false',
      server.address,
    ));

  it('is not asked where a file of a certificate is not there, and the file is named', async () => {
    await expect(saidOf(front.address, as({ ...certificates.client, key: '/nowhere/of.key' }))).rejects.toThrow(
      /ENOENT.*\/nowhere\/of\.key/,
    );
  });
});
