import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { MalformedSecret, parseSecrets, type Secret } from '../../signature/secret.js';
import { sign } from '../../signature/sign.js';
import { eventOf } from '../event-body.js';
import { EXAMPLES } from '../example-events.js';
import { CliFailure, EXIT } from '../failure.js';
import { readText } from '../files.js';
import type { LocalDeps } from '../local-deps.js';
import { clean } from '../text.js';

interface Options {
  readonly data?: string;
  readonly id?: string;
  readonly about?: string;
  readonly url: string;
  readonly secret?: string;
  readonly live?: true;
  readonly test?: true;
  readonly json?: true;
}

interface Sent {
  readonly id: string;
  readonly delivery_id: string;
  readonly livemode: boolean;
  readonly status: number;
  readonly answer: unknown;
}

/** Real: the sender itself gives up after so long. */
const ANSWER_WITHIN_MS = 10_000;

/** `slipway send <type>`: signs one event as Pivotal does, posts it, and shows the answer. */
export function send(program: Command, deps: LocalDeps): void {
  program
    .command('send <type>')
    .description('sign one event and post it to a Slipway; nobody is chased for it without --live')
    .option('--data <file>', 'JSON of the event or of its record, - for the standard input; else an example')
    .option('--about <id>', 'id of the onboarding, customer, contact or task it is about')
    .option('--id <id>', "the event's own id; a repeat of one is a duplicate")
    .option('--url <url>', 'where to post', deps.edgeUrl)
    .option('--secret <whsec>', 'what to sign with; else what PIVOTAL_WEBHOOK_SECRET says')
    .option('--live', 'a live event: real people may be chased')
    .option('--test', 'a test event, also where the data says otherwise')
    .option('--json', 'print the answer as JSON, for programs')
    .addHelpText('after', `\nThere is an example of ${Object.keys(EXAMPLES).join(', ')}.`)
    .action((type: string, options: Options) => post(type, options, deps));
}

async function post(type: string, options: Options, deps: LocalDeps): Promise<void> {
  if (options.live && options.test) throw new CliFailure(EXIT.usage, 'Give --live or --test, not both.');
  const secret = signingSecret(options.secret ?? deps.secrets);
  const { data, id, about, url, json } = options;
  const livemode = options.live ? true : options.test ? false : undefined;
  const event = eventOf({
    type,
    now: deps.now(),
    ...(data === undefined ? {} : { data: await readText(data) }),
    ...(id === undefined ? {} : { id }),
    ...(about === undefined ? {} : { about }),
    ...(livemode === undefined ? {} : { livemode }),
  });
  const body = JSON.stringify(event);
  const delivery = `msg_${randomUUID()}`;
  const headers = sign(secret, delivery, Math.floor(deps.now() / 1000), body);
  const { status, text } = await exchange(url, headers, body);
  const sent = {
    id: event.id,
    delivery_id: delivery,
    livemode: event['livemode'] === true,
    status,
    answer: parsed(text),
  };
  deps.out(json ? `${JSON.stringify(sent, null, 2)}\n` : tell(sent));
  if (status < 200 || status > 299) throw refusal(url, sent);
}

function signingSecret(text: string | undefined): Secret {
  const first = /whsec_[^\s,]+/.exec(text ?? '')?.[0] ?? text?.trim();
  if (!first)
    throw new CliFailure(EXIT.usage, 'No secret to sign with: give --secret whsec_…, or set PIVOTAL_WEBHOOK_SECRET.');
  try {
    return parseSecrets(first)[0] as Secret;
  } catch (error) {
    if (error instanceof MalformedSecret) throw new CliFailure(EXIT.usage, error.message);
    throw error;
  }
}

async function exchange(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ status: number; text: string }> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new CliFailure(
      EXIT.usage,
      `${JSON.stringify(url)} is no address to post to; write it like http://127.0.0.1:8787/webhooks/pivotal.`,
    );
  try {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    const slow = error instanceof Error && error.name === 'TimeoutError';
    throw new CliFailure(
      EXIT.unreachable,
      slow
        ? `${url} did not answer within ${ANSWER_WITHIN_MS / 1000} seconds, which Pivotal counts as a failure: look whether the store can be reached.`
        : `Nobody answers at ${url}; start it with \`slipway start\`, or name the right address with --url.`,
    );
  }
}

interface Received {
  readonly duplicate?: boolean;
  readonly quarantined?: string;
  readonly error?: { readonly code?: string; readonly message?: string };
}

function tell({ id, livemode, status, answer }: Sent): string {
  const { duplicate, quarantined } = answer as Received;
  if (status < 200 || status > 299) return '';
  const mode = livemode ? 'live' : 'test';
  if (duplicate) return `${status}: ${clean(id)} (${mode}) was there already, and counts as a duplicate.\n`;
  if (quarantined)
    return `${status}: ${clean(id)} (${mode}) is kept aside, because its shape makes no sense (${clean(quarantined)}).\n`;
  return `${status}: ${clean(id)} (${mode}) was taken.\n`;
}

function refusal(url: string, { status, answer }: Sent): CliFailure {
  const { error } = answer as Received;
  const why = error?.message ?? 'What answers there is no edge of Slipway.';
  const hint = status === 401 ? ' `slipway rejections` lists what was turned away.' : '';
  return new CliFailure(
    status === 503 ? EXIT.unreachable : EXIT.refused,
    `${url} answered ${status}${error?.code ? ` ${error.code}` : ''}. ${why}${hint}`,
  );
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
