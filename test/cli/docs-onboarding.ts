import type { Explanation } from '../../src/api/deps.js';
import type { StoredEvent } from '../../src/contracts/read-model.js';
import type { Action } from '../../src/domain/escalation/action.js';
import { isQuarantined, parseEvent } from '../../src/domain/event/envelope.js';
import { routeEvent } from '../../src/domain/event/route.js';
import type { LogEntry } from '../../src/domain/onboarding/log.js';
import type { OnboardingView } from '../../src/domain/onboarding/present.js';
import type { Policy } from '../../src/domain/policy/policy.js';
import { explain } from '../../src/domain/why.js';
import { keyOf, NOW } from '../api/views.js';
import { Story } from '../support/story.js';

const ID = 'onb_91a';
const target = (date: string) => ({ target_launch_date: date });

/** What the sender said of it, in order: its own id, the delivery's, how often it came, when, and what. */
const SAID = [
  ['evt_7a', 'msg_2d', 1, '2026-11-02T09:00Z', 'onboarding.created', { phase: 'kickoff', ...target('2026-12-01') }],
  [
    'evt_7c',
    'msg_2h',
    3,
    '2026-11-05T10:20Z',
    'onboarding.phase_changed',
    { phase: 'integration', ...target('2026-12-08') },
    'kickoff',
  ],
  ['evt_7f', 'msg_2m', 1, '2026-11-09T11:00Z', 'onboarding.phase_changed', { phase: 'uat' }, 'integration'],
  ['evt_8b', 'msg_2q', 1, '2026-11-13T14:30Z', 'task.completed', { title: 'Test plan agreed' }],
  ['evt_8d', 'msg_2t', 1, '2026-11-18T09:10Z', 'task.completed', { title: 'First test run' }],
] as const;

/** The onboarding of the examples: stuck in `uat` since Thursday, and its owner was told. */
export interface Lived {
  readonly view: OnboardingView;
  /** Oldest first. */
  readonly archive: readonly StoredEvent[];
  readonly log: readonly LogEntry[];
  readonly why: (at: number) => Explanation | undefined;
  /** As it stands once somebody has done this to it, and to nothing else. */
  readonly after: (...actions: readonly Action[]) => OnboardingView;
}

/** Lived through by the core itself, so that the page shows the words of today's code. */
export function docsOnboarding(policy: Policy): Lived {
  const archive = SAID.map(storedEvent);
  const story = new Story(policy, archive[0]?.receivedAt);
  story.state = { ...story.state, key: keyOf(ID) };
  const facts = new Map(
    archive.flatMap(({ route }) => (route?.to === 'onboarding' ? [[route.fact.id, route.fact]] : [])),
  );
  for (const fact of facts.values()) story.until(fact.at).facts(fact);
  story.until(NOW).turn();
  const { key, clock, startedAt, log } = story.state;
  const why = (at: number): Explanation | undefined => {
    const found = explain({ key, clock, startedAt, facts, log, policy: () => policy }, at);
    return found ? { at, why: found.reasons, wake: found.wake } : undefined;
  };
  const shown = (one: Story): OnboardingView => ({ ...one.view, workflow_id: `onboarding/main/${ID}` });
  const after = (...actions: readonly Action[]): OnboardingView => {
    const acted = new Story(policy, NOW);
    acted.state = story.state;
    for (const action of actions) acted.do(action);
    return shown(acted);
  };
  return { view: shown(story), archive, log, why, after };
}

function storedEvent(said: (typeof SAID)[number], index: number): StoredEvent {
  const [eventId, deliveryId, times, when, type, record, from] = said;
  const at = Date.parse(when);
  const about = type.startsWith('task.')
    ? { id: `tsk_${index}`, onboarding_id: ID }
    : { id: ID, name: 'Borealis', customer_id: 'cus_borealis', owner_id: 'mia' };
  const data = { object: { ...about, ...record }, ...(from ? { previous_attributes: { phase: from } } : {}) };
  const body = { id: eventId, type, created_at: when.replace('Z', ':00Z'), org_id: 'org_1', livemode: true, data };
  const event = parseEvent(body);
  const hearing = { source: 'pivotal', workspace: 'main', sourceMode: 'live', heardAt: at, fallbackAt: at } as const;
  const route = isQuarantined(event) ? undefined : routeEvent(event, hearing);
  if (!route) throw new Error(`an example that goes nowhere: ${eventId}`);
  return {
    seq: String(index + 1),
    eventId,
    source: 'pivotal',
    type,
    deliveryId,
    receivedAt: at,
    receivedVirtual: at,
    duplicates: times - 1,
    occurredAt: at,
    status: 'signalled',
    quarantined: null,
    route,
    org: 'org_1',
    secret: 'first',
    headers: { 'svix-id': deliveryId, 'svix-timestamp': String(at / 1_000) },
    body: Buffer.from(JSON.stringify(body)),
  };
}
