import type { Column } from './table.js';
import type { AttemptAnswer } from './webhook-answers.js';

/** Attempts in a table: of an endpoint by message, of a message by endpoint. */
export const attemptColumns = (by: 'MESSAGE' | 'ENDPOINT'): readonly Column<AttemptAnswer>[] => [
  { header: 'AT (UTC)', of: (one) => toTheSecond(one.timestamp) },
  { header: by, of: (one) => (by === 'MESSAGE' ? one.msgId : one.endpointId) },
  ...(by === 'MESSAGE' ? [{ header: 'TYPE', of: (one: AttemptAnswer) => one.eventType, cut: true as const }] : []),
  { header: 'ANSWER', of: answerOf },
  { header: 'IN WORDS', of: (one) => one.response || '-', cut: true, spare: true },
  {
    header: 'NEXT TRY (UTC)',
    of: (one) => (one.nextAttempt === null ? '-' : toTheSecond(one.nextAttempt)),
    spare: true,
  },
];

/** `204 in 12 ms`, and whether a person asked for it. */
function answerOf({ responseStatusCode: status, responseDurationMs: ms, triggerType }: AttemptAnswer): string {
  return `${status === 0 ? 'none' : status} in ${ms} ms${triggerType === 1 ? ', asked for' : ''}`;
}

/** The second try comes five seconds after the first. */
const toTheSecond = (instant: string): string => instant.slice(0, 19).replace('T', ' ');
