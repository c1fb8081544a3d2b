import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it came. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Answer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** Takes the whole request and never answers. */
  | 'hang'
  /** Takes the whole request and breaks the connection. */
  | 'drop';

/**
 * A real HTTP receiver that speaks only as told: a request that no answer was prepared for, or an answer that nobody
 * came for, fails `verify`.
 */
export interface Receiver {
  readonly url: string;
  readonly got: readonly Received[];
  readonly connections: () => number;
  expects(...answers: Answer[]): void;
  verify(): void;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const got: Received[] = [];
  const answers: Answer[] = [];
  const surprises: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      got.push({ path: request.url ?? '', headers: request.headers, body });
      const answer = answers.shift();
      if (!answer) surprises.push(`${request.method} ${request.url}`);
      speak(response, answer ?? { status: 500 });
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got,
    connections: () => connections,
    expects: (...more) => answers.push(...more),
    verify: () => {
      if (surprises.length > 0) throw new Error(`nobody expected ${surprises.join(', ')}`);
      if (answers.length > 0) throw new Error(`${answers.length} expected requests never came`);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function speak(response: ServerResponse, answer: Answer): void {
  if (answer === 'hang') return;
  if (answer === 'drop') response.socket?.destroy();
  else response.writeHead(answer.status, answer.headers).end(answer.body);
}
