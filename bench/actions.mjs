import { setTimeout as delay } from 'node:timers/promises';
import { billableActions, total } from './billable.mjs';
import { about, record, task } from './events.mjs';
import { atMost, percentile, told, Void } from './figures.mjs';
import { Histories } from './histories.mjs';
import { postEvent } from './post-event.mjs';
import { System } from './system.mjs';

const DAY_MS = 86_400_000;
const HOUR_MS = DAY_MS / 24;
/** A day a second: slow enough that no two events of the story meet in one signal. */
const SPEED = 86_400;
const LIVES = [0, 1, 2, 3, 4];

/** What Temporal Cloud would bill for a whole onboarding, counted in real histories at a day a second. */
export async function measure({ quick, say }) {
  const system = await System.start({ speed: SPEED });
  const clock = await virtualClock(system);
  const monday = nextMonday(clock.now());
  const story = quick ? STORY.filter(([day]) => day < 12) : STORY;
  await Promise.all(LIVES.map((number) => live(system, clock, monday + (number * HOUR_MS) / 2, story, number)));
  const histories = await Histories.open(system);
  if (!quick) await closed(histories);
  const bills = await Promise.all(LIVES.map((number) => bill(system, histories, number)));
  await histories.close();
  await system.stop();
  for (const { counts, sends, events } of bills)
    say(
      `Actions: ${total(counts)} for ${events} events and ${sends.join(' + ') || 'no'} messages: ${JSON.stringify(counts)}`,
    );
  const middle = (of) => percentile(bills.map(of), 0.5);
  return [
    atMost(
      'Actions of a 60-day onboarding',
      middle(({ counts }) => total(counts)),
      'Actions',
      60,
    ),
    told(
      'notifications sent in it',
      middle(({ notified }) => notified),
      'messages',
    ),
    told(
      'updates of them sent in it',
      middle(({ updated }) => updated),
      'messages',
    ),
    told(
      "Actions of its customer's workflow",
      middle(({ customer }) => total(customer)),
      'Actions',
    ),
  ];
}

const id = (number) => `onb_life_${number}`;
const moved = (from, to) => (onb) =>
  about('onboarding.phase_changed', record(onb, to), { phase: record(onb, from).phase });
const said =
  (type, phase, more, previous = null) =>
  (onb) =>
    about(type, record(onb, phase, more), previous);
const did = (number) => (onb) => about('task.completed', task(onb, number), null);

/**
 * Day and hour of each of 30 events. It gets stuck twice, is at risk once and waits for its customer once, each for days
 * more than that takes, so that holidays in between do not change what is sent.
 */
const STORY = [
  [0, 9, said('onboarding.created', 0)],
  [1, 10, did(1)],
  [2, 11, did(2)],
  [4, 10, did(3)],
  [7, 14, did(4)],
  [8, 10, did(5)],
  [11, 10, moved(0, 1)],
  [14, 10, said('onboarding.at_risk', 1)],
  [15, 10, did(6)],
  [17, 12, said('onboarding.back_on_track', 1)],
  [18, 10, did(7)],
  [21, 11, did(8)],
  [22, 10, said('onboarding.updated', 1)],
  [23, 10, moved(1, 2)],
  [24, 11, said('onboarding.state_changed', 2, { state: 'waiting' }, { state: 'active' })],
  [44, 10, said('onboarding.state_changed', 2, { state: 'active' }, { state: 'waiting' })],
  [45, 10, did(9)],
  [45, 15, said('onboarding.updated', 2)],
  [46, 10, moved(2, 3)],
  [49, 10, did(10)],
  [50, 10, did(11)],
  [51, 11, did(12)],
  [52, 10, did(13)],
  [53, 14, did(14)],
  [56, 10, moved(3, 4)],
  [56, 15, said('onboarding.launched', 4)],
  [57, 10, did(15)],
  [58, 10, did(16)],
  [59, 11, said('onboarding.updated', 4)],
  [60, 10, said('onboarding.completed', 4, { state: 'completed' }, { state: 'active' })],
];

async function live(system, clock, monday, story, number) {
  for (const [index, [day, hour, eventFor]] of story.entries()) {
    await clock.until(monday + day * DAY_MS + (hour - 9) * HOUR_MS);
    const at = new Date(clock.now()).toISOString();
    const status = await postEvent(system, {
      id: `evt_life_${number}_${index}`,
      created_at: at,
      ...eventFor(id(number)),
    });
    if (status !== 200) throw new Void(`An event of the story was answered ${status}.`);
  }
}

/** The books are closed once the grace time after the completion is over and the workflow has ended. */
async function closed(histories) {
  for (const until = Date.now() + 30_000; Date.now() < until; await delay(500)) {
    const all = await Promise.all(LIVES.map((number) => histories.isOver(`onboarding/main/${id(number)}`)));
    if (all.every(Boolean)) return;
  }
  throw new Void('An onboarding that was completed did not end after its grace time.');
}

async function bill(system, histories, number) {
  const view = await system.api(`/onboardings/${id(number)}`);
  const kinds = new Map();
  for (const send of view.escalations.flatMap((one) => one.sends))
    if (send.status === 'sent') kinds.set(send.kind, (kinds.get(send.kind) ?? 0) + 1);
  return {
    counts: billableActions(await histories.eventsOf(`onboarding/main/${id(number)}`)),
    customer: billableActions(await histories.eventsOf(`customer/main/cus_${id(number)}`)),
    events: view.events.applied,
    notified: kinds.get('notified') ?? 0,
    updated: [...kinds].reduce((sum, [kind, count]) => sum + (kind === 'notified' ? 0 : count), 0),
    sends: [...kinds].map(([kind, count]) => `${count} ${kind}`),
  };
}

async function virtualClock(system) {
  const asked = Date.now();
  const { clock } = await system.api('/status');
  const anchor = Date.parse(clock.now);
  const now = () => anchor + (Date.now() - asked) * clock.speed;
  const until = async (at) => {
    while (now() < at) await delay(Math.max(1, Math.min(200, (at - now()) / clock.speed)));
  };
  return { now, until };
}

/** 09:00 in Berlin, give or take an hour of summer time. */
function nextMonday(now) {
  const midnight = Math.ceil(now / DAY_MS) * DAY_MS;
  const day = new Date(midnight).getUTCDay();
  return midnight + ((8 - day) % 7) * DAY_MS + 8 * HOUR_MS;
}
