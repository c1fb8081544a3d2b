import pg from 'pg';
import { endUnanswered, KEEP_ALIVE } from '../unanswered.js';
import { QUEUED_CHANNEL } from './nudge.js';

/** ms. */
const CONNECT_MS = 2_000;
/**
 * As often as a server's heartbeat, ms: whoever only listens sends nothing, so no timeout would ever tell it that its peer
 * is gone, and what is queued meanwhile would be heard by nobody.
 */
const BEAT_MS = 5_000;
/** More than a busy thread takes to read an answer that is there, ms. */
const ANSWER_MS = 3_000;
/** A peer that is there answers a goodbye at once; one that is gone would keep whoever closes waiting for minutes. */
const GOODBYE_MS = 1_000;

export interface Hearing {
  heard(endpointId: string): void;
  /** Once, however it ended. */
  ended(reason: string): void;
}

/** A connection that hears of queued deliveries until it ends; resolves once it hears. */
export async function openEar(url: string, { heard, ended }: Hearing): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'slipway',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    ...KEEP_ALIVE,
  });
  endUnanswered(client);
  let why: Error | undefined;
  const failed = (error: Error) => {
    why ??= error;
  };
  // A connection that breaks says so here; unheard, that would end the process.
  client.on('error', failed);
  client.on('notification', ({ payload }) => heard(payload ?? ''));
  await beginListening(client);
  const beat = setInterval(() => void client.query('select 1').catch(failed), BEAT_MS);
  client.once('end', () => {
    clearInterval(beat);
    ended(why?.message ?? 'closed by the server');
  });
  return client;
}

async function beginListening(client: pg.Client): Promise<void> {
  try {
    await client.connect();
    await client.query(`listen ${QUEUED_CHANNEL}`);
  } catch (error) {
    void hangUp(client);
    throw error;
  }
}

export async function hangUp(client: pg.Client): Promise<void> {
  const patience = setTimeout(() => client.connection.stream.destroy(), GOODBYE_MS);
  await client.end();
  clearTimeout(patience);
}
