import { Agenda } from './agenda.js';
import { CAST, castMember } from './cast.js';
import { closingLine, createChaseLines } from './chase-line.js';
import { conclude, type Ending } from './closing.js';
import { createConsole } from './console.js';
import { createNarrator } from './narrator.js';
import { type Page, wrapped } from './page.js';
import { People } from './people.js';
import { Pivotal } from './pivotal.js';
import type { Heard } from './receiver.js';
import { createScenario, type Scenario } from './scenario.js';
import { createSender } from './send.js';
import { type Line, sayDay, Story } from './story.js';
import { type VirtualClock, virtualNow } from './virtual-clock.js';
import { HOUR_MS } from './workday.js';

export interface DemoStoryOptions {
  readonly page: Page;
  readonly seed: number;
  readonly days: number;
  readonly onboardings: number;
  /** The clock of the Slipway that the story happens to. */
  readonly clock: VirtualClock;
  readonly webhookUrl: string;
  readonly secret: string;
  readonly consoleUrl: string;
  readonly stopped: AbortSignal;
}

export interface DemoStory {
  /** Takes in what Slipway sent: it is told, and the person it went to may act on it. */
  hear(message: Heard): void;
  /** After the closing table. */
  readonly told: Promise<Ending>;
}

/** The zone of config/demo.yaml. */
const ZONE = 'Europe/Berlin';
const LEAD_MS = 2 * HOUR_MS;
const TURN_EVERY_MS = 50;

/** Plays three months and tells them: the fake Pivotal, the five people, and a narrator who only reports. */
export function playDemo(options: DemoStoryOptions): DemoStory {
  const { page, seed, days, onboardings, clock, stopped } = options;
  const scenario = createScenario({ seed, startAt: virtualNow(clock) + LEAD_MS, days, onboardings, tag: '' });
  const story = new Story(page, ZONE);
  const tell = (line: Line) => story.tell(line, virtualNow(clock));
  const agenda = new Agenda();
  const console = createConsole(options.consoleUrl);
  const people = new People({
    seed,
    agenda,
    console,
    now: () => virtualNow(clock),
    closed: ({ data }, at) => tell({ at, ...closingLine(data) }),
  });
  const chases = createChaseLines(ZONE, (id) => castMember(id)?.name ?? id);
  const pivotal = new Pivotal({
    scenario,
    sender: createSender({ url: options.webhookUrl, secret: options.secret }),
    agenda,
    livemode: true,
    audience: createNarrator(tell, scenario),
  });
  introduce(page, options, scenario);
  const told = async (): Promise<Ending> => {
    const turning = setInterval(() => story.turnPage(virtualNow(clock)), TURN_EVERY_MS);
    await agenda.play(clock, scenario.endAt, stopped);
    clearInterval(turning);
    story.end();
    if (stopped.aborted) return { holds: pivotal.tally.failures.length === 0, commands: [] };
    return conclude({ page, console, zone: ZONE, tally: pivotal.tally, refused: people.failures });
  };
  return {
    hear: (message) => {
      const line = chases.of(message);
      if (line) tell(line);
      people.hear(message);
    },
    told: told(),
  };
}

function introduce(page: Page, { days, onboardings, seed }: DemoStoryOptions, scenario: Scenario): void {
  const names = CAST.map(({ name }) => name.split(' ')[0]).join(', ');
  page.line();
  for (const line of wrapped(
    `Slipway keeps customer onboardings moving. It hears from Pivotal, the tool in which a vendor runs its onboardings, through signed webhooks, and keeps one durable Temporal workflow for each. When an onboarding stalls, turns at risk or misses its date, Slipway chases the person in charge, in working hours, and climbs a ladder (owner, manager, sponsor) until somebody acts. Then it is quiet.`,
  ))
    page.line(line);
  page.line();
  for (const line of wrapped(
    `You will now see ${onboardings} invented onboardings over ${days} days, a day a second. ${names} are the people at the vendor; what each does when chased is thrown with dice (seed ${seed}). Lines marked CHASE are real messages that Slipway sent, 1 to 3 is the level of the ladder; "takes it" means that the person acknowledged and is left alone for a while. The other lines are what happened at the customers.`,
  ))
    page.line(line);
  page.line(page.paint('dim', `From ${sayDay(scenario.startAt, ZONE)} to ${sayDay(scenario.endAt, ZONE)}.`));
}
