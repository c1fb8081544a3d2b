import type { EntityKey } from '../event/key.js';
import type { EscalationView, OnboardingView } from '../onboarding/present.js';

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
