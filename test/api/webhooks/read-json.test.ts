import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { connect } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { readJson } from '../../../src/api/webhooks/read-json.js';

let server: Server | undefined;

afterEach(() => server?.close());

/** What the body was read as, or refused with. */
async function opened() {
  const heard: unknown[] = [];
  const app = express();
  app.post('/', readJson(1_000), (request, response) => {
    heard.push(request.body);
    response.end();
  });
  const refused: ErrorRequestHandler = (error, _request, response, _next) => {
    heard.push(error.code);
    response.end();
  };
  app.use(refused);
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  return { heard, socket };
}

const post = (length: number, body: string) =>
  `POST / HTTP/1.1\r\nhost: it\r\ncontent-length: ${length}\r\n\r\n${body}`;

describe('the body of a message', () => {
  it('is refused where its sender hung up in the middle of it', async () => {
    const { heard, socket } = await opened();

    socket.write(post(100, '{"eventType":'), () => socket.destroy());

    await expect.poll(() => heard).toEqual(['MalformedRequest']);
  });

  it('is read where its sender hung up right behind it', async () => {
    const { heard, socket } = await opened();

    socket.write(post(2, '{}'), () => socket.destroy());

    await expect.poll(() => heard).toEqual([{}]);
  });
});
