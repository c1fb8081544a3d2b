import { type CastMember, OWNERS } from './cast.js';
import type { Dice } from './dice.js';
import { DIALECTS, type EventType, type JsonRecord } from './event.js';
import type { Step } from './step.js';
import { addWorkdays, HOUR_MS, inWorkingHours, MINUTE_MS } from './workday.js';

export interface LifeOptions {
  readonly dice: Dice;
  readonly company: string;
  /** Ends the ids of this scenario, so that two scenarios sent to one Slipway do not meet. */
  readonly tag: string;
  readonly number: number;
  readonly startAt: number;
  readonly owner: CastMember;
}

/** How often the sender's network loses its manners. */
const REPEATED = 0.07;
const LATE = 0.05;
const LATEST_MS = 9 * HOUR_MS;

type More = Partial<Pick<Step, 'fixed' | 'stamps' | 'delayMs' | 'dialect'>>;

/**
 * Writes the life of one onboarding down, step by step; a cursor in working days stands where the story is. The phase
 * names are those of the demo's policy.
 */
export class Life {
  readonly id: string;
  readonly customerId: string;
  readonly owner: CastMember;
  readonly steps: Step[] = [];
  readonly #dice: Dice;
  readonly #options: LifeOptions;
  #cursor: number;
  #tasks = 0;

  constructor(options: LifeOptions) {
    const slug = options.company.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
    this.id = `onb_${slug}${options.tag}`;
    this.customerId = `cus_${slug}${options.tag}`;
    this.owner = options.owner;
    this.#dice = options.dice;
    this.#options = options;
    this.#cursor = options.startAt;
  }

  /** The customer, its first contact, and the onboarding with a first promise `workdays` away. */
  begin(workdays: number): this {
    const { company, number } = this.#options;
    const owner_email = this.owner.email;
    const score = this.#dice.between(70, 92);
    this.customer('customer.created', {
      id: this.customerId,
      display_id: 1000 + number,
      name: company,
      plan: this.#dice.pick(['Starter', 'Growth', 'Scale']),
      mrr: this.#dice.between(8, 60) * 100,
      status: 'active',
      health_score: score,
      at_risk: false,
      churned: false,
      owner_email,
    });
    const contact = `con_${this.customerId.slice('cus_'.length)}`;
    this.#push('contact.created', contact, {
      id: contact,
      customer_id: this.customerId,
      display_id: 2000 + number,
      name: `Project lead at ${company}`,
      email: `lead@${this.customerId.slice('cus_'.length).replaceAll('_', '-')}.example`,
      title: 'Project lead',
      is_primary: true,
    });
    this.#cursor += HOUR_MS;
    return this.onboarding('onboarding.created', {
      id: this.id,
      customer_id: this.customerId,
      display_id: 3000 + number,
      name: company,
      phase: 'kickoff',
      state: 'active',
      target_launch_date: this.dayIn(workdays),
      owner_email,
    });
  }

  /** Moves the cursor on, to some time of that day's working hours. */
  wait(workdays: number): this {
    this.#cursor = inWorkingHours(addWorkdays(this.#cursor, workdays), this.#dice.next());
    return this;
  }

  /** Minutes later: what happens in one go. */
  soon(minutes: number): this {
    this.#cursor += minutes * MINUTE_MS;
    return this;
  }

  /** Works for so many days and finishes a task every few: nothing is silent here. */
  work(workdays: number, every = 3): this {
    for (let done = every; done < workdays; done += every) this.wait(every).task();
    const rest = workdays % every || Math.min(every, workdays);
    return this.wait(rest);
  }

  task(): this {
    const id = `tsk_${this.id.slice('onb_'.length)}_${++this.#tasks}`;
    const title = TASKS[(this.#tasks - 1) % TASKS.length] ?? '';
    return this.#push(
      'task.completed',
      id,
      {
        id,
        onboarding_id: this.id,
        customer_id: this.customerId,
        display_id: 4000 + this.#options.number * 50 + this.#tasks,
        title,
        completed_by: this.#dice.chance(0.5) ? `portal:contact_${this.#options.number}` : 'system',
        assignee_email: this.owner.email,
      },
      { stamps: ['completed_at'] },
    );
  }

  move(phase: string, more: More = {}): this {
    return this.onboarding('onboarding.phase_changed', { phase }, more);
  }

  state(state: string, more: More = {}): this {
    return this.onboarding('onboarding.state_changed', { state }, more);
  }

  /** The target date moves; no event type of its own tells it, the record shows it. */
  retarget(workdays: number): this {
    return this.onboarding('onboarding.updated', { target_launch_date: this.dayIn(workdays) }, { fixed: true });
  }

  handOver(to: CastMember): this {
    return this.onboarding('onboarding.updated', { owner_email: to.email }, { fixed: true });
  }

  /** Goes live: two events about one act. */
  launch(): this {
    return this.onboarding('onboarding.launched', {}, { stamps: ['launched_at'] })
      .soon(2)
      .move('adoption');
  }

  complete(): this {
    return this.onboarding('onboarding.completed', { state: 'completed' }, { stamps: ['completed_at'] });
  }

  onboarding(type: EventType, change: JsonRecord, more: More = {}): this {
    return this.#push(type, this.id, change, more);
  }

  customer(type: EventType, change: JsonRecord, more: More = {}): this {
    return this.#push(type, this.customerId, change, more);
  }

  /** Another owner than this one. */
  otherOwner(): CastMember {
    return this.#dice.pick(OWNERS.filter((one) => one !== this.owner));
  }

  dayIn(workdays: number): string {
    return new Date(addWorkdays(this.#cursor, workdays)).toISOString().slice(0, 10);
  }

  #push(type: EventType, subject: string, change: JsonRecord, more: More = {}): this {
    const dice = this.#dice;
    const dialect = more.dialect ?? (dice.chance(0.5) ? 'envelope' : dice.pick(DIALECTS));
    this.steps.push({
      id: `evt_${this.id.slice('onb_'.length)}_${this.steps.length + 1}`,
      at: this.#cursor,
      life: this.id,
      fixed: more.fixed ?? false,
      type,
      subject,
      change,
      ...(more.stamps ? { stamps: more.stamps } : {}),
      // The record's birth must come in its own time: it carries the name that the story goes by.
      dialect: type.endsWith('.created') ? 'envelope' : dialect,
      // Without a time of its own an event happened when it came, so that a late one would tell a wrong story.
      delayMs: more.delayMs ?? (dialect !== 'bare' && dice.chance(LATE) ? dice.between(HOUR_MS, LATEST_MS) : 0),
      repeats: dice.chance(REPEATED) ? [dice.between(5 * MINUTE_MS, LATEST_MS)] : [],
    });
    return this;
  }
}

const TASKS: readonly string[] = [
  'Send SSO metadata',
  'Agree on the field mapping',
  'Import the first accounts',
  'Name the test users',
  'Sign the data agreement',
  'Connect the billing system',
  'Run the first report',
  'Train the key users',
];
