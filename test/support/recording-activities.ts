import type {
  Activities,
  NotifyOrder,
  NotifyResult,
  PolicyQuestion,
  Projection,
} from '../../src/contracts/activities.js';
import type { RebuildActivities } from '../../src/contracts/rebuild.js';
import type { Policy } from '../../src/domain/policy/policy.js';

type Name = keyof Activities | keyof RebuildActivities;

export interface Recorded {
  readonly activities: Activities & RebuildActivities;
  readonly orders: NotifyOrder[];
  readonly projections: Projection[];
  readonly questions: PolicyQuestion[];
  /** Every call by name, in order. */
  readonly calls: string[];
  /** What the next calls answer; `sent` where nothing is said. */
  answer: (order: NotifyOrder) => Promise<NotifyResult> | NotifyResult;
  /** Called first of all in every activity; what it throws, the activity throws. */
  before: (name: Name, input: unknown) => Promise<void> | void;
  policy: Policy;
}

/** Activities that note what they are asked and do nothing else. */
export function recordingActivities(policy: Policy, over: Partial<Activities> = {}): Recorded {
  const note = async (name: Name, input: unknown) => {
    await recorded.before(name, input);
    recorded.calls.push(name);
  };
  const recorded: Recorded = {
    before: () => {},
    orders: [],
    projections: [],
    questions: [],
    calls: [],
    policy,
    answer: () => ({ outcome: 'sent', atReal: Date.now() }),
    activities: {
      async notify(order) {
        await note('notify', order);
        recorded.orders.push(order);
        return recorded.answer(order);
      },
      async project(projection) {
        await note('project', projection);
        recorded.projections.push(projection);
      },
      async readPolicy(question) {
        await note('readPolicy', question);
        recorded.questions.push(question);
        return recorded.policy;
      },
      async linkCustomer(input) {
        await note('linkCustomer', input);
      },
      async unlinkCustomer(input) {
        await note('unlinkCustomer', input);
      },
      async reviveCustomer(input) {
        await note('reviveCustomer', input);
      },
      async denyCustomer(input) {
        await note('denyCustomer', input);
      },
      async announcePolicy(input) {
        await note('announcePolicy', input);
        return { cursor: null, told: 0 };
      },
      // Three pages, of which one workflow did not answer.
      async rebuildReadModel(page) {
        await note('rebuildReadModel', page);
        const n = Number(page.cursor ?? 0) + 1;
        return { cursor: n < 3 ? String(n) : null, rebuilt: 10, unanswered: n === 2 ? ['onboarding/main/onb_2'] : [] };
      },
      ...over,
    },
  };
  return recorded;
}
