import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Rejection } from '../../src/contracts/inbox.js';
import { type LogFields, SILENT } from '../../src/contracts/observer.js';
import { type Connections, openConnections } from '../../src/store/connections.js';
import { StoredRejections } from '../../src/store/rejections.js';
import { POSTGRES_VERSIONS, TestPostgres } from '../support/postgres.js';
import { MONDAY_9AM } from './arrivals.js';

/** More than a `bigint` holds, as Node reads it from a header. */
const BEYOND = 2 ** 64;

const rejection = (deliveryId: string, change: Partial<Rejection> = {}): Rejection => ({
  source: 'pivotal',
  reason: 'too_large',
  message: 'Over 1 byte.',
  at: MONDAY_9AM,
  deliveryId,
  remote: '192.0.2.1',
  bytes: 100,
  ...change,
});
/** What no column takes: an instant between two milliseconds. */
const refused = (deliveryId: string) => rejection(deliveryId, { at: 0.5 });

describe.each(POSTGRES_VERSIONS)('rejections on the %s PostgreSQL', (version) => {
  let postgres: TestPostgres;
  let url: string;
  let connections: Connections;
  let rejections: StoredRejections;
  let warnings: { message: string; fields: LogFields | undefined }[];

  beforeAll(async () => {
    postgres = await TestPostgres.start(version);
    url = await postgres.database();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    await postgres.clear(url);
    warnings = [];
    connections = openConnections(url, SILENT);
    rejections = new StoredRejections(connections.relaxed, {
      ...SILENT,
      log: (_level, message, fields) => warnings.push({ message, fields }),
    });
  });
  afterEach(() => connections.close());

  const listed = async () =>
    (await rejections.rejections({ limit: 10 })).data.map(({ deliveryId, bytes }) => [deliveryId, bytes]);

  it('are listed where more bytes are declared than can be counted', async () => {
    rejections.record(rejection('msg_1', { bytes: BEYOND }));
    await rejections.flush();

    expect(await listed()).toEqual([['msg_1', Number.MAX_SAFE_INTEGER]]);
    expect(warnings).toEqual([]);
  });

  it('are listed without the one that PostgreSQL refuses, which is told and keeps nothing back', async () => {
    for (const one of [rejection('msg_1'), refused('msg_2'), rejection('msg_3')]) rejections.record(one);
    await rejections.flush();
    rejections.record(rejection('msg_4'));
    await rejections.flush();

    expect(await listed()).toEqual([
      ['msg_4', 100],
      ['msg_3', 100],
      ['msg_1', 100],
    ]);
    expect(warnings).toEqual([
      { message: 'A rejection cannot be listed.', fields: { of: 'too_large', error: 'SQLSTATE 22P02' } },
    ]);
  });

  it('are kept while the store is away, and listed once it is back', async () => {
    await postgres.down();
    rejections.record(rejection('msg_1'));
    rejections.record(refused('msg_2'));
    await rejections.flush();
    await postgres.up();
    rejections.record(rejection('msg_3'));
    await rejections.flush();

    expect(warnings[0]).toMatchObject({ message: 'Rejections could not be written yet.', fields: { waiting: 2 } });
    expect(await listed()).toEqual([
      ['msg_3', 100],
      ['msg_1', 100],
    ]);
  });

  it('are kept from where on the store goes away while they are written one by one', async () => {
    const going = openConnections(url, SILENT);
    const waiting: unknown[] = [];
    const written = new StoredRejections(going.relaxed, {
      ...SILENT,
      log: (_level, _message, fields) => {
        if (waiting.push(fields?.['waiting']) === 1) void going.close();
      },
    });

    for (const one of [rejection('msg_1'), refused('msg_2'), rejection('msg_3'), rejection('msg_4')]) {
      written.record(one);
    }
    await written.flush();

    expect(waiting).toEqual([undefined, 2]);
    expect(await listed()).toEqual([['msg_1', 100]]);
  });
});
