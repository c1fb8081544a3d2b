import { writeFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Cluster } from './cluster.mjs';
import { about, eventId, onboardingId, record } from './events.mjs';
import { atMost, told, Void } from './figures.mjs';
import { POLICY, scratchDirectory } from './system.mjs';
import { postAll } from './post-event.mjs';

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
  const sent = await allSent(cluster, onboardings, due + 300_000);
  await cluster.stop();
  const last = (Math.max(...sent) - due) / 1000;
  return [
    atMost(`${onboardings} timers due in one second, all sent`, last, 's', 120),
    told('the first of them', (Math.min(...sent) - due) / 1000, 's'),
  ];
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

/** Asks the workers how many left, which costs them nothing, and only then when each did. */
async function allSent(cluster, onboardings, until) {
  for (let left = 0; left < onboardings; await delay(1_000)) {
    left = await howManyLeft(cluster);
    if (Date.now() > until) throw new Void(`Only ${left} of ${onboardings} were sent within 5 minutes.`);
  }
  // What has left is told to the lists a moment later.
  for (;;) {
    const sent = await sends(cluster);
    if (sent.length >= onboardings) return sent;
    if (Date.now() > until) throw new Void(`The lists know of ${sent.length} of ${onboardings} sends.`);
    await delay(5_000);
  }
}

async function howManyLeft(cluster) {
  const texts = await Promise.all(
    cluster.workers.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()),
  );
  const series = texts.flatMap((text) => [...text.matchAll(/^slipway_sends_total\{[^}]*result="sent"[^}]*\} (\d+)/gm)]);
  return series.reduce((sum, [, count]) => sum + Number(count), 0);
}

async function sends(cluster) {
  const at = [];
  for (let cursor = ''; cursor !== null; ) {
    const page = await cluster.api(
      `/escalations?rule=stuck_in_phase&limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    for (const { sends: made } of page.data) {
      const first = made.find((send) => send.status === 'sent');
      if (first) at.push(Date.parse(first.at));
    }
    cursor = page.next_cursor;
  }
  return at;
}
