import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import { GatewayError, GatewayRefusal, type Gateway } from '../../../src/contracts/gateway.js';
import type { NotifyOrder, NotifyResult } from '../../../src/contracts/activities.js';
import type { EscalationAction } from '../../../src/domain/escalation/action.js';
import { isQuarantined, parseEvent } from '../../../src/domain/event/envelope.js';
import { routeEvent } from '../../../src/domain/event/route.js';
import { type Clock, toReal, toVirtual } from '../../../src/domain/time/clock.js';
import { HOUR_MS } from '../../../src/domain/time/duration.js';
import { createSlipwayWorker } from '../../../src/main/worker.js';
import { Books } from '../../../src/simulator/books.js';
import { Dice } from '../../../src/simulator/dice.js';
import { bodyOf } from '../../../src/simulator/event.js';
import { createScenario } from '../../../src/simulator/scenario.js';
import type { Step } from '../../../src/simulator/step.js';
import { fastClock, MONDAY_9 } from '../../support/onboarding-fixture.js';
import { OFFICE } from '../../support/office-policy.js';
import { recordingActivities } from '../../support/recording-activities.js';
import { policyOf } from '../../support/story.js';
import { NAMESPACE, quiet, type TestServer, testBundle, testGateway } from '../../support/temporal.js';

export interface LivesOptions {
  readonly seed: number;
  readonly onboardings: number;
  readonly days: number;
  readonly daysPerSecond: number;
}

const ACTIONS = ['acknowledge', 'snooze', 'resolve', 'note', 'escalate', 'none', 'none'] as const;
const TOM = { id: 'tom', name: 'Tom Reyes' };

/**
 * Lives as the simulator writes them, lived on a real server: events late and in disorder, sends that fail or are held,
 * people who act or do not. Resolves with the task queue once the story is over; its workflows are left as they are.
 */
export async function playLives(server: TestServer, options: LivesOptions): Promise<string> {
  quiet();
  const { seed, onboardings, days, daysPerSecond } = options;
  const clock = fastClock(daysPerSecond);
  const taskQueue = `lives-${randomUUID()}`;
  const gateway = testGateway(server, taskQueue, clock, 120);
  const dice = new Dice(seed, 'lives');
  const people: Promise<void>[] = [];
  const recorded = recordingActivities(policyOf(OFFICE), {
    linkCustomer: (link) => gateway.linkCustomer(link),
    unlinkCustomer: (unlink) => gateway.unlinkCustomer(unlink),
    reviveCustomer: (revival) => gateway.reviveCustomer(revival),
    denyCustomer: (denial) => gateway.denyCustomer(denial),
  });
  recorded.answer = (order) => {
    people.push(react(order, gateway, clock, dice));
    return answered(order, clock, dice);
  };
  const nativeConnection = await NativeConnection.connect({ address: server.address });
  const worker = await createSlipwayWorker({
    nativeConnection,
    namespace: NAMESPACE,
    taskQueue,
    bundlePath: await testBundle(),
    activities: recorded.activities,
    maxCachedWorkflows: 2 * onboardings,
  });
  const ended = worker.run();
  const scenario = createScenario({ seed, startAt: MONDAY_9, days, onboardings, tag: `_${seed.toString(36)}` });
  const books = new Books(scenario.org, true);
  const under = scenario.steps.map(async (step) => {
    await until(clock, step.at);
    await tell(books, step, gateway, clock);
  });
  await Promise.all(under);
  await until(clock, scenario.endAt);
  await Promise.all(people);
  worker.shutdown();
  await ended;
  await nativeConnection.close();
  return taskQueue;
}

async function until(clock: Clock, at: number): Promise<void> {
  await delay(Math.max(0, toReal(clock, at) - Date.now()));
}

async function tell(books: Books, step: Step, gateway: Gateway, clock: Clock): Promise<void> {
  const event = parseEvent(JSON.parse(bodyOf(books.enter(step, step.at), step.dialect)));
  await until(clock, step.at + step.delayMs);
  const heardAt = toVirtual(clock, Date.now());
  const hearing = { source: 'pivotal', workspace: 'main', sourceMode: 'live', heardAt, fallbackAt: heardAt } as const;
  const route = isQuarantined(event) ? undefined : routeEvent(event, hearing);
  const signal = async (): Promise<unknown> => {
    if (route?.to === 'onboarding') return gateway.signalEvents(route.key, [route.fact], `Life ${route.key.id}`);
    return route?.to === 'customer' ? gateway.signalCustomer(route.key, [route.fact]) : undefined;
  };
  for (let told = route === undefined; !told; )
    told = await signal().then(
      () => true,
      (error: unknown) => orThrow(error, GatewayError),
    );
}

/** A person who is told may do something about it, soon. */
async function react({ escalation, entity }: NotifyOrder, gateway: Gateway, clock: Clock, dice: Dice): Promise<void> {
  const verb = dice.pick(ACTIONS);
  if (verb === 'none') return;
  await delay(dice.between(50, 500));
  const now = toVirtual(clock, Date.now());
  const about = { escalationId: escalation.id, by: TOM };
  const actions: Readonly<Record<Exclude<typeof verb, 'none'>, EscalationAction>> = {
    acknowledge: { verb: 'acknowledge', ...about },
    snooze: { verb: 'snooze', ...about, until: { at: now + 20 * HOUR_MS } },
    resolve: { verb: 'resolve', ...about },
    note: { verb: 'note', ...about, note: 'On it.' },
    escalate: { verb: 'escalate', ...about },
  };
  await gateway.act(entity, actions[verb]).then(
    () => undefined,
    (error: unknown) => void orThrow(error, GatewayError, GatewayRefusal),
  );
}

function answered(order: NotifyOrder, clock: Clock, dice: Dice): NotifyResult {
  const throwOf = dice.next();
  if (throwOf < 0.1)
    return { outcome: 'failed', failure: 'UpstreamUnavailable', message: 'The receiver answered 503.' };
  const until = toVirtual(clock, Date.now()) + HOUR_MS;
  if (throwOf < 0.2 && order.kind === 'notified') return { outcome: 'later', until, reason: 'events wait' };
  return { outcome: 'sent', atReal: Date.now() };
}

/** What a busy server or a fast story brings about is no fault. */
function orThrow(error: unknown, ...expected: readonly (new (...words: never[]) => Error)[]): false {
  if (expected.some((kind) => error instanceof kind)) return false;
  throw error;
}
