import { randomInt } from 'node:crypto';
import { isFree } from '../../src/embedded/free-port.js';

/** Below what Linux gives out to connections that leave: a server that was killed finds its port free again. */
const FIRST = 12_000;
const LAST = 31_000;

/** Ports of 127.0.0.1 that nobody listens on, each another one, and that no outgoing connection is given meanwhile. */
export async function keepablePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}
