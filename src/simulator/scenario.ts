import { companyName, OWNERS } from './cast.js';
import { Dice } from './dice.js';
import { FATES } from './fates.js';
import { Life } from './life.js';
import { FORGERIES, type Forgery, type Step } from './step.js';
import { addWorkdays, DAY_MS, HOUR_MS, inWorkingHours, offWeekend } from './workday.js';

export interface ScenarioOptions {
  readonly seed: number;
  /** Story time, epoch ms. */
  readonly startAt: number;
  readonly days: number;
  readonly onboardings: number;
  /** Ends every id; empty where nobody else sends to the same Slipway. */
  readonly tag: string;
}

/** What will happen at the sender unless people change it, and what will be forged in its name. */
export interface Scenario {
  readonly seed: number;
  readonly startAt: number;
  readonly endAt: number;
  readonly org: string;
  readonly lives: readonly { readonly id: string; readonly company: string }[];
  /** By time; of one life in the order in which they happen. */
  readonly steps: readonly Step[];
  readonly forgeries: readonly Forgery[];
}

/** Onboardings begin in the first part of the story, so that most can end in it. */
const BEGIN_WITHIN = 0.4;
const SYNC_EVERY_DAYS = 7;
const DAYS_A_FORGERY = 9;

/** The same options give the same scenario, to the byte. */
export function createScenario(options: ScenarioOptions): Scenario {
  const { seed, startAt, days, onboardings, tag } = options;
  const dice = new Dice(seed, 'scenario');
  const fates = dice.shuffled(Array.from({ length: onboardings }, (_, n) => FATES[n % FATES.length] ?? FATES[0]));
  const lives = fates.map((fate, number) => {
    const own = new Dice(seed, 'life', number);
    const life = new Life({
      dice: own,
      company: companyName(number),
      tag,
      number,
      startAt: beginning(options, number, own),
      owner: OWNERS[number % OWNERS.length] ?? dice.pick(OWNERS),
    });
    fate?.(life, own);
    return { life, company: companyName(number) };
  });
  const ping = pingOf(startAt, tag);
  const ends = startAt + days * DAY_MS;
  const steps = [
    ping,
    ...lives.flatMap(({ life }) => life.steps),
    ...syncs(
      options,
      lives.map(({ life }) => life),
    ),
  ];
  return {
    seed,
    startAt,
    endAt: ends,
    org: `org_simulated${tag}`,
    lives: lives.map(({ life, company }) => ({ id: life.id, company })),
    steps: steps.filter((step) => step.at < ends).sort((a, b) => a.at - b.at),
    forgeries: forgeriesOf(
      options,
      lives.map(({ life }) => life),
    ),
  };
}

function beginning({ startAt, days, onboardings }: ScenarioOptions, number: number, dice: Dice): number {
  const workday = Math.floor((number * days * BEGIN_WITHIN * (5 / 7)) / Math.max(1, onboardings));
  const at = inWorkingHours(addWorkdays(startAt, workday), dice.next() * 0.6);
  return at > startAt ? at : inWorkingHours(offWeekend(startAt + DAY_MS), dice.next() * 0.6);
}

/** What the sender posts when an endpoint is saved: no onboarding, no customer, and still a 2xx is due. */
function pingOf(startAt: number, tag: string): Step {
  return {
    id: `evt_ping${tag}`,
    at: startAt,
    life: null,
    fixed: true,
    type: 'webhook.ping',
    subject: `ping${tag}`,
    change: { message: 'The endpoint was saved.' },
    dialect: 'envelope',
    delayMs: 0,
    repeats: [],
  };
}

/** A CRM writes every customer back once a week, at night and all at once. It is no activity on anybody's side. */
function syncs({ seed, startAt, days }: ScenarioOptions, lives: readonly Life[]): Step[] {
  const dice = new Dice(seed, 'sync');
  const nights: number[] = [];
  const first = Math.floor(startAt / DAY_MS) * DAY_MS + 9 * DAY_MS + HOUR_MS;
  for (let at = first; at < startAt + days * DAY_MS; at += SYNC_EVERY_DAYS * DAY_MS) nights.push(at);
  return nights.flatMap((at, night) =>
    lives
      .filter((life) => (life.steps[0]?.at ?? Number.POSITIVE_INFINITY) < at)
      .map((life) => ({
        id: `evt_${life.customerId.slice('cus_'.length)}_sync${night + 1}`,
        at,
        life: null,
        fixed: true,
        type: 'customer.updated' as const,
        subject: life.customerId,
        change: { mrr: dice.between(8, 60) * 100 },
        dialect: dice.pick(['envelope', 'overview', 'flat'] as const),
        delayMs: 0,
        repeats: dice.chance(0.1) ? [HOUR_MS] : [],
      })),
  );
}

function forgeriesOf({ seed, startAt, days }: ScenarioOptions, lives: readonly Life[]): Forgery[] {
  const dice = new Dice(seed, 'forgeries');
  const count = Math.max(FORGERIES.length, Math.floor(days / DAYS_A_FORGERY));
  return Array.from({ length: count }, (_, n) => ({
    at: startAt + Math.round(((n + 0.5 + dice.next() * 0.4) / count) * days * DAY_MS),
    kind: FORGERIES[n % FORGERIES.length] ?? dice.pick(FORGERIES),
    life: dice.pick(lives).id,
  }));
}
