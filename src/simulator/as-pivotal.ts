import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Agenda } from './agenda.js';
import { bodyOf } from './event.js';
import { APPLICATION, Outbox, type OutboxPlace, type Receiving } from './outbox.js';
import type { Page } from './page.js';
import { Pivotal } from './pivotal.js';
import { createScenario, type Scenario } from './scenario.js';
import { type Answered, createSender, type Message, type Sender } from './send.js';
import { Subscribers } from './subscribers.js';
import { virtualNow } from './virtual-clock.js';
import { DAY_MS } from './workday.js';

export interface AsPivotalOptions {
  readonly consoleUrl: string;
  readonly token: string;
  /** The receiver to send to; others may add theirs. */
  readonly to?: string;
  readonly onboardings: number;
  readonly days: number;
  /** Days of the story in a day of the wall. */
  readonly speed: number;
  readonly seed: number;
  readonly live: boolean;
  readonly page: Page;
  readonly stopped: AbortSignal;
}

/** Real. */
const LOOK_EVERY_MS = 100;
/** Real. A receiver that is started takes a moment, and its writer should not wait for the second try. */
const PING_EVERY_MS = 2_000;

/**
 * Plays Pivotal for other people's receivers: a story, told through the sender of a Slipway that does nothing else, with
 * each delivery a line. Ends when it is stopped: what has failed is tried again for a day. Throws `NoOutbox`.
 */
export async function playAsPivotal(options: AsPivotalOptions): Promise<void> {
  const { consoleUrl, token, to, page, stopped } = options;
  const place = { consoleUrl, token };
  const outbox = await Outbox.open(place);
  const receiver = to === undefined ? undefined : await outbox.receiving(place, { uid: 'receiver', url: to });
  introduce(page, place, receiver);
  const subscribers = new Subscribers(outbox, place, page);
  await subscribers.open();
  const looking = subscribers.look(stopped);
  if (receiver) await ping(outbox, subscribers, page, stopped);
  else await met(subscribers, page, stopped);
  if (!stopped.aborted) await tell(options, outbox, subscribers, receiver);
  await looking;
}

/** Until it is taken: the receiver has to be started with the secret that was shown just now. */
async function ping(outbox: Outbox, subscribers: Subscribers, page: Page, stopped: AbortSignal): Promise<void> {
  page.line('Start the receiver with that secret; the story begins when it takes a ping.');
  const { id } = await outbox.send(pingOf(`evt_ping_${randomUUID()}`));
  for (let asked = Date.now(); !stopped.aborted && !subscribers.hasTaken(id); await pause(stopped)) {
    if (Date.now() - asked < PING_EVERY_MS) continue;
    asked = Date.now();
    // A console that is away for a moment is asked again.
    await subscribers.again(id).catch(() => {});
  }
}

const pingOf = (id: string): Message => {
  const event = { id, at: Date.now(), org: 'org_simulated', livemode: false, record: { id }, previous: null };
  return { id, eventId: id, type: 'webhook.ping', body: bodyOf({ ...event, type: 'webhook.ping' }, 'envelope') };
};

async function met(subscribers: Subscribers, page: Page, stopped: AbortSignal): Promise<void> {
  page.line('Waiting for a receiver ...');
  while (!stopped.aborted && subscribers.count === 0) await pause(stopped);
}

const pause = (stopped: AbortSignal): Promise<void> =>
  delay(LOOK_EVERY_MS, undefined, { signal: stopped }).catch(() => {});

function introduce(page: Page, { consoleUrl, token }: OutboxPlace, receiver: Receiving | undefined): void {
  page.line('Pivotal is played here, for receivers to be tried against.');
  page.line();
  page.line(`  Management API  ${consoleUrl}, as any Svix client calls it with this as its serverUrl`);
  page.line(`  Token           ${token}`);
  page.line(`  Application     ${APPLICATION}`);
  if (receiver) {
    page.line(`  Sends to        ${receiver.url}`);
    page.line(`  Signed with     ${receiver.secret}`);
  }
  page.line();
  page.line(`${receiver ? 'Another receiver is' : 'A receiver is'} added in another terminal, which shows its secret:`);
  page.line();
  page.line(`  export SLIPWAY_API_TOKEN=${token}`);
  page.line(`  npx slipway endpoint create http://127.0.0.1:3000/webhooks --app ${APPLICATION} --url ${consoleUrl}`);
  page.line();
}

async function tell(
  options: AsPivotalOptions,
  outbox: Outbox,
  subscribers: Subscribers,
  receiver: Receiving | undefined,
): Promise<void> {
  const { page, days, onboardings, seed, speed, live, stopped } = options;
  const now = Date.now();
  const clock = { anchorReal: now, anchorVirtual: Math.round(now + (days * DAY_MS) / speed - days * DAY_MS), speed };
  const tag = `_${seed.toString(36)}`;
  const whole = createScenario({ seed, startAt: clock.anchorVirtual, days, onboardings, tag });
  // Only who knows the secret can forge well, and nobody forges at somebody else's address.
  const scenario: Scenario = receiver ? whole : { ...whole, forgeries: [] };
  const agenda = new Agenda();
  const pivotal = new Pivotal({
    scenario,
    sender: senderOver(outbox, subscribers, receiver),
    agenda,
    livemode: live,
    audience: {
      turnedAway: ({ kind }, { status }) =>
        page.line(page.paint('dim', `${clockTime()}  forgery (${kind}) turned away with ${status}`)),
    },
  });
  page.line(`${onboardings} onboardings over ${days} days, seed ${seed}; ${live ? 'live' : 'test'} events.`);
  await agenda.play(clock, scenario.endAt, stopped);
  const { events, failures } = pivotal.tally;
  for (const failure of failures) page.line(page.paint('red', `! ${failure}`));
  if (stopped.aborted) return;
  page.line();
  page.line(
    `The story was told at ${clockTime()}, ${events} events up to ${new Date(virtualNow(clock)).toISOString().slice(0, 10)}. What failed is tried again, for 24 hours, until Ctrl-C.`,
  );
}

const clockTime = (): string => new Date().toISOString().slice(11, 19);

/** Done once a message is made: its deliveries are told from the log, whenever they come. */
function senderOver(outbox: Outbox, subscribers: Subscribers, receiver: Receiving | undefined): Sender {
  const made = new Map<string, ReturnType<Outbox['send']>>();
  const answer = (status: number): Answered => ({ status, duplicate: false, quarantined: false, code: null, tries: 1 });
  return {
    deliver: async (message) => {
      const former = made.get(message.id);
      try {
        const sent = former ?? outbox.send(message);
        made.set(message.id, sent);
        const { id, isNew } = await sent;
        // A seed that was told before: its events are there, and go out once more.
        if (former || !isNew) await subscribers.again(id);
        return answer(202);
      } catch {
        return answer(0);
      }
    },
    forge: async (kind, message) => (receiver ? createSender(receiver).forge(kind, message) : answer(0)),
  };
}
