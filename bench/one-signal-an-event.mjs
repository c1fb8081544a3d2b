import { TASK_QUEUE } from '../dist/contracts/task-queue.js';
import { parseEvent } from '../dist/domain/event/envelope.js';
import { routeEvent } from '../dist/domain/event/route.js';
import { REAL_CLOCK } from '../dist/domain/time/clock.js';
import { createGateway } from '../dist/temporal/gateway.js';
import { loadEvent, onboardingId, shareOf } from './events.mjs';
import { Void } from './figures.mjs';
import { appliedAt, inParallel } from './histories.mjs';
import { setTimeout as delay } from 'node:timers/promises';

const TAG = 'single';
const AT_ONCE = 64;
const APPLIED_WITHIN_MS = 60_000;

/** What the dispatcher is there to beat: the same kind of events, each in a signal of its own. Returns events a second. */
export async function oneSignalAnEvent(histories, { events, onboardings, say }) {
  const gateway = createGateway({ client: histories.client, taskQueue: TASK_QUEUE, clock: REAL_CLOCK });
  const routes = Array.from({ length: events }, (_, index) => routed(index, events, onboardings));
  const startedAt = Date.now();
  const waiting = [...routes];
  const one = async () => {
    for (let route = waiting.shift(); route; route = waiting.shift())
      await gateway.signalEvents(route.key, [route.fact]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  const last = await lastApplied(histories, events, onboardings);
  const rate = (events * 1000) / (last - startedAt);
  say(`One signal an event: ${events} applied at ${rate.toFixed(0)}/s`);
  return rate;
}

function routed(index, events, onboardings) {
  const now = Date.now();
  const event = parseEvent(loadEvent(TAG, index, onboardings, now - events + index));
  const hearing = { source: 'pivotal', workspace: 'main', sourceMode: 'live', heardAt: now, fallbackAt: now };
  return routeEvent(event, hearing);
}

async function lastApplied(histories, events, onboardings) {
  for (const until = Date.now() + APPLIED_WITHIN_MS; Date.now() < until; await delay(500)) {
    const all = await inParallel([...Array(onboardings).keys()], async (number) => ({
      applied: appliedAt(await histories.eventsOf(`onboarding/main/${onboardingId(TAG, number)}`)),
      share: shareOf(events, onboardings, number),
    }));
    if (all.every(({ applied, share }) => applied.size === share))
      return Math.max(...all.flatMap(({ applied }) => [...applied.values()]));
  }
  throw new Void('Events that were signalled one by one were not all applied.');
}
