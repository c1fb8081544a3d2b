/** What an answer means for the message and for the endpoint. */
export interface Verdict {
  /** `abort`: it failed, and is not tried again. */
  readonly message: 'delivered' | 'retry' | 'abort';
  /** The receiver wants nothing more. */
  readonly disables: boolean;
}

export interface Answered {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export type Control = 'disable' | 'abort-message';

/** By which a receiver steers its sender: docs.svix.com/receiving/delivery-control. */
const CONTROL = 'webhook-delivery';
const GONE = 410;

/**
 * Reads an answer; null is none. 2xx alone is a success: a redirect is not followed and is a failure like any other. 410,
 * or `webhook-delivery: disable` with any status, disables the endpoint, and what then is not delivered is not tried again.
 * `webhook-delivery: abort-message` says nothing of a message that is delivered.
 */
export function verdictOf(answer: Answered | null): Verdict {
  if (answer === null) return { message: 'retry', disables: false };
  const control = controlOf(answer);
  const disables = answer.status === GONE || control === 'disable';
  if (answer.status >= 200 && answer.status <= 299) return { message: 'delivered', disables };
  return { message: disables || control === 'abort-message' ? 'abort' : 'retry', disables };
}

/** How the receiver steers; undefined where it does not, or by a word that is none. */
export function controlOf({ headers }: Pick<Answered, 'headers'>): Control | undefined {
  const word = headers[CONTROL]?.trim().toLowerCase();
  return word === 'disable' || word === 'abort-message' ? word : undefined;
}
