import type { LogEntry } from '../onboarding/log.js';
import type { OnboardingView } from '../onboarding/present.js';
import { envelopeText } from './envelope.js';
import type { OutgoingMessage } from './message.js';
import { ownEventId } from './own-id.js';
import type { After } from './projection.js';
import type { OnboardingType } from './own-types.js';

/**
 * What changed of an onboarding as a list shows it. Health is a level and not an act: told is that it is another one now,
 * never what it was in between. The first sight of an onboarding is news unless all is well.
 */
export function onboardingNews(
  before: OnboardingView | null,
  after: After,
  news: readonly LogEntry[],
): readonly OutgoingMessage[] {
  return [...healthNews(before, after, news), ...targetNews(before, after)];
}

function healthNews(before: OnboardingView | null, after: After, news: readonly LogEntry[]): OutgoingMessage[] {
  const { health } = after.view;
  if (health === (before?.health ?? 'on_track')) return [];
  const at = changedAt(before, after, news);
  const previous = { health: before?.health ?? null };
  const changed = message(after, 'onboarding.health_changed', at, previous, after.revision);
  return health === 'stuck' ? [changed, message(after, 'onboarding.stuck', at, previous, after.revision)] : [changed];
}

/**
 * The last instant at which it can have changed: of an entry of the log, or the wake that the view before had announced,
 * which writes no entry where health alone changes.
 */
function changedAt(before: OnboardingView | null, after: After, news: readonly LogEntry[]): number {
  const taken = after.at ?? after.revision;
  const wake = before?.next_wake_at ? Date.parse(before.next_wake_at) : null;
  const instants = [news.at(-1)?.at, wake].filter((at) => typeof at === 'number' && at <= taken) as number[];
  return instants.length ? Math.max(...instants) : taken;
}

/** Each change of the target once, by its instant and what it was set to: an older one that comes to light changes neither. */
function targetNews(before: OnboardingView | null, after: After): OutgoingMessage[] {
  const known = new Set(before ? shiftsOf(before, after.workflowId).map(({ id }) => id) : []);
  return shiftsOf(after.view, after.workflowId)
    .filter(({ id }) => !known.has(id))
    .map(({ id, from, at }) =>
      told(after, 'onboarding.target_moved', Date.parse(at), { target: { latest: from } }, id),
    );
}

const shiftsOf = ({ target }: OnboardingView, workflowId: string) =>
  target.shifts.map(({ from, to, at }) => ({ id: ownEventId('target_moved', workflowId, at, to ?? ''), from, at }));

const message = (after: After, type: OnboardingType, at: number, previous: object, nth: number): OutgoingMessage =>
  told(after, type, at, previous, ownEventId(type, after.workflowId, nth));

function told(after: After, type: OnboardingType, at: number, previous: object, id: string): OutgoingMessage {
  const { entity, workflowId, view } = after;
  const head = { id, type, at, org: view.org, livemode: entity.mode === 'live' };
  const payload = envelopeText(head, JSON.stringify(view), JSON.stringify(previous));
  return { mode: entity.mode, type, id, of: workflowId, payload };
}
