import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Dice } from '../../src/simulator/dice.js';

/** What a proxy does to the connections that run through it, until it is told something else. */
export type ProxyMode =
  | { readonly kind: 'pass' }
  /** Every piece arrives this much later, in order, both ways. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** A black hole: connections are accepted and nothing comes through, either way; nobody is told. */
  | { readonly kind: 'drop' }
  /** Nobody listens: what was connected is reset, and a new connection is refused. */
  | { readonly kind: 'refuse' }
  /** Somebody listens and resets every connection, the old ones and the new. */
  | { readonly kind: 'reset' }
  /** The far side of the connections there were is gone, and they do not hear of it; new ones pass. */
  | { readonly kind: 'half_open' }
  /**
   * What the client asks arrives, and the answer is lost. With `of` it is the answer to whatever holds these bytes; else
   * it strikes each piece of an answer with this chance. Then the connection is reset, or left silent until this ends.
   */
  | {
      readonly kind: 'lose_replies';
      readonly chance: number;
      readonly of?: string;
      readonly afterwards: 'reset' | 'silence';
    };

export interface ProxyCounts {
  connections: number;
  /** Pieces of questions that went into a black hole. */
  swallowed: number;
  /** Connections of which an answer was swallowed. */
  repliesLost: number;
}

/** How long a connection lives on after its answer was lost, ms: what was asked is done by then. */
const LIVES_ON_MS = 250;
const HOST = '127.0.0.1';

/** A TCP proxy before one server, to be put into any trouble a network can be in, at run time. */
export class Proxy {
  readonly counts: ProxyCounts = { connections: 0, swallowed: 0, repliesLost: 0 };
  readonly #pairs = new Set<Pair>();
  #mode: ProxyMode = { kind: 'pass' };
  #listener: net.Server | undefined;
  #changing = Promise.resolve();

  private constructor(
    readonly port: number,
    private upstream: number,
    readonly dice: Dice,
  ) {}

  /** Listens on `port` of 127.0.0.1 and leads to `upstream` there. The dice alone decide what is struck. */
  static async start(options: { port: number; upstream: number; dice: Dice }): Promise<Proxy> {
    const proxy = new Proxy(options.port, options.upstream, options.dice);
    await proxy.#open();
    return proxy;
  }

  get mode(): ProxyMode {
    return this.#mode;
  }

  /** Holds for connections there are and new ones, once it resolves. One change at a time, in the order asked. */
  set(mode: ProxyMode): Promise<void> {
    this.#changing = this.#changing.then(() => this.#become(mode));
    return this.#changing;
  }

  /** Leads to another port from now on; what was connected is reset, so that it comes again. */
  divert(upstream: number): void {
    this.upstream = upstream;
    this.#resetAll();
  }

  async close(): Promise<void> {
    await this.#changing;
    this.#resetAll();
    await this.#shut();
  }

  /** Decides about one piece of an answer. */
  loses(asked: boolean): boolean {
    if (this.#mode.kind !== 'lose_replies') return false;
    const struck = this.#mode.of === undefined ? this.dice.chance(this.#mode.chance) : asked;
    if (struck) this.counts.repliesLost++;
    return struck;
  }

  async #become(mode: ProxyMode): Promise<void> {
    const before = this.#mode.kind;
    this.#mode = mode;
    if (mode.kind === 'refuse') await this.#shut();
    else if (before === 'refuse') await this.#open();
    if (mode.kind === 'refuse' || mode.kind === 'reset') this.#resetAll();
    if (mode.kind === 'half_open') for (const pair of this.#pairs) pair.loseFarSide();
    // What ran into a black hole never comes out of it: a real one has timed out on one of its sides.
    if (before === 'drop' || before === 'lose_replies') for (const pair of this.#pairs) if (pair.isLost) pair.reset();
  }

  async #open(): Promise<void> {
    const listener = net.createServer({ noDelay: true }, (client) => this.#connected(client));
    listener.listen({ port: this.port, host: HOST, exclusive: true });
    await once(listener, 'listening');
    this.#listener = listener;
  }

  async #shut(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    if (!listener) return;
    const closed = once(listener, 'close');
    listener.close();
    this.#resetAll();
    await closed;
  }

  #resetAll(): void {
    for (const pair of this.#pairs) pair.reset();
  }

  #connected(client: net.Socket): void {
    this.counts.connections++;
    const pair = new Pair(client, net.connect({ port: this.upstream, host: HOST, noDelay: true }), this);
    this.#pairs.add(pair);
    client.once('close', () => this.#pairs.delete(pair));
    if (this.#mode.kind === 'reset') pair.reset();
  }
}

/** One connection through the proxy: the client's half and the server's. */
class Pair {
  isLost = false;
  #asked = false;
  readonly #toServer: Lane;
  readonly #toClient: Lane;

  constructor(
    private readonly client: net.Socket,
    private readonly server: net.Socket,
    private readonly proxy: Proxy,
  ) {
    this.#toServer = new Lane(server);
    this.#toClient = new Lane(client);
    client.on('data', (piece: Buffer) => this.#pass(piece, this.#toServer, true));
    server.on('data', (piece: Buffer) => this.#pass(piece, this.#toClient, false));
    client.on('end', () => this.#ended(server));
    server.on('end', () => this.#ended(client));
    client.on('error', () => this.reset());
    server.on('error', () => this.#farSideFailed());
    client.on('close', () => server.destroy());
    server.on('close', () => this.#farSideFailed());
  }

  /** The client is told nothing, and nothing it says is heard. */
  loseFarSide(): void {
    this.isLost = true;
    this.server.destroy();
  }

  reset(): void {
    this.client.resetAndDestroy();
    this.server.destroy();
  }

  #pass(piece: Buffer, to: Lane, isQuestion: boolean): void {
    const { mode } = this.proxy;
    if (mode.kind === 'drop') this.#swallow(isQuestion);
    else if (isQuestion)
      this.#asked ||= mode.kind === 'lose_replies' && mode.of !== undefined && piece.includes(mode.of);
    else if (!this.isLost && this.proxy.loses(this.#asked)) this.#loseReply(mode);
    // Once a piece of an answer is missing, what follows it must not be seen either; what is asked still arrives.
    if (this.isLost && !(isQuestion && mode.kind === 'lose_replies')) return;
    to.carry(piece, mode.kind === 'delay' ? mode.ms : 0);
  }

  #swallow(isQuestion: boolean): void {
    this.isLost = true;
    if (isQuestion) this.proxy.counts.swallowed++;
  }

  #loseReply(mode: ProxyMode): void {
    this.isLost = true;
    const isSilent = mode.kind === 'lose_replies' && mode.afterwards === 'silence';
    if (!isSilent) setTimeout(() => this.reset(), LIVES_ON_MS);
  }

  #ended(other: net.Socket): void {
    if (!this.isLost) other.end();
  }

  #farSideFailed(): void {
    if (!this.isLost) this.client.resetAndDestroy();
  }
}

/** One direction: what was delayed is never overtaken, also where the delay ends in between. */
class Lane {
  #delayed = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly to: net.Socket) {}

  carry(piece: Buffer, afterMs: number): void {
    if (afterMs === 0 && this.#delayed === 0) {
      this.to.write(piece);
      return;
    }
    this.#delayed++;
    this.#last = Promise.all([pause(afterMs), this.#last]).then(() => {
      this.#delayed--;
      this.to.write(piece);
    });
  }
}
