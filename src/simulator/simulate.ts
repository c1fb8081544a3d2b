import { Agenda } from './agenda.js';
import { OWN_INGRESS, openCarrier } from './carrier.js';
import { createConsole } from './console.js';
import { APPLICATION, NoOutbox } from './outbox.js';
import type { Page } from './page.js';
import { Pivotal } from './pivotal.js';
import { createScenario } from './scenario.js';
import { createSender, type Sender } from './send.js';
import type { Tally } from './tally.js';
import { type VirtualClock, virtualNow } from './virtual-clock.js';
import { DAY_MS } from './workday.js';

export interface Simulation {
  /** The whole address of the webhook. */
  readonly url: string;
  readonly secret: string;
  /** Of the same Slipway, to ask for its clock. */
  readonly consoleUrl?: string;
  readonly token?: string;
  readonly onboardings: number;
  readonly days: number;
  /** Days of the story in a day of the wall: 86400 plays a day a second. */
  readonly speed: number;
  readonly seed: number;
  /** Live events reach people; unless it is set everything is sent as test mode. */
  readonly live: boolean;
  readonly page: Page;
  readonly isTerminal: boolean;
  readonly stopped: AbortSignal;
}

const PROGRESS_EVERY_MS = 200;
/** Where nobody rewrites the line: one every ten seconds. */
const PLAIN_PROGRESS_EVERY_MS = 10_000;
const MOST_FAILURES_SHOWN = 10;

/**
 * Sends a scenario to a running Slipway. The story ends at what will then be now on the target's clock: one that runs
 * as fast as the story gets it as it happens, one in real time gets the history of the past days.
 */
export async function simulate(options: Simulation): Promise<number> {
  const { page, days, onboardings, seed, live } = options;
  const target = await targetClock(options);
  const clock = storyClock(options, target);
  const tag = `_${seed.toString(36)}`;
  const scenario = createScenario({ seed, startAt: clock.anchorVirtual, days, onboardings, tag });
  const agenda = new Agenda();
  const { sender, close } = await senderFor(options);
  const pivotal = new Pivotal({ scenario, sender, agenda, livemode: live, audience: {} });
  page.line(`${onboardings} onboardings over ${days} days to ${options.url}, seed ${seed}.`);
  page.line(
    live ? 'Live events: people will be chased.' : 'Test mode: nobody is chased, the log channel tells it all.',
  );
  page.line(`The story runs from ${day(scenario.startAt)} to ${day(scenario.endAt)}.`);

  const every = options.isTerminal ? PROGRESS_EVERY_MS : PLAIN_PROGRESS_EVERY_MS;
  const showing = setInterval(() => page.progress(progressOf(pivotal.tally, virtualNow(clock))), every);
  await agenda.play(clock, scenario.endAt, options.stopped);
  clearInterval(showing);
  await close();
  page.progress(progressOf(pivotal.tally, Math.min(virtualNow(clock), scenario.endAt)));
  page.line();
  return sayHowItWent(page, pivotal.tally);
}

/** The target's own sender where its console offers one; else the simulator posts itself, and says so. */
async function senderFor(options: Simulation): Promise<{ sender: Sender; close(): Promise<void> }> {
  const { url, secret, consoleUrl, token, page, stopped } = options;
  const direct = createSender({ url, secret });
  const posting = (why: string) => {
    page.line(`${why} So the simulator posts the events itself.`);
    return { sender: direct, close: async () => {} };
  };
  if (consoleUrl === undefined) return { sender: direct, close: async () => {} };
  if (!areOfOneMachine(url, consoleUrl)) return posting(`${url} is not of the Slipway whose console is ${consoleUrl}.`);
  try {
    const console = createConsole(consoleUrl, token);
    const carrier = await openCarrier({ consoleUrl, token, console, url, secret, direct, stopped });
    page.line(
      `Its own sender delivers them: \`slipway endpoint attempts ${OWN_INGRESS} --app ${APPLICATION}\` lists every try.`,
    );
    return { sender: carrier, close: () => carrier.close() };
  } catch (error) {
    if (error instanceof NoOutbox) return posting(error.message);
    throw error;
  }
}

/** An edge of another machine is not the console's own, and webhooks out are not to be tried on somebody else's. */
function areOfOneMachine(one: string, other: string): boolean {
  const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).hostname : url).replace('localhost', '127.0.0.1');
  return hostOf(one) === hostOf(other);
}

interface TargetClock {
  readonly now: number;
  readonly speed: number;
}

/** The wall's where the console cannot be asked. */
async function targetClock({ consoleUrl, token, page }: Simulation): Promise<TargetClock> {
  if (consoleUrl === undefined) return { now: Date.now(), speed: 1 };
  try {
    const { clock } = await createConsole(consoleUrl, token).get<{ clock: { now: string; speed: number } }>(
      '/api/v1/status',
    );
    return { now: Date.parse(clock.now), speed: clock.speed };
  } catch {
    page.line(`The console at ${consoleUrl} does not tell its clock, so the clock of this machine is used.`);
    return { now: Date.now(), speed: 1 };
  }
}

function storyClock({ days, speed }: Simulation, target: TargetClock): VirtualClock {
  const spanMs = days * DAY_MS;
  const endAt = target.now + (spanMs / speed) * target.speed;
  return { anchorReal: Date.now(), anchorVirtual: Math.round(endAt - spanMs), speed };
}

function sayHowItWent(page: Page, tally: Tally): number {
  page.line(`  Events        ${tally.events}, ${tally.late} of them delivered late, out of order`);
  page.line(`  Deliveries    ${tally.acknowledged} acknowledged, ${tally.duplicates} of them known as repeats`);
  page.line(`  Tried again   ${tally.retries} times after a server error or a broken connection`);
  page.line(`  Forgeries     ${tally.turnedAway} of ${tally.forged} turned away`);
  for (const failure of tally.failures.slice(0, MOST_FAILURES_SHOWN)) page.line(page.paint('red', `! ${failure}`));
  const more = tally.failures.length - MOST_FAILURES_SHOWN;
  if (more > 0) page.line(`! ... and ${more} more.`);
  return tally.failures.length === 0 ? 0 : 1;
}

const progressOf = (tally: Tally, now: number): string =>
  `${day(now)}: ${tally.acknowledged} deliveries acknowledged, ${tally.turnedAway} forgeries turned away`;

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
