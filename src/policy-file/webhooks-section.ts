import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { RetrySchedule } from '../domain/delivery/schedule.js';
import { DAY_MS, isWorking, parseDuration, wallMs } from '../domain/time/duration.js';
import type { Problem } from './problem.js';
import { section } from './section.js';

const MOST_RETRIES = 20;
/** The log of attempts is kept for 90 days where nothing else is said, so a delivery has to be over long before. */
const LONGEST_MS = 30 * DAY_MS;
const SECONDS = /^\s*(\d+)\s*seconds?\s*$/;
const PATTERN = String.raw`^\s*\d+(\.\d+)?\s*(days?|hours?|minutes?|seconds?)\s*$`;

/** Receivers come back within seconds, so that these waits, unlike those of people, may be written in seconds. */
const wait = (description: string) =>
  z
    .string()
    .transform((text, context): number => {
      const ms = waitMs(text);
      if (ms !== undefined && ms > 0 && ms <= LONGEST_MS) return ms;
      const message = `"${text}" is no wait between two tries: write it like "5 seconds", "30 minutes" or "2 hours", 30 days at the most.`;
      context.addIssue({ code: 'custom', message, input: text });
      return z.NEVER;
    })
    .meta({ description, pattern: PATTERN });

function waitMs(text: string): number | undefined {
  const seconds = SECONDS.exec(text)?.[1];
  if (seconds !== undefined) return Number(seconds) * 1_000;
  const duration = parseDuration(text);
  return duration && !isWorking(duration) ? wallMs(duration) : undefined;
}

export const webhooks = section({
  retries: z
    .array(wait('Wait before a try, counted from the try before.'))
    .max(MOST_RETRIES, `are more than ${MOST_RETRIES} tries: write fewer, with longer waits.`)
    .prefault(['5 seconds', '5 minutes', '30 minutes', '2 hours', '5 hours', '10 hours'])
    .meta({ description: 'Waits between the tries of a delivery that fails, the first being made at once.' }),
  last_try: wait('When the last try is made, counted from the first.').prefault('24 hours'),
})
  .prefault({})
  .meta({ description: 'Outgoing webhooks: when a delivery that failed is tried again.' });

type Section = z.output<typeof webhooks>;

/** What a file's version goes by: nothing where the section is the default, so that files from before keep theirs. */
export function decisiveWebhooks(section: Section): Section | undefined {
  return isDeepStrictEqual(section, webhooks.parse(undefined)) ? undefined : section;
}

export function checkWebhooks({ webhooks: { retries, last_try } }: { readonly webhooks: Section }): Problem[] {
  const sum = retries.reduce((total, ms) => total + ms, 0);
  if (last_try > sum) return [];
  const message = 'comes before the tries that `retries` makes are over: write a longer time, or fewer retries.';
  return [{ path: ['webhooks', 'last_try'], message }];
}

export const compileWebhooks = ({ retries, last_try }: Section): { readonly retry: RetrySchedule } => ({
  retry: { waitsMs: [0, ...retries], lastMs: last_try },
});
