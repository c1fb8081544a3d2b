import type { AddressInfo } from 'node:net';
import http from 'node:http';
import type { ApiDeps } from '../../src/api/deps.js';
import { createApi } from '../../src/api/app.js';

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** As loose as `JSON.parse`: tests look into it, and fail where it is another. */
  readonly json: ReturnType<typeof JSON.parse>;
}

export interface Served {
  readonly url: string;
  /** Sends exactly these headers, `Host` included, which `fetch` would not. */
  request(method: string, path: string, options?: { headers?: Record<string, string>; body?: string }): Promise<Answer>;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

/** The real application on a real port. */
export async function serve(deps: ApiDeps): Promise<Served> {
  const server = http.createServer(createApi(deps));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const request: Served['request'] = (method, path, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const length: Record<string, string> =
        body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const sent = http.request(
        { port, host: '127.0.0.1', method, path, headers: { ...length, ...headers }, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => resolve(answer(response, Buffer.concat(chunks).toString('utf8'))));
        },
      );
      sent.on('error', reject).end(body);
    });
  return {
    url: `http://127.0.0.1:${port}`,
    request,
    get: (path) => request('GET', path),
    post: (path, body, headers = {}) =>
      request('POST', path, {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: http.IncomingMessage, text: string): Answer {
  const isJson = response.headers['content-type']?.startsWith('application/json') ?? false;
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}
