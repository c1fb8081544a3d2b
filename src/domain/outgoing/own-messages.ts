import type { LogEntry } from '../onboarding/log.js';
import { escalationNews } from './escalation-news.js';
import type { OutgoingMessage } from './message.js';
import { onboardingNews } from './onboarding-news.js';
import type { After, Before } from './projection.js';

/**
 * What a projection has to tell the systems that subscribe: of the onboarding from the two views, of its escalations from
 * the entries that were written for the first time, in their order. Projections are coalesced and come again: however a
 * life is cut into them, the same is told of its escalations, in the same order, under the same ids. The object is the
 * newest that is known, so that of several things of one moment the first already shows what the last one made of it.
 *
 * `undone`: entries that the store held and this projection replaces. A workflow task that was done once more writes what
 * people asked for again, under other numbers and instants; it was told then.
 */
export function ownMessages(
  before: Before,
  after: After,
  news: readonly LogEntry[],
  undone: readonly LogEntry[] = [],
): readonly OutgoingMessage[] {
  return [...onboardingNews(before.view, after, news), ...escalationNews(before, after, news, undone)];
}
