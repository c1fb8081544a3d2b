import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/contracts/gateway.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { lookAtTemporal } from '../../src/main/doctor-servers.js';
import { readSettings } from '../../src/main/settings.js';
import { createGateway } from '../../src/temporal/gateway.js';
import { newKey } from '../support/onboarding-fixture.js';
import { NAMESPACE, quiet, sharedTemporal, type TestServer } from '../support/temporal.js';
import { Certificates, hasOpenssl, WITHOUT_OPENSSL } from './certificates.js';
import { keyFront } from './fronts.js';
import { anEventIsHandled, linkTo, saidOf } from './through-a-front.js';

const KEY = 'canary-key-of-temporal';

describe.skipIf(!hasOpenssl)(`a Temporal server that wants an API key${WITHOUT_OPENSSL}`, () => {
  let server: TestServer;
  let certificates: Certificates;
  beforeAll(async () => {
    quiet();
    server = await sharedTemporal();
    certificates = new Certificates();
  });
  afterAll(async () => {
    certificates.remove();
    await server.close();
  });
  const withKey = (key: string) => ({
    TEMPORAL_API_KEY: key,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.authority.cert,
  });

  it('gets it over TLS with every call of client and worker, and with it the namespace', async () => {
    const front = await keyFront(certificates, server.address, KEY);

    await anEventIsHandled(front.address, withKey(KEY));

    for (const method of ['SignalWithStartWorkflowExecution', 'PollWorkflowTaskQueue', 'PollActivityTaskQueue'])
      expect([method, front.heard.get(method)?.[0]?.['temporal-namespace']]).toEqual([method, NAMESPACE]);
    for (const headers of [...front.heard.values()].flat()) expect(headers.authorization).toBe(`Bearer ${KEY}`);
    await front.close();
  });

  it.each([
    ['not known', '16'],
    ['for another namespace', '7'],
  ])('refuses one that is %s, which is said without it', async (_, status) => {
    const front = await keyFront(certificates, server.address, 'another key', status);

    const said = await saidOf(front.address, withKey(KEY));

    const sentence = `SettingError: The Temporal server at ${front.address} cannot be used (it refuses who asks): check that TEMPORAL_API_KEY or the client certificate is valid and may use the namespace of TEMPORAL_NAMESPACE, then start again.`;
    expect(said).toEqual({ client: sentence, worker: sentence });
    const variables = { TEMPORAL_ADDRESS: front.address, ...withKey(KEY) };
    expect(await lookAtTemporal(readSettings(variables), variables)).toEqual({
      unseen: `Temporal at ${front.address} does not answer (it refuses who asks).`,
      expected: false,
    });
    await front.close();
  });

  it('that is withdrawn while Slipway runs is not told either', async () => {
    const front = await keyFront(certificates, server.address, 'another key');
    const link = linkTo(front.address, withKey(KEY));
    const gateway = createGateway({ client: link.client, taskQueue: 'none', clock: REAL_CLOCK });

    const failure: unknown = await gateway.view(newKey()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GatewayError);
    for (const said of [String(failure), JSON.stringify(await gateway.health())]) {
      expect(said).toContain('it refuses who asks');
      expect(said).not.toContain(KEY);
    }
    await link.close();
    await front.close();
  });
});
