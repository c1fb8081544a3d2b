import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EndpointKey } from '../../src/contracts/webhooks.js';
import { endpointWarnings } from '../../src/main/endpoint-warnings.js';
import { TestPostgres } from '../support/postgres.js';
import { type PostOffice, postOffice } from '../store/deliveries/post-office.js';

describe('endpoints that somebody should look at', () => {
  let postgres: TestPostgres;
  let url: string;
  let office: PostOffice;
  beforeAll(async () => {
    postgres = await TestPostgres.start();
    url = await postgres.database();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    office = await postOffice(postgres, url);
  });
  afterEach(() => office.store.close());

  const stands = ({ id }: EndpointKey, disabled: string | null, failures: number) =>
    postgres.query(
      url,
      `update endpoints set failures = ${failures}, disabled = ${disabled ? `'${disabled}'` : 'null'} where id = '${id}'`,
    );

  it('are told with their host and what to do, in every application', async () => {
    const [failing, gone, weak] = [await office.endpoint(), await office.endpoint(), await office.endpoint()];
    await stands(failing, 'failing', 100);
    await stands(gone, 'receiver', 0);
    await stands(weak, null, 50);

    const told = await endpointWarnings(office.store.webhooks.endpoints);

    const named = ({ application, id }: EndpointKey) => `Endpoint ${id} of ${application} (hooks.example.com)`;
    expect(told).toEqual([
      `${named(weak)} has had 50 failed deliveries in a row and is disabled at 100: have its receiver looked at.`,
      expect.stringContaining(`${named(gone)} was disabled because its receiver answered that it wants nothing more`),
      expect.stringContaining(`run \`slipway endpoint enable ${failing.id} --app ${failing.application}\``),
    ]);
  });

  it('are none that an operator disabled, or that fail now and then', async () => {
    await stands(await office.endpoint(), 'operator', 70);
    await stands(await office.endpoint(), null, 49);

    expect(await endpointWarnings(office.store.webhooks.endpoints)).toEqual([]);
  });
});
