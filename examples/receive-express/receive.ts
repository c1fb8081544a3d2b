/**
 * Receives webhooks of Pivotal, or of Slipway itself. In this order: verify the bytes, keep the event, answer, then work.
 * Whatever goes wrong before the answer is a 401 or a 5xx, which the sender tries again; after it, the event is ours.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Webhook, WebhookVerificationError } from 'svix';

interface Event {
  /** The same on every repeat: the sender may deliver an event more than once. */
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

const { WEBHOOK_SECRET: secret = '', INBOX_FILE: file = 'inbox.jsonl', PORT: port = '3000' } = process.env;
if (!secret) throw new Error("Set WEBHOOK_SECRET to the endpoint's signing secret, whsec_…");
const webhook = new Webhook(secret);

/** Your work. It may take as long as it likes, and is done again where it throws or the process ends in it. */
async function work({ id, type }: Event): Promise<void> {
  console.log(`worked ${type} ${id}`);
}

/** Each event once, on disk before it is answered. With several processes, a table with the id as its primary key. */
const seen = new Set<string>();
const open = new Map<string, Event>();
const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
for (const line of lines.filter(Boolean)) {
  try {
    const { kept, done } = JSON.parse(line) as { kept?: Event; done?: string };
    if (kept) open.set(kept.id, kept);
    if (kept) seen.add(kept.id);
    if (done) open.delete(done);
  } catch {
    // Cut off by a crash, so never answered: the sender tries it again.
  }
}
const write = (entry: object): void => appendFileSync(file, `\n${JSON.stringify(entry)}`, { flush: true });

let busy = Promise.resolve();
function begin(event: Event): void {
  busy = busy
    .then(() => work(event))
    .then(() => write({ done: event.id }))
    .catch((error: unknown) => console.error(`${event.id} is left for the next start:`, error));
}

const app = express();
// The signature is over the bytes as they came: no JSON parser may touch them before.
app.post('/webhooks', express.raw({ type: () => true, limit: '1mb' }), (request, response) => {
  let event: Event;
  try {
    event = webhook.verify(request.body as Buffer, request.headers as Record<string, string>) as Event;
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    response.status(401).json({ error: error.message });
    return;
  }
  if (seen.has(event.id)) {
    response.json({ received: true, duplicate: true });
    return;
  }
  write({ kept: event }); // Where this throws, Express answers 500.
  seen.add(event.id);
  response.json({ received: true, duplicate: false });
  begin(event);
});

const server = app.listen(Number(port), () => {
  console.log(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`);
  for (const event of open.values()) begin(event);
});
