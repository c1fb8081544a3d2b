import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Escalation, Onboarding } from '../contracts/api.js';
import { parseSecrets, type Secret } from '../signature/secret.js';
import { verify } from '../signature/verify.js';

/** A message of Slipway's `webhook` channel. */
export interface Heard {
  readonly type: 'escalation.notified' | 'escalation.acknowledged' | 'escalation.snoozed' | 'escalation.resolved';
  /** When it was decided, story time, ISO 8601. */
  readonly timestamp: string;
  readonly data: {
    readonly escalation: Escalation;
    readonly onboarding: Onboarding;
    readonly level: number;
    readonly fallback: boolean;
    readonly recipient: { readonly id: string; readonly name: string };
    readonly channel: string;
    readonly text: string;
  };
}

/** Listens as the people's phones and desks would: what is heard here is what Slipway really sent. */
export interface Receiver {
  readonly url: string;
  readonly refused: number;
  close(): Promise<void>;
}

export interface ReceiverOptions {
  readonly secret: string;
  /** Each message once, however often it is sent. */
  readonly heard: (message: Heard) => void;
}

const TOLERANCE_MS = 300_000;

/** Binds a free port of this machine. */
export async function openReceiver({ secret, heard }: ReceiverOptions): Promise<Receiver> {
  const secrets = parseSecrets(secret);
  const seen = new Set<string>();
  let refused = 0;
  const server = createServer((request, response) => {
    void take(request, secrets).then((taken) => {
      if (!taken) refused++;
      answer(response, taken ? 200 : 401);
      if (!taken || seen.has(taken.id)) return;
      seen.add(taken.id);
      heard(taken.message);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    get refused() {
      return refused;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function take(
  request: IncomingMessage,
  secrets: readonly Secret[],
): Promise<{ id: string; message: Heard } | null> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const verdict = verify({ headers: request.headers, body }, { secrets, now: Date.now(), toleranceMs: TOLERANCE_MS });
    if (!verdict.verified) return null;
    return { id: verdict.deliveryId, message: JSON.parse(body.toString('utf8')) as Heard };
  } catch {
    return null;
  }
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(status === 200 ? '{"received":true}' : '{"received":false}');
}
