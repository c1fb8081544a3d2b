import type {
  Activities,
  NotifyOrder,
  NotifyResult,
  PolicyQuestion,
  Projection,
} from '../../src/contracts/activities.js';
import type { CareActivities, ErasureProgress } from '../../src/contracts/care.js';
import type { RebuildActivities } from '../../src/contracts/rebuild.js';
import type { Policy } from '../../src/domain/policy/policy.js';

type Name = keyof Activities | keyof RebuildActivities | keyof CareActivities;

export interface Recorded {
  readonly activities: Activities & RebuildActivities & CareActivities;
  readonly orders: NotifyOrder[];
  readonly projections: Projection[];
  readonly questions: PolicyQuestion[];
  /** Every call by name, in order. */
  readonly calls: string[];
  /** What the next looks at an erasure's workflows find; nothing left where nothing is said. */
  readonly settled: ErasureProgress[];
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
    settled: [],
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
      async planRetention() {
        await note('planRetention', null);
        const clock = { anchorReal: 0, anchorVirtual: 0, speed: 1 };
        return { clock, events: 0, eventsBySource: {}, sends: 0, rejections: 0, audit: 0, messages: 0 };
      },
      async purge(page) {
        await note('purge', page);
        return { cursor: page.stage === 'events' && page.cursor === null ? '500' : null, deleted: 7 };
      },
      async resumeErasures() {
        await note('resumeErasures', null);
        return { resumed: 0 };
      },
      async concludeRetention(run) {
        await note('concludeRetention', run);
      },
      async eraseFrom(page) {
        await note('eraseFrom', page);
        return { cursor: page.pass === 'archive' && page.cursor === null ? '100' : null, erased: 3 };
      },
      async settleErasure(page) {
        await note('settleErasure', page);
        return recorded.settled.shift() ?? { open: 0, deleting: 0, ended: 0 };
      },
      async concludeErasure(page) {
        await note('concludeErasure', page);
      },
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
