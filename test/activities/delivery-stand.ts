import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createDeliverDue } from '../../src/activities/deliver-due.js';
import type { TurnLength } from '../../src/activities/delivery/delivery-turn.js';
import type { DeliverReport } from '../../src/contracts/delivery.js';
import type { EndpointKey } from '../../src/contracts/webhooks.js';
import { RETRY_SCHEDULE } from '../../src/domain/delivery/schedule.js';
import { type Clock, REAL_CLOCK, toVirtual } from '../../src/domain/time/clock.js';
import { createOutbound, type Outbound } from '../../src/outbound/post.js';
import { DeliveryQueueDouble, type Logged, type Row } from '../support/delivery-queue-double.js';
import { ObserverDouble } from './send-doubles.js';

export interface Request {
  /** 1 for the first one the receiver got. */
  readonly number: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The number in the payload of a message that was not given one. */
  readonly n: number;
  readonly at: number;
}

export type Answer =
  | number
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** Takes the whole request and never answers. */
  | 'hang';

/** Real turns against a queue in memory and a real receiver over HTTP. */
export interface DeliveryStand {
  readonly queue: DeliveryQueueDouble;
  readonly observer: ObserverDouble;
  readonly key: EndpointKey;
  readonly url: string;
  readonly got: readonly Request[];
  /** The first request; throws where there is none. */
  readonly first: Request;
  /** How many requests had no answer yet, at the most. */
  readonly mostAtOnce: () => number;
  /** What the receiver says; 204 where nothing is said. */
  answer: (request: Request) => Answer | Promise<Answer>;
  readonly rows: readonly Row[];
  readonly log: readonly Logged[];
  now(): number;
  /** Begins a turn. */
  begin(length?: Partial<TurnLength>): Turn;
  /** A whole turn. */
  deliver(length?: Partial<TurnLength>): Promise<DeliverReport>;
  close(): Promise<void>;
}

export interface Turn {
  readonly report: Promise<DeliverReport>;
  readonly beats: readonly unknown[];
  cancel(): void;
}

/** Long enough for what is on the wire, too short to wait for. */
export const SHORT: TurnLength = { lingerMs: 60, mostMs: 20_000 };

export async function openStand(clock: Clock = REAL_CLOCK): Promise<DeliveryStand> {
  const got: Request[] = [];
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      most = Math.max(most, ++open);
      const body = Buffer.concat(chunks).toString('utf8');
      const { n = 0 } = JSON.parse(body) as { n?: number };
      const seen = { number: got.length + 1, headers: request.headers, body, n, at: Date.now() };
      got.push(seen);
      void Promise.resolve(it_.answer(seen)).then((answer) => {
        if (answer === 'hang') return;
        open -= 1;
        const { status, headers, body: text } = typeof answer === 'number' ? { status: answer } : answer;
        response.writeHead(status, headers).end(text);
      });
    });
  });
  const url = await listening(server);
  const outbound: Outbound = createOutbound({ allowPrivate: true });
  const now = () => toVirtual(clock, Date.now());
  const queue = new DeliveryQueueDouble(now);
  const observer = new ObserverDouble();
  const key = queue.addEndpoint({ url: `${url}/hook` });
  const deps = { queue, outbound, observer, schedule: RETRY_SCHEDULE, random: () => 0 };

  const it_: DeliveryStand = {
    queue,
    observer,
    key,
    url,
    got,
    mostAtOnce: () => most,
    answer: () => 204,
    get first() {
      const [first] = got;
      if (!first) throw new Error('nothing came');
      return first;
    },
    get rows() {
      return [...queue.of(key).rows.values()];
    },
    get log() {
      return queue.of(key).log;
    },
    now,
    begin(length) {
      const environment = new MockActivityEnvironment(
        { heartbeatTimeoutMs: 10_000 },
        { logger: new DefaultLogger('ERROR') },
      );
      const beats: unknown[] = [];
      environment.on('heartbeat', (details: unknown) => beats.push(details));
      const deliverDue = createDeliverDue({ ...deps, length: { ...SHORT, ...length } });
      const report: Promise<DeliverReport> = environment.run(deliverDue, { endpoint: key, clock });
      return { report, beats, cancel: () => environment.cancel() };
    },
    deliver: (length) => it_.begin(length).report,
    async close() {
      await outbound.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return it_;
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
