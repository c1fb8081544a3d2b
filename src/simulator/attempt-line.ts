import type { Attempted } from './attempts.js';
import type { Page } from './page.js';

const TYPE_COLUMNS = 30;
const MOST_WORDS = 60;

/** `09:12:03  onboarding.created  127.0.0.1:3000  500 in 3 ms, next try 09:12:08: down`, in UTC. */
export function attemptLine(attempt: Attempted, page: Page): string {
  const { eventType, url, responseStatusCode: status, responseDurationMs: ms, statusText } = attempt;
  const isDelivered = statusText === 'success';
  const answer = `${status === 0 ? 'no answer' : status} in ${ms} ms`;
  const told = isDelivered ? answer : `${answer}, ${whatNext(attempt)}${inWords(attempt)}`;
  const where = `${timeOf(attempt.timestamp)}  ${eventType.padEnd(TYPE_COLUMNS)} ${new URL(url).host}`;
  return `${where}  ${page.paint(isDelivered ? 'green' : 'red', told)}`;
}

const whatNext = ({ nextAttempt }: Attempted): string =>
  nextAttempt === null ? 'given up' : `next try ${timeOf(nextAttempt)}`;

/** What the receiver said, where that is a word or two and nothing that moves a cursor. */
function inWords({ response }: Attempted): string {
  const said = response.replace(/[\p{C}\s]+/gu, ' ').trim();
  return said === '' ? '' : `: ${said.length > MOST_WORDS ? `${said.slice(0, MOST_WORDS)}…` : said}`;
}

const timeOf = (instant: string): string => instant.slice(11, 19);
