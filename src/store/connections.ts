import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Observer } from '../contracts/observer.js';
import type { Tables } from './tables.js';
import { endUnanswered, KEEP_ALIVE } from './unanswered.js';

/** How long an arrival may wait for a connection, ms: the sender gives up at 10 s and must hear a 503 before. */
const CONNECT_MS = 2_000;
/** How long the commit of arrivals may take, ms; the server gives up first, so that its connection stays usable. */
const ACCEPT_STATEMENT_MS = 2_500;
const ACCEPT_ANSWER_MS = 3_000;
/** For everything else, ms. */
const STATEMENT_MS = 10_000;
const ANSWER_MS = 12_000;
/**
 * How long an idle connection is kept, ms. Less than `ANSWER_MS`: where a host dies with all its connections, those that
 * are idle are dropped while the first statement still waits, and only what was under way fails.
 */
const IDLE_MS = 10_000;

const INT8 = 20;

/**
 * Four pools, so that nothing starves the accept path: `accepting` for arrivals alone, `intake` for messages to other
 * systems alone, `relaxed` for what may be lost in a crash of the server because it is done again then (what was signalled,
 * leases, heartbeats), `db` for the rest.
 */
export interface Connections {
  readonly db: Kysely<Tables>;
  readonly relaxed: Kysely<Tables>;
  readonly accepting: pg.Pool;
  readonly intake: pg.Pool;
  close(): Promise<void>;
}

export function openConnections(url: string, observer: Observer): Connections {
  const general = openPool(url, observer, { max: 10, ...limits(STATEMENT_MS, ANSWER_MS) });
  const relaxed = openPool(url, observer, { max: 2, ...limits(STATEMENT_MS, ANSWER_MS) });
  relaxed.on('connect', (client) => {
    client.query('set synchronous_commit = off').catch(() => {
      // The connection is gone; whoever took it hears so from its own statement.
    });
  });
  const one = { max: 1, idleTimeoutMillis: 0, ...limits(ACCEPT_STATEMENT_MS, ACCEPT_ANSWER_MS) };
  const accepting = openPool(url, observer, one);
  const intake = openPool(url, observer, one);
  const db = kyselyOver(general);
  const relaxedDb = kyselyOver(relaxed);
  return {
    db,
    relaxed: relaxedDb,
    accepting,
    intake,
    close: async () => {
      await Promise.all([db.destroy(), relaxedDb.destroy(), accepting.end(), intake.end()]);
    },
  };
}

/** A connection of its own without a time limit, for migrations: an index over a large archive takes its time. */
export function openUnlimited(url: string, observer: Observer): Kysely<Tables> {
  return kyselyOver(openPool(url, observer, { max: 2 }));
}

function kyselyOver(pool: pg.Pool): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

function limits(statementMs: number, answerMs: number): pg.PoolConfig {
  return { statement_timeout: statementMs, query_timeout: answerMs };
}

function openPool(url: string, observer: Observer, config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'slipway',
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: IDLE_MS,
    ...KEEP_ALIVE,
    types: { getTypeParser },
    ...config,
  });
  pool.on('connect', (client) => {
    endUnanswered(client);
    // A connection that breaks says so here too, beside failing its statement: unheard, that would end the process.
    client.on('error', () => {});
  });
  pool.on('error', (error) => {
    observer.log('warn', `A connection to the store broke (${error.message}); the next use connects again.`);
  });
  return pool;
}

/** Instants and counts fit a double exactly; `seq` is read as text in the statements themselves. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format);
