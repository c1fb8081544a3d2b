import type { EntityKey } from '../event/key.js';
import type { LogEntry } from '../onboarding/log.js';
import type { EscalationView, OnboardingView } from '../onboarding/present.js';
import { escalationNews } from './escalation-news.js';
import type { OutgoingMessage } from './message.js';
import { onboardingNews } from './onboarding-news.js';

/** The store as a projection finds it. */
export interface Before {
  readonly view: OnboardingView | null;
  /** Those that the projection or its news name, also of an onboarding that has handed one over. */
  readonly escalations: readonly EscalationView[];
  /** Of `openedEventId`s: the ones that were told. Without it, what the views show of an escalation must do. */
  readonly told?: ReadonlySet<string>;
}

/** The projection that is written now, and newer than what stood there. */
export interface After {
  readonly entity: EntityKey;
  readonly workflowId: string;
  readonly revision: number;
  readonly view: OnboardingView;
  readonly escalations: readonly EscalationView[];
  /** When it was taken, virtual epoch ms; the revision is just that where the clock is the world's. */
  readonly at?: number;
}

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
