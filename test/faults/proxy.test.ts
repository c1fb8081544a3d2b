import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Dice } from '../../src/simulator/dice.js';
import { until } from '../start/slipway-process.js';
import { keepablePorts } from './free-ports.js';
import { Proxy } from './proxy.js';

/** A server that says each line back, and knows what it was told. */
class Echo {
  readonly heard: string[] = [];
  readonly server = net.createServer((socket) => {
    socket.setEncoding('utf8').on('error', () => {});
    socket.on('data', (text: string) => {
      this.heard.push(text);
      socket.write(`${text}!`);
    });
  });

  async listen(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }
}

/** One connection through the proxy, with what came back and how it ended. */
class Line {
  text = '';
  ended: string | undefined;
  readonly #socket: net.Socket;

  constructor(port: number) {
    this.#socket = net.connect({ port, host: '127.0.0.1' });
    this.#socket.setEncoding('utf8').on('data', (text: string) => (this.text += text));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => (this.ended = error.code));
    this.#socket.on('close', () => (this.ended ??= 'closed'));
  }

  say(text: string): void {
    this.#socket.write(text);
  }

  async answers(text: string): Promise<void> {
    await until(() => this.text.endsWith(text), `the answer ${text} arrives`, 10_000);
  }

  async ends(): Promise<string | undefined> {
    await until(() => this.ended !== undefined, 'the connection ends', 10_000);
    return this.ended;
  }

  hangUp(): void {
    this.#socket.destroy();
  }
}

describe('a proxy', () => {
  let echo: Echo;
  let proxy: Proxy;
  let lines: Line[];
  const call = () => {
    const line = new Line(proxy.port);
    lines.push(line);
    return line;
  };
  const connected = async () => {
    const line = call();
    line.say('hello');
    await line.answers('hello!');
    return line;
  };
  beforeEach(async () => {
    echo = new Echo();
    lines = [];
    const [port] = (await keepablePorts(1)) as [number];
    proxy = await Proxy.start({ port, upstream: await echo.listen(), dice: new Dice(1) });
  });
  afterEach(async () => {
    for (const line of lines) line.hangUp();
    await proxy.close();
    echo.server.close();
  });

  it('passes everything on until it is told otherwise, and again afterwards', async () => {
    const line = await connected();

    await proxy.set({ kind: 'delay', ms: 60 });
    const from = performance.now();
    line.say('slow');
    await line.answers('slow!');
    expect(performance.now() - from).toBeGreaterThanOrEqual(100);

    line.say('one,');
    await new Promise((wake) => setTimeout(wake, 20));
    await proxy.set({ kind: 'pass' });
    line.say('two,');
    await until(() => echo.heard.join('').endsWith('one,two,'), 'what was delayed is not overtaken', 10_000);
  });

  it('swallows in a black hole what either side says, and tells nobody until it is over', async () => {
    const line = await connected();
    await proxy.set({ kind: 'drop' });

    line.say('lost');
    const late = call();
    late.say('lost too');
    await new Promise((wake) => setTimeout(wake, 100));
    expect([echo.heard, line.ended, late.ended]).toEqual([['hello'], undefined, undefined]);

    await proxy.set({ kind: 'pass' });
    expect(await line.ends()).toBe('ECONNRESET');
    await connected();
  });

  it('refuses, with a reset to those who were connected, and listens on the same port again', async () => {
    const line = await connected();

    await proxy.set({ kind: 'refuse' });

    expect(await line.ends()).toBe('ECONNRESET');
    expect(await call().ends()).toBe('ECONNREFUSED');
    await proxy.set({ kind: 'pass' });
    await connected();
  });

  it('resets what is connected and what connects', async () => {
    const line = await connected();

    await proxy.set({ kind: 'reset' });

    expect(await line.ends()).toBe('ECONNRESET');
    const late = call();
    late.say('hello');
    expect(['ECONNRESET', 'EPIPE', 'closed']).toContain(await late.ends());
    expect(echo.heard).toEqual(['hello']);
  });

  it('leaves a half-open connection silent, and lets new ones through', async () => {
    const line = await connected();

    await proxy.set({ kind: 'half_open' });
    line.say('anybody there?');
    await connected();

    expect([line.text, line.ended]).toEqual(['hello!', undefined]);
    expect(echo.heard).toEqual(['hello', 'hello']);
  });

  it('loses the answer to what holds the given bytes, after it was done, and no other', async () => {
    await proxy.set({ kind: 'lose_replies', chance: 0, of: 'order 7', afterwards: 'reset' });
    const other = await connected();
    const line = await connected();

    line.say('take order 7 please');

    expect(await line.ends()).toBe('ECONNRESET');
    expect(line.text).toBe('hello!');
    expect(echo.heard).toContain('take order 7 please');
    other.say('and me');
    await other.answers('and me!');
    expect(proxy.counts.repliesLost).toBe(1);
  });

  it('loses answers at random as the dice have it', async () => {
    const throws = new Dice(1);
    const wanted = Array.from({ length: 8 }, () => throws.chance(0.4));
    await proxy.set({ kind: 'lose_replies', chance: 0.4, afterwards: 'reset' });

    const lost: boolean[] = [];
    for (let nth = 0; nth < wanted.length; nth++) {
      const line = call();
      line.say('x');
      await until(() => line.text === 'x!' || line.ended !== undefined, 'it is answered or cut', 10_000);
      lost.push(line.text === '');
    }

    expect(lost).toEqual(wanted);
    expect(echo.heard).toHaveLength(wanted.length);
  });

  it('keeps a connection whose answer was lost silent for as long as it is asked to', async () => {
    const line = await connected();
    await proxy.set({ kind: 'lose_replies', chance: 1, afterwards: 'silence' });

    line.say('taken');
    await until(() => echo.heard.includes('taken'), 'it was taken', 10_000);
    await new Promise((wake) => setTimeout(wake, 400));
    expect([line.text, line.ended]).toEqual(['hello!', undefined]);

    await proxy.set({ kind: 'pass' });
    expect(await line.ends()).toBe('ECONNRESET');
  });

  it('leads elsewhere when it is diverted', async () => {
    const line = await connected();
    const second = new Echo();

    proxy.divert(await second.listen());

    expect(await line.ends()).toBe('ECONNRESET');
    await connected();
    expect(second.heard).toEqual(['hello']);
    second.server.close();
  });
});
