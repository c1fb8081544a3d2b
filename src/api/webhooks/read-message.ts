import { CHANNEL, LIMITED, LIMITED_IN_WORDS, TAG } from '../../contracts/api-webhooks.js';
import type { NewMessage } from '../../contracts/webhooks.js';
import { invalid, unsupported, type ValidationItem } from './problem.js';

type Fields = Readonly<Record<string, unknown>>;
const MOST_CHANNELS = 5;
const MOST_TAGS = 5;

/**
 * A message out of its parsed body, by hand: this is the one call that must be fast, and a payload is as large as its maker
 * likes. Throws 422 with everything that is wrong, and 501 for what Slipway cannot keep to.
 */
export function readMessage(body: unknown): Omit<NewMessage, 'idempotencyKey' | 'onlyTo'> {
  const wrong: ValidationItem[] = [];
  const fields = isObject(body) ? body : {};
  const { eventType, payload } = fields;
  const eventId = fields['eventId'] ?? null;
  if (typeof eventType !== 'string' || !LIMITED.test(eventType))
    wrong.push(item('eventType', LIMITED_IN_WORDS, eventType));
  if (eventId !== null && (typeof eventId !== 'string' || !isUid(eventId))) wrong.push(item('eventId', UID, eventId));
  if (!isObject(payload)) wrong.push(item('payload', 'The payload must be a JSON object.', payload));
  const channels = readNames(fields['channels'], CHANNEL, MOST_CHANNELS, 'channels', wrong);
  const tags = readNames(fields['tags'], TAG, MOST_TAGS, 'tags', wrong);
  const days = fields['payloadRetentionPeriod'] ?? null;
  if (days !== null && !isDays(days)) wrong.push(item('payloadRetentionPeriod', DAYS, days));
  if (wrong.length > 0) throw invalid(wrong);
  refuseUnkept(fields);
  return {
    eventType: eventType as string,
    eventId: eventId as string | null,
    channels,
    tags,
    payload: JSON.stringify(payload),
    orderKey: orderKeyOf(eventType as string, payload as Fields),
    ...(typeof days === 'number' ? { payloadDays: days } : {}),
  };
}

const UID = `${LIMITED_IN_WORDS.slice(0, -1)}, and not beginning like an id, with \`msg_\`.`;

const DAYS = 'Write a whole number of days from 5 to 90.';

const isDays = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 5 && Number(value) <= 90;

const isUid = (text: string): boolean => LIMITED.test(text) && !text.startsWith('msg_');

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const item = (field: string, msg: string, value: unknown): ValidationItem => ({
  loc: ['body', field],
  msg: value === undefined ? 'This field is required.' : msg,
  type: value === undefined ? 'value_error.missing' : 'value_error',
});

function readNames(
  value: unknown,
  pattern: RegExp,
  most: number,
  field: string,
  wrong: ValidationItem[],
): readonly string[] | null {
  if (value === undefined || value === null) return null;
  const isRight =
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= most &&
    value.every((one) => typeof one === 'string' && pattern.test(one));
  if (isRight) return [...new Set(value as string[])];
  wrong.push(
    item(field, `Name 1 to ${most} ${field} of at most 128 letters, digits and simple signs, or null.`, value),
  );
  return null;
}

/** What would be promised and not kept is refused. */
function refuseUnkept(fields: Fields): void {
  if (fields['deliverAt'] != null) throw unsupported('A message is sent at once: `deliverAt` is not taken.');
  if (fields['transformationsParams'] != null)
    throw unsupported('Payloads go out as they are: `transformationsParams`, and with it raw payloads, are not taken.');
  if (fields['payloadRetentionHours'] != null)
    throw unsupported('Payloads are kept for whole days: give `payloadRetentionPeriod` in place of hours.');
}

/** The onboarding that a message is of: an ordered endpoint gets what concerns it one after another. */
function orderKeyOf(eventType: string, { data }: Fields): string | null {
  const object = isObject(data) && isObject(data['object']) ? data['object'] : undefined;
  const key = object?.['onboarding_id'] ?? (eventType.startsWith('onboarding.') ? object?.['id'] : undefined);
  return typeof key === 'string' && key.length <= MOST_KEY && !key.includes('\0') ? key : null;
}
const MOST_KEY = 1000;
