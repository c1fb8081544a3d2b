import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { RetentionSettings } from '../domain/policy/retention.js';
import { DAY_MS, type Duration, formatDuration, wallMs } from '../domain/time/duration.js';
import type { Problem } from './problem.js';
import { section } from './section.js';
import { duration, label } from './words.js';

const span = (description: string) => duration(description, { wall: true, positive: true });

export const retention = section({
  events: span(
    'How long the archive keeps an event beyond the close of its onboarding, and an event of a customer beyond the close of the last one of theirs; one that concerns neither, beyond its receipt. At least 90 days.',
  ).prefault('90 days'),
  rejections: span('How long it is kept what the edge turned away.').prefault('30 days'),
  sends: span('How long the record of a message is kept beyond the close of its onboarding.').prefault('90 days'),
  audit: span('How long the audit log is kept.').prefault('400 days'),
  messages: span(
    'How long an outgoing message and the log of its attempts are kept; one that is still to be delivered stays.',
  ).prefault('90 days'),
  sources: z
    .record(
      label('Name of a source.'),
      span('Instead of `events`, for this source. Below 90 days for test sources alone.'),
    )
    .prefault({})
    .meta({ description: 'Other lengths for single sources.' }),
})
  .prefault({})
  .meta({ description: 'How long what was received and sent is kept. What is older is deleted each night.' });

type Retention = z.output<typeof retention>;

/**
 * What a file's version goes by: nothing where the section is the default, and no length that came later than the section
 * where it is left at its default. So files from before keep their version.
 */
export function decisiveRetention(kept: Retention): object | undefined {
  const usual = retention.parse(undefined);
  if (isDeepStrictEqual(kept, usual)) return undefined;
  const { messages, ...before } = kept;
  return isDeepStrictEqual(messages, usual.messages) ? before : kept;
}

/**
 * The sender keeps 90 days of deliveries and sends any of them again on request, under its old id. An event that is
 * gone from the archive can no longer tell such a repeat from news; of a test source nobody is told either way.
 */
const REPLAY_MS = 90 * DAY_MS;

interface Kept {
  readonly retention: Retention;
  readonly sources: Readonly<Record<string, { readonly mode: 'live' | 'test' }>>;
}

/** That nothing is deleted which a repeat is still told by, and that every source named is one. */
export function checkRetention({ retention: kept, sources }: Kept): Problem[] {
  const problems = tooShort(kept.events) ? [shortened(kept.events, ['retention', 'events'])] : [];
  for (const [name, length] of Object.entries(kept.sources)) {
    const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
    const path = ['retention', 'sources', name];
    if (!source)
      problems.push({ path, message: `There is no source "${name}". Add it under sources, or name another.` });
    else if (source.mode === 'live' && tooShort(length)) problems.push(shortened(length, path));
  }
  return problems;
}

const tooShort = (length: Duration): boolean => (wallMs(length) as number) < REPLAY_MS;

const shortened = (length: Duration, path: Problem['path']): Problem => ({
  path,
  message: `"${formatDuration(length)}" is less than the 90 days within which the sender may send any event again, and an event that is gone can no longer tell a repeat from news: write 90 days or more (a source of mode test may keep less).`,
});

export function compileRetention({
  events,
  rejections,
  sends,
  audit,
  messages,
  sources,
}: Retention): RetentionSettings {
  const ms = (length: Duration): number => wallMs(length) as number;
  return {
    eventsMs: ms(events),
    rejectionsMs: ms(rejections),
    sendsMs: ms(sends),
    auditMs: ms(audit),
    messagesMs: ms(messages),
    sources: Object.fromEntries(Object.entries(sources).map(([name, length]) => [name, ms(length)])),
  };
}
