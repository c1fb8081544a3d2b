import { writeFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Cluster, sumOf } from './cluster.mjs';
import { about, eventId, onboardingId, record } from './events.mjs';
import { atMost, told, Void } from './figures.mjs';
import { POLICY, scratchDirectory } from './system.mjs';
import { postAll } from './post-event.mjs';
import { memberWith, processorSeconds } from './processes.mjs';

/** Onboardings a second that two cores start, set low: what is due must not come before all of them are up. */
const STARTS_PER_SECOND = 20;

/** Every onboarding is due in the same second; until the last one's message has left. */
export async function measure({ quick, say }) {
  const onboardings = quick ? 200 : 10_000;
  const minutes = Math.ceil(onboardings / STARTS_PER_SECOND / 60) + 3;
  const cluster = await Cluster.start({ policy: dueAfter(minutes) });
  const at = Date.now();
  await postAll(cluster, eventsOf(onboardings, at));
  if (!(await cluster.isDrained(minutes * 60_000))) throw new Void('Not all of them were started in time.');
  const due = at + minutes * 60_000;
  const left = due - Date.now();
  say(`${onboardings} onboardings wait; all are due in ${(left / 1000).toFixed(0)} s`);
  if (left < 5_000) throw new Void('They were due before all of them waited.');
  await delay(left);
  const spentBefore = spent(cluster);
  const lastLeft = await allLeft(cluster, onboardings, due + 600_000);
  const took = spent(cluster).map((seconds, nth) => (1000 * (seconds - spentBefore[nth])) / onboardings);
  await cluster.stop();
  return [
    atMost(`${onboardings} timers due in one second, all sent`, (lastLeft - due) / 1000, 's', 120),
    told('processor time of the workers for one of them', took[0], 'ms'),
    ...(took[1] > 0 ? [told('of the Temporal server', took[1], 'ms')] : []),
  ];
}

/** Seconds of processor so far: of the workers, and of the development server, which is 0 for a server of yours. */
function spent(cluster) {
  const server = memberWith(process.pid, 'start-dev');
  return [cluster.workers.map(({ pid }) => pid), server ? [server] : []].map(processorSeconds);
}

function dueAfter(minutes) {
  const file = path.join(scratchDirectory(), 'slipway.yaml');
  const text = readFileSync(POLICY, 'utf8')
    .replace('calendar: office }\ncalendars', 'calendar: always }\ncalendars')
    .replaceAll('calendar: office, channels', 'calendar: always, channels')
    .replace(
      '{ name: kickoff, behind: 3 working days, stuck: 5 working days }',
      `{ name: kickoff, behind: 1 minutes, stuck: ${minutes} minutes }`,
    );
  writeFileSync(file, text);
  return file;
}

/** Without a customer each: it is the timers that are measured. All of them entered their phase at one instant. */
function eventsOf(onboardings, at) {
  return Array.from({ length: onboardings }, (_, nth) => ({
    id: eventId('timer', nth),
    created_at: new Date(at).toISOString(),
    ...about('onboarding.created', { ...record(onboardingId('timer', nth), 0), customer_id: undefined }, null),
  }));
}

/** Asks the workers how many left, once a second, and returns when all had (epoch ms). */
async function allLeft(cluster, onboardings, until) {
  for (;;) {
    const left = await howManyLeft(cluster);
    if (left >= onboardings) return Date.now();
    if (Date.now() > until) throw new Void(`Only ${left} of ${onboardings} were sent within 10 minutes.`);
    await delay(1_000);
  }
}

const howManyLeft = (cluster) => sumOf(cluster.workers, /^slipway_sends_total\{[^}]*result="sent"[^}]*\} (\d+)/gm);
