import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';

const LOADER = join(import.meta.dirname, '../../support/typescript-loader.mjs');
const SCRIPT = join(import.meta.dirname, 'edge-child.ts');

export type EdgeOrder = { readonly ask: 'look' } | { readonly ask: 'secrets'; readonly secrets: string };

/** What the edge process says of itself. */
export interface EdgeLook {
  readonly port: number;
  /** Rows handed to a dispatcher, of which there is none: what would go to Temporal. */
  readonly offered: number;
  /** Errors that were logged, and whatever nobody caught. */
  readonly faults: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly rssBytes: number;
  /** Something was written on the prototype of every object. */
  readonly isPolluted: boolean;
}

/** An edge of its own process on a database: killed with the test that began it. */
export class EdgeProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  static async start(databaseUrl: string, secrets: string): Promise<EdgeProcess> {
    const child = fork(SCRIPT, [databaseUrl, randomUUID()], { execArgv: ['--import', LOADER], stdio: 'inherit' });
    const [first] = (await once(child, 'message')) as [EdgeLook];
    const edge = new EdgeProcess(child, first.port);
    await edge.trust(secrets);
    return edge;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/webhooks/pivotal`;
  }

  /** Its active secrets from now on, as `PIVOTAL_WEBHOOK_SECRET` holds them; resolves once they are in force. */
  async trust(secrets: string): Promise<void> {
    await this.#order({ ask: 'secrets', secrets });
  }

  look(): Promise<EdgeLook> {
    return this.#order({ ask: 'look' });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  async #order(order: EdgeOrder): Promise<EdgeLook> {
    const answer = once(this.child, 'message') as Promise<[EdgeLook]>;
    this.child.send(order);
    return (await answer)[0];
  }
}
