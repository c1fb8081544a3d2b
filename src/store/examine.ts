import pg from 'pg';
import { MIGRATIONS } from './migrations/list.js';
import { unavailable } from './unavailable.js';

/** Real ms; whoever looks after a store that hangs wants to be told so. */
const WITHIN_MS = 5_000;
const DELIVERIES = 50;
const DAY_MS = 86_400_000;

/** What can be told of a store by looking at it; instants are real epoch ms. */
export interface StoreExamination {
  /** `server_version_num`. */
  readonly version: number;
  readonly writable: boolean;
  readonly migrations: { readonly missing: readonly string[]; readonly unknown: readonly string[] };
  /** Null where the tables of this version are not all there. */
  readonly archive: ArchiveExamination | null;
}

export interface ArchiveExamination {
  readonly deliveries: readonly { readonly source: string; readonly signedAt: number; readonly receivedAt: number }[];
  readonly rejections: Readonly<Record<string, number>>;
  readonly pending: number;
  readonly oldestPendingAt: number | null;
  readonly lastReceivedAt: number | null;
  readonly orgs: readonly { readonly source: string; readonly orgs: readonly string[] }[];
  readonly inForce: { readonly hash: string; readonly source: string; readonly publishedAt: number } | null;
  readonly namespaceId: string | null;
}

/** Looks at a store and changes nothing, whether or not a server runs on it. Throws `StoreUnavailable`. */
export async function examineStore(url: string, now: number): Promise<StoreExamination> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'slipway doctor',
    connectionTimeoutMillis: WITHIN_MS,
    statement_timeout: WITHIN_MS,
    query_timeout: WITHIN_MS,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return await look(client, now);
  } catch (error) {
    throw unavailable(error);
  } finally {
    await client.end().catch(() => {});
  }
}

async function look(client: pg.Client, now: number): Promise<StoreExamination> {
  const [server] = await rows<{ version: number; writable: boolean; migrated: boolean }>(
    client,
    `select current_setting('server_version_num')::int as version,
            current_setting('transaction_read_only') = 'off' as writable,
            to_regclass('kysely_migration') is not null as migrated`,
  );
  const taken = server?.migrated
    ? await rows<{ name: string }>(client, 'select name from kysely_migration order by name')
    : [];
  const names = new Set(taken.map(({ name }) => name));
  const missing = Object.keys(MIGRATIONS).filter((name) => !names.has(name));
  return {
    version: server?.version ?? 0,
    writable: server?.writable ?? false,
    migrations: { missing, unknown: [...names].filter((name) => !(name in MIGRATIONS)) },
    archive: missing.length === 0 ? await archive(client, now) : null,
  };
}

async function archive(client: pg.Client, now: number): Promise<ArchiveExamination> {
  const deliveries = await rows<{ source: string; headers: Record<string, string>; received: string }>(
    client,
    'select source, headers, received_real_ms as received from inbox order by seq desc limit $1',
    [DELIVERIES],
  );
  const rejections = await rows<{ reason: string; count: number }>(
    client,
    'select reason, count(*)::int as count from rejections where at_real_ms > $1 group by reason',
    [now - DAY_MS],
  );
  const [queue] = await rows<{ pending: number; oldest: string | null }>(
    client,
    `select count(*)::int as pending, min(inbox.received_real_ms) as oldest
       from dispatch join inbox using (seq) where dispatch.state = 'pending'`,
  );
  const orgs = await rows<{ source: string; orgs: string[] }>(
    client,
    'select source, array_agg(org order by first_seen_real_ms) as orgs from source_orgs group by source order by source',
  );
  const [inForce] = await rows<{ hash: string; source: string; at: string }>(
    client,
    `select policies.hash, policies.source, publications.published_real_ms as at
       from publications join policies using (hash) order by publications.seq desc limit 1`,
  );
  const [namespace] = await rows<{ value: unknown }>(client, `select value from meta where key = 'temporal_namespace'`);
  return {
    deliveries: deliveries.flatMap(({ source, headers, received }) => {
      const signedAt = Number(headers['svix-timestamp'] ?? headers['webhook-timestamp']) * 1000;
      return Number.isFinite(signedAt) ? [{ source, signedAt, receivedAt: Number(received) }] : [];
    }),
    rejections: Object.fromEntries(rejections.map(({ reason, count }) => [reason, count])),
    pending: queue?.pending ?? 0,
    oldestPendingAt: queue?.oldest == null ? null : Number(queue.oldest),
    lastReceivedAt: deliveries[0] ? Number(deliveries[0].received) : null,
    orgs,
    inForce: inForce ? { hash: inForce.hash, source: inForce.source, publishedAt: Number(inForce.at) } : null,
    namespaceId: typeof namespace?.value === 'string' ? namespace.value : null,
  };
}

async function rows<Row extends object>(
  client: pg.Client,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  return (await client.query<Row>(text, [...values])).rows;
}
