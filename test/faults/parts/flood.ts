import { connect, type Socket } from 'node:net';

/** What the server said to raw bytes until it closed, or for as long as `patienceMs` lasts. */
export function sayRaw(port: number, words: string | Buffer, patienceMs = 2_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    const end = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(heard);
    };
    const timer = setTimeout(end, patienceMs);
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.on('close', end);
    socket.on('error', end);
    // Not ended: a server may take a half-closed connection for an abandoned request.
    socket.write(words);
  });
}

export const statusesIn = (heard: string): number[] =>
  [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));

/**
 * Writes so many bytes whatever is answered meanwhile, until all are written or the server ends it. Status 0 where there
 * was no answer. Over a bare socket: Node's own client stops writing once it has its answer.
 */
export function upload(
  port: number,
  bytes: number,
  framing: 'chunked' | 'declared',
): Promise<{ readonly status: number; readonly written: number }> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const part = Buffer.alloc(1_000_000, 0x78);
    const header = framing === 'chunked' ? 'transfer-encoding: chunked' : `content-length: ${bytes}`;
    let written = 0;
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve({ status: statusesIn(heard)[0] ?? 0, written }));
    socket.write(`POST /webhooks/pivotal HTTP/1.1\r\nhost: x\r\nconnection: keep-alive\r\n${header}\r\n\r\n`);
    const write = (): void => {
      while (written < bytes && !socket.destroyed) {
        written += part.length;
        if (framing === 'chunked') socket.write(`${part.length.toString(16)}\r\n`);
        socket.write(part);
        const hasRoom = framing === 'declared' || socket.write('\r\n');
        if (!hasRoom || socket.writableNeedDrain) return void socket.once('drain', write);
      }
      socket.end(framing === 'chunked' ? '0\r\n\r\n' : '');
    };
    write();
  });
}

/** A socket that says its words one byte at a time, ever so slowly. */
export interface SlowSocket {
  readonly socket: Socket;
  /** Real ms from the connection to its end. */
  readonly ended: Promise<number>;
}

export async function slowSocket(port: number, words: string, byteEveryMs: number): Promise<SlowSocket> {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const from = performance.now();
  let at = 0;
  const drip = setInterval(() => {
    if (at < words.length) socket.write(words.charAt(at++));
  }, byteEveryMs);
  socket.resume();
  const ended = new Promise<number>((resolve) => {
    socket.on('error', () => {});
    socket.once('close', () => {
      clearInterval(drip);
      resolve(performance.now() - from);
    });
  });
  return { socket, ended };
}
