import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseSecrets, type Secret } from '../signature/secret.js';
import { sign } from '../signature/sign.js';
import type { ForgeryKind } from './step.js';

/** One message of the sender: its id is the same on every try and every repeat. */
export interface Message {
  readonly id: string;
  readonly type: string;
  /** Of the event in it. */
  readonly eventId: string;
  readonly body: string;
}

/** How a delivery was answered in the end. */
export interface Answered {
  /** 0 where no answer came at all. */
  readonly status: number;
  readonly duplicate: boolean;
  /** Stored, but its body made no sense to the receiver. */
  readonly quarantined: boolean;
  /** The receiver's word for a refusal. */
  readonly code: string | null;
  readonly tries: number;
}

export interface Sender {
  /** Tries again after a 5xx or a broken connection, as the real sender does; every try is signed anew. */
  deliver(message: Message): Promise<Answered>;
  /** Posts once what the sender would never have posted. */
  forge(kind: ForgeryKind, message: Message): Promise<Answered>;
}

/** Real. The real sender waits up to hours; a story of a minute cannot. */
const WAITS_MS: readonly number[] = [100, 300, 1000, 3000];
/** The sender gives up on an answer after ten seconds. */
const ANSWER_WITHIN_MS = 10_000;
/** Over the tolerance of five minutes. */
const STALE_S = 600;

/** Throws `MalformedSecret`. `url` is the whole address of the webhook, `secret` one `whsec_…`. */
export function createSender({ url, secret }: { url: string; secret: string }): Sender {
  const own = only(secret);
  const post = async (headers: Readonly<Record<string, string>>, body: string, tries: number): Promise<Answered> => {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      return { ...readAnswer(await response.text()), status: response.status, tries };
    } catch {
      return { status: 0, duplicate: false, quarantined: false, code: null, tries };
    }
  };
  return {
    deliver: async ({ id, body }) => {
      for (let tries = 1; ; tries++) {
        const answer = await post(sign(own, id, seconds(), body), body, tries);
        const wait = WAITS_MS[tries - 1];
        if ((answer.status > 0 && answer.status < 500) || wait === undefined) return answer;
        await delay(wait);
      }
    },
    forge: (kind, { id, body }) => post(...forged(kind, own, id, body), 1),
  };
}

function forged(kind: ForgeryKind, own: Secret, id: string, body: string): [Record<string, string>, string] {
  switch (kind) {
    case 'wrong_secret':
      return [sign(only(`whsec_${randomBytes(24).toString('base64')}`), id, seconds(), body), body];
    case 'stale_timestamp':
      return [sign(own, id, seconds() - STALE_S, body), body];
    case 'flipped_byte':
      return [sign(own, id, seconds(), body), flipped(body)];
    case 'no_signature':
      return [{}, body];
  }
}

/** One bit in the middle. The bodies are ASCII, so that it stays a text. */
function flipped(body: string): string {
  const at = Math.floor(body.length / 2);
  return body.slice(0, at) + String.fromCharCode(body.charCodeAt(at) ^ 1) + body.slice(at + 1);
}

function only(secret: string): Secret {
  const [first] = parseSecrets(secret);
  if (!first) throw new RangeError('parseSecrets gives at least one');
  return first;
}

/** What an edge of Slipway says of a delivery; nothing of it where something else answers. */
export function readAnswer(text: string): Pick<Answered, 'duplicate' | 'quarantined' | 'code'> {
  try {
    const body = JSON.parse(text) as { duplicate?: unknown; quarantined?: unknown; error?: { code?: unknown } };
    const code = body.error?.code;
    return {
      duplicate: body.duplicate === true,
      quarantined: body.quarantined !== undefined,
      code: typeof code === 'string' ? code : null,
    };
  } catch {
    return { duplicate: false, quarantined: false, code: null };
  }
}

/** Of the wall: signatures are never of the story's time. */
const seconds = (): number => Math.floor(Date.now() / 1000);

/** A new message id, as the sender's carrier makes one. */
export const messageId = (): string => `msg_${randomUUID()}`;
