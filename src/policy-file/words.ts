import { z } from 'zod';
import { parseCivilDay } from '../domain/time/civil-date.js';
import { DAY_MS, type Duration, HOUR_MS, isWorking, parseDuration } from '../domain/time/duration.js';
import { didYouMean } from './did-you-mean.js';
import { isZone } from './zone-offsets.js';

/** The single words of a policy: durations, names, zones, dates. Each says what to write instead when it is wrong. */
const LONGEST_MS = 3_660 * DAY_MS;
const LENGTH = String.raw`\s*\d+(\.\d+)?\s*(working\s+days?|working\s+hours?|days?|hours?|minutes?)\s*`;
export const DURATION_PATTERN = `^${LENGTH}$`;
export const DURATION_OR_OFF_PATTERN = `^(off|${LENGTH})$`;
const HOW = '"3 working days", "4 working hours", "2 days", "12 hours" or "90 minutes"';

interface DurationOptions {
  /** Only `days`, `hours`, `minutes`: it counts where no calendar is at hand. */
  readonly wall?: boolean;
  readonly positive?: boolean;
}

export function duration(description: string, options: DurationOptions = {}) {
  return z
    .string()
    .transform((text, context): Duration => {
      const read = readDuration(text, options);
      if (typeof read !== 'string') return read;
      context.addIssue({ code: 'custom', message: read, input: text });
      return z.NEVER;
    })
    .meta({ description, pattern: DURATION_PATTERN });
}

/** A duration, or `off`, which is read as null. */
export function durationOrOff(description: string) {
  return z
    .string()
    .transform((text, context): Duration | null => {
      if (text.trim() === 'off') return null;
      const read = readDuration(text, { positive: true });
      if (typeof read !== 'string') return read;
      context.addIssue({ code: 'custom', message: `${read} Or write "off".`, input: text });
      return z.NEVER;
    })
    .meta({ description, pattern: DURATION_OR_OFF_PATTERN });
}

function readDuration(text: string, { wall, positive }: DurationOptions): Duration | string {
  const read = parseDuration(text);
  if (!read) return `"${text}" is not a length of time.${durationHint(text)} Write it like ${HOW}.`;
  if (wall && isWorking(read))
    return `"${text}" counts working time, but this one passes at night too: write days, hours or minutes.`;
  if (positive && read.amount === 0) return `"${text}" is no time at all: write a length above zero.`;
  if (roughMs(read) > LONGEST_MS)
    return `"${text}" is longer than ten years, so it would never be due: write a shorter time.`;
  return read;
}

function durationHint(text: string): string {
  if (/business\s+(day|hour)/i.test(text)) return ' Slipway says "working", not "business".';
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return ' The unit is missing.';
  if (/week|month|year/i.test(text)) return ' There are no weeks or months here: count in days.';
  if (/^\s*\d*\.\d+\s*working\s+day/.test(text)) return ' Working days are whole: use working hours for parts.';
  if (/-\s*\d/.test(text)) return ' It cannot be negative.';
  return parseDuration(text.toLowerCase()) ? ' Write it in small letters.' : '';
}

function roughMs({ amount, unit }: Duration): number {
  if (unit === 'minutes') return (amount * HOUR_MS) / 60;
  return amount * (unit === 'hours' || unit === 'working_hours' ? HOUR_MS : DAY_MS);
}

/** A name that others refer to: a calendar, a ladder, a channel, a person, a role. */
export function name(description: string) {
  return z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, {
      error: 'must be a name of up to 64 letters, digits, "_", "-" or ".", beginning with a letter or digit',
    })
    .meta({ description });
}

/** A label that stands in a URL path or in a workflow's id. */
export function label(description: string) {
  return z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, {
      error: 'must be up to 64 small letters, digits, "_" or "-": it stands in URLs and ids',
    })
    .meta({ description });
}

export function someText(description: string) {
  return z
    .string()
    .trim()
    .min(1, { error: 'is empty: write some text or leave the key out' })
    .max(200)
    .meta({ description });
}

/** The name of an environment variable; a pasted secret is refused without being repeated. */
export function secretName(description: string, example: string) {
  const missing = `is missing: secrets are never written here, so name the environment variable that holds it, such as ${example}`;
  return z
    .string({ error: (issue) => (issue.input === undefined ? missing : undefined) })
    .regex(/^(?!whsec_)[A-Za-z_][A-Za-z0-9_]{0,127}$/, {
      error: `is not the name of an environment variable. Put the secret itself into the environment and write the variable's name here, such as ${example}`,
    })
    .meta({ description, examples: [example] });
}

export function zone(description: string) {
  return z
    .string()
    .refine(isZone, { error: (issue) => unknownZone(String(issue.input)) })
    .meta({ description, examples: ['Europe/Berlin', 'UTC'] });
}

function unknownZone(text: string): string {
  const hint = didYouMean(text, Intl.supportedValuesOf('timeZone'));
  return `"${text}" is not a time zone that this machine knows.${hint} Write an IANA name such as Europe/Berlin or UTC.`;
}

export function civilDate(description: string) {
  return z
    .string()
    .refine((text) => parseCivilDay(text) !== undefined, {
      error: (issue) =>
        `"${String(issue.input)}" is not a date of the calendar: write year, month and day like 2026-12-24.`,
    })
    .meta({ description, examples: ['2026-12-24'] });
}

export function webAddress(description: string) {
  return z
    .string({ error: (issue) => (issue.input === undefined ? 'is missing: write the address to post to' : undefined) })
    .superRefine((text, context) => {
      const wrong = wrongAddress(text);
      if (wrong) context.addIssue({ code: 'custom', message: wrong, input: text });
    })
    .meta({ description, examples: ['https://ops.example/hook'] });
}

function wrongAddress(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a web address: write it in full, such as "https://ops.example/hook"';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return `begins with "${url.protocol}", but messages are posted over https: write "https://…"`;
  }
  if (url.username || url.password) return 'carries a user name or password: requests are signed, so leave them out';
  return undefined;
}
