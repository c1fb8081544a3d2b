import { randomUUID } from 'node:crypto';
import { EXAMPLES, type JsonRecord } from './example-events.js';
import { CliFailure, EXIT } from './failure.js';

export interface EventWish {
  readonly type: string;
  /** JSON somebody wrote: a whole event with `data`, or the record alone; the example of the type where absent. */
  readonly data?: string;
  /** The event's own id, by which Slipway drops repeats. */
  readonly id?: string;
  /** Id of the onboarding, customer, contact or task it is about. */
  readonly about?: string;
  /** Undefined: as the data says, else a test. */
  readonly livemode?: boolean;
  /** Real epoch ms. */
  readonly now: number;
}

/**
 * The event that is posted, in the envelope of Pivotal's webhook pages. A test unless it is said to be live: nobody is
 * chased for a test. Throws `CliFailure` where the data is no JSON object or the type has no example.
 */
export function eventOf({ type, data, id, about, livemode, now }: EventWish): JsonRecord & { readonly id: string } {
  const given = data === undefined ? undefined : objectOf(data);
  const whole = given && isObject(given['data']) ? given : undefined;
  const content = whole?.['data'] ?? (given ? { object: given } : exampleOf(type));
  return {
    created_at: new Date(now).toISOString(),
    org_id: 'org_example',
    api_version: 'v1',
    ...whole,
    id: id ?? stringOf(whole?.['id']) ?? `evt_${randomUUID()}`,
    type,
    livemode: livemode ?? whole?.['livemode'] === true,
    data: about === undefined ? content : concerning(content as JsonRecord, about),
  };
}

function exampleOf(type: string): JsonRecord {
  const example = EXAMPLES[type];
  if (!example) {
    throw new CliFailure(
      EXIT.usage,
      `There is no example of ${JSON.stringify(type)}; give its data with --data, or write one of ${Object.keys(EXAMPLES).join(', ')}.`,
    );
  }
  return example;
}

function concerning(content: JsonRecord, id: string): JsonRecord {
  const record = isObject(content['object']) ? content['object'] : undefined;
  return record ? { ...content, object: { ...record, id } } : { ...content, id };
}

function objectOf(text: string): JsonRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CliFailure(EXIT.usage, `The data is not JSON (${(error as Error).message}): write one JSON object.`);
  }
  if (isObject(value)) return value;
  throw new CliFailure(EXIT.usage, 'The data is no JSON object: write a whole event, or the record it is about.');
}

const isObject = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const stringOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
