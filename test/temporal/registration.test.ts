import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/contracts/gateway.js';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.js';
import { connectTemporal, temporalSettings } from '../../src/temporal/connection.js';
import { createGateway } from '../../src/temporal/gateway.js';
import { ensureNamespace } from '../../src/temporal/namespace.js';
import { registerSearchAttributes } from '../../src/temporal/search-attributes.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { newKey } from '../support/onboarding-fixture.js';
import { sharedTemporal, type TestServer } from '../support/temporal.js';

describe('what Slipway needs of a Temporal server', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await sharedTemporal();
  });
  afterAll(() => server.close());

  it('is made where it is missing, and left as it is the second time', async () => {
    const name = `made-${randomUUID().slice(0, 8)}`;

    expect(await ensureNamespace(server.connection, name, 90)).toEqual({ created: true, retentionDays: 90 });
    const names = await registerSearchAttributes(server.connection, name);

    expect([...names].sort()).toEqual(
      Object.values(SEARCH_ATTRIBUTES)
        .map((key) => key.name)
        .sort(),
    );
    expect(await ensureNamespace(server.connection, name, 90)).toEqual({ created: false, retentionDays: 90 });
    expect(await registerSearchAttributes(server.connection, name)).toEqual([]);
  });

  it('raises a retention that is too short and never lowers a longer one', async () => {
    const name = `kept-${randomUUID().slice(0, 8)}`;
    await ensureNamespace(server.connection, name, 30);

    expect(await ensureNamespace(server.connection, name, 90)).toEqual({ created: false, retentionDays: 90 });
    expect(await ensureNamespace(server.connection, name, 10)).toEqual({ created: false, retentionDays: 90 });
  });

  it('fits the columns a namespace on SQL has, without a name or an address among them', () => {
    const types = Object.values(SEARCH_ATTRIBUTES).map((key) => key.type);
    const count = (type: string) => types.filter((one) => one === type).length;

    expect(count('KEYWORD')).toBeLessThanOrEqual(10);
    for (const type of new Set(types)) if (type !== 'KEYWORD') expect(count(type)).toBeLessThanOrEqual(3);
    for (const { name } of Object.values(SEARCH_ATTRIBUTES)) expect(name).toMatch(/^Onb[A-Z]/);
  });

  it('is known by its own id while it can be reached', async () => {
    const gateway = createGateway({ client: server.client, taskQueue: 'none', clock: REAL_CLOCK });

    expect(await gateway.health()).toMatchObject({ reachable: true, clusterId: expect.stringMatching(/.+/) });
    expect(await gateway.view(newKey())).toBeUndefined();
  });
});

describe('Temporal Cloud', () => {
  /** Somebody else's service: what it answers the operator's calls with. */
  const cloud = (answers: { list: () => Promise<object>; add?: () => Promise<object> }) =>
    ({ operatorService: { listSearchAttributes: answers.list, addSearchAttributes: answers.add } }) as never;
  const refused = () => {
    const details = 'Request unauthorized.';
    return Promise.reject(Object.assign(new Error(details), { code: 7, details, metadata: {} }));
  };

  it('is taken to know the search attributes where it does not let us look', async () => {
    expect(await registerSearchAttributes(cloud({ list: refused }), 'slipway.a1b2c')).toEqual([]);
  });

  it('has what is missing named, to be added by hand, where it lets us look and not add', async () => {
    const looking = cloud({ list: async () => ({ customAttributes: {} }), add: refused });
    await expect(registerSearchAttributes(looking, 'slipway.a1b2c')).rejects.toThrow(/by hand: OnbWorkspace=Keyword/);
  });
});

describe('a Temporal server that is away', () => {
  it('fails every call within its limit, and says so in words', { timeout: 30_000 }, async () => {
    const { client, close } = connectTemporal({ options: { address: '127.0.0.1:1' }, namespace: 'none' });
    const gateway = createGateway({ client, taskQueue: 'none', clock: REAL_CLOCK });
    const begun = Date.now();

    expect(await gateway.health()).toMatchObject({ reachable: false });
    expect(Date.now() - begun).toBeLessThan(2_000);
    const error = await gateway.view(newKey()).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(GatewayError);
    expect(Date.now() - begun).toBeLessThan(9_000);
    await close();
  });
});

describe('the settings of a connection', () => {
  const fallback = { address: '127.0.0.1:7233', namespace: 'slipway' };

  it('come from the standard variables, else from what is given', () => {
    expect(temporalSettings({}, fallback)).toEqual({ options: { address: '127.0.0.1:7233' }, namespace: 'slipway' });
    const cloud = temporalSettings(
      { TEMPORAL_ADDRESS: 'eu.tmprl.example:7233', TEMPORAL_NAMESPACE: 'ns', TEMPORAL_API_KEY: 'key' },
      fallback,
    );
    expect(cloud.namespace).toBe('ns');
    expect(cloud.options).toMatchObject({ address: 'eu.tmprl.example:7233', apiKey: 'key', tls: true });
  });
});
