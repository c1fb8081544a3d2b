import type pg from 'pg';

/** Four pages' worth, so that the table has to grow: a full disk still takes what fits into the page that was begun. */
const ROWS = 16;
const BODY_BYTES = 1_500;

const INSERT = `
  insert into inbox (source, event_id, body_sha256, delivery_id, secret, received_real_ms, received_virtual_ms, headers, body)
  select '', $1, int4send(nth), '', '', 0, 0, '{}', decode(repeat('00', ${BODY_BYTES}), 'hex')
  from generate_series(1, ${ROWS}) as nth`;

/**
 * Does what a commit of events does, to the disk and back, with rows that the same commit takes away again: nobody ever
 * sees them. Throws what the store says where it could not. What is left open then ends with the connection.
 */
export async function tryWriting(client: pg.ClientBase, serverId: string): Promise<void> {
  // Of this server alone: two that wrote the same row at once would wait for each other.
  const id = `tried by ${serverId}`;
  await client.query('begin');
  await client.query(INSERT, [id]);
  await client.query(`delete from inbox where event_id = $1 and source = ''`, [id]);
  await client.query('commit');
}
