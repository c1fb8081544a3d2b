import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { anyFreePort } from '../../src/embedded/free-port.js';
import { eventually } from '../support/temporal.js';
import type { Certificates } from './certificates.js';

/** What stands before a Temporal server and lets in who may. */
export interface Front {
  readonly address: string;
  close(): Promise<void>;
}

/** Speaks TLS with whoever has a certificate of the authority, and passes on what they say, byte by byte. */
export async function certificateFront(certificates: Certificates, server: string): Promise<Front> {
  const open = new Set<net.Socket>();
  const front = tls.createServer(
    {
      ...certificates.ofServer,
      ca: readFileSync(certificates.authority.cert),
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ['h2'],
    },
    (caller) => {
      const { hostname, port } = new URL(`http://${server}`);
      const onward = net.connect(Number(port), hostname);
      caller.on('error', () => onward.destroy());
      onward.on('error', () => caller.destroy());
      caller.pipe(onward).pipe(caller);
    },
  );
  front.on('connection', (socket: net.Socket) => open.add(socket.on('error', () => {})));
  return listening(front, () => open.forEach((socket) => socket.destroy()));
}

/**
 * Refuses certificates of other authorities in the handshake, as a server in Go does; Node's own lets it end and then
 * hangs up. Passes nothing on.
 */
export async function tellingFront({ authority, server }: Certificates): Promise<Front> {
  const port = await anyFreePort();
  const own = ['-accept', String(port), '-cert', server.cert, '-key', server.key, '-alpn', 'h2', '-quiet'];
  const callers = ['-CAfile', authority.cert, '-Verify', '1', '-verify_return_error'];
  const child = spawn('openssl', ['s_server', ...own, ...callers], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await eventually(() => isListening(port));
  return {
    address: `127.0.0.1:${port}`,
    close: async () => {
      child.kill();
      await ended;
    },
  };
}

const isListening = (port: number): Promise<true | undefined> =>
  new Promise((told) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      told(true);
    });
    socket.on('error', () => told(undefined));
  });

export interface KeyFront extends Front {
  /** The headers of every call, by its gRPC method. */
  readonly heard: Map<string, http2.IncomingHttpHeaders[]>;
}

const UNAUTHENTICATED = '16';

/**
 * Lets calls in that bring the key, as Temporal Cloud does, and refuses all others with `status`, saying what it was
 * sent: a careless proxy would.
 */
export async function keyFront(
  certificates: Certificates,
  server: string,
  key: string,
  status = UNAUTHENTICATED,
): Promise<KeyFront> {
  const heard: KeyFront['heard'] = new Map();
  const onward = http2.connect(`http://${server}`).on('error', () => {});
  const open = new Set<http2.ServerHttp2Session>();
  const front = http2.createSecureServer(certificates.ofServer);
  front.on('session', (session) => open.add(session.on('error', () => {})));
  front.on('stream', (call, headers) => {
    call.on('error', () => {});
    const method = String(headers[':path']).split('/').at(-1) ?? '';
    heard.set(method, [...(heard.get(method) ?? []), headers]);
    if (headers.authorization === `Bearer ${key}`) return pass(call, headers, onward);
    const said = { 'grpc-status': status, 'grpc-message': `no access with ${headers.authorization}` };
    call.respond({ ':status': 200, 'content-type': 'application/grpc', ...said }, { endStream: true });
  });
  const { address, close } = await listening(front, () => open.forEach((session) => session.destroy()));
  return {
    address,
    heard,
    close: async () => {
      onward.destroy();
      await close();
    },
  };
}

function pass(
  call: http2.ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
  onward: http2.ClientHttp2Session,
): void {
  const passed = onward.request(Object.fromEntries(Object.entries(headers).filter(([name]) => name !== ':authority')));
  let last: http2.IncomingHttpHeaders = {};
  passed.on('error', () => call.close(http2.constants.NGHTTP2_CANCEL));
  call.on('close', () => passed.close());
  passed.on('response', (answer, flags) => {
    const isAll = (flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    call.respond(answer, { endStream: isAll, waitForTrailers: !isAll });
    if (!isAll) passed.pipe(call);
  });
  passed.on('trailers', (trailers) => (last = trailers));
  call.on('wantTrailers', () => call.sendTrailers(last));
  call.pipe(passed);
}

async function listening(front: net.Server, end: () => void): Promise<Front> {
  await new Promise<void>((ready) => front.listen(0, '127.0.0.1', ready));
  const { port } = front.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    close: () =>
      new Promise((closed) => {
        front.close(() => closed());
        end();
      }),
  };
}
