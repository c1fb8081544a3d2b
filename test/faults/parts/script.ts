import { Dice } from '../../../src/simulator/dice.js';
import { Books } from '../../../src/simulator/books.js';
import { bodyOf, type SentEvent } from '../../../src/simulator/event.js';
import { createScenario } from '../../../src/simulator/scenario.js';
import type { Step } from '../../../src/simulator/step.js';
import type { Message, Subject } from './message.js';

export interface ScriptOptions {
  readonly seed: number;
  /** Lives that run side by side; when they end, as many others begin. */
  readonly onboardings: number;
  /** Live events reach people. */
  readonly livemode: boolean;
  /** Ends every id, so that two scripts sent to one Slipway do not meet. */
  readonly tag?: string;
  /** Virtual epoch ms at which an event is made: what it says happens now. */
  readonly now: () => number;
  /** Finished tasks beside each event of a life: more traffic over the same onboardings. */
  readonly chatter?: number;
  /** How many messages are held back and let go in any order; 1 keeps their order. */
  readonly disorder?: number;
}

const DAYS = 60;

/**
 * Messages without end, in the realistic order of lives that run side by side, then shuffled within a window. The same
 * seed gives the same messages but for their instants, which are the caller's.
 */
export function* eventScript(options: ScriptOptions): Generator<Message, never> {
  const dice = new Dice(options.seed, 'disorder');
  const held: Message[] = [];
  for (const message of inOrder(options)) {
    held.push(message);
    if (held.length < (options.disorder ?? 1)) continue;
    const [one] = held.splice(dice.between(0, held.length - 1), 1);
    if (one) yield one;
  }
  throw new Error('inOrder never ends');
}

function* inOrder({ seed, onboardings, livemode, tag = '', now, chatter = 0 }: ScriptOptions): Generator<Message> {
  const dice = new Dice(seed, 'chatter');
  for (let lap = 0; ; lap++) {
    const own = `${tag}_${seed.toString(36)}x${lap}`;
    const { steps, org } = createScenario({ seed: seed + lap, startAt: now(), days: DAYS, onboardings, tag: own });
    const books = new Books(org, livemode);
    const begun: string[] = [];
    let last = 0;
    let tasks = 0;
    for (const step of steps) {
      last = Math.max(last + 1, now());
      yield messageOf(books.enter(step, last), step);
      if (step.type === 'onboarding.created') begun.push(step.subject);
      for (let n = 0; n < chatter && begun.length > 0; n++) {
        last = Math.max(last + 1, now());
        const task = taskOf(dice.pick(begun), ++tasks);
        yield messageOf(books.enter(task, last), task);
      }
    }
  }
}

function taskOf(onboarding: string, number: number): Step {
  const id = `tsk_${onboarding.slice('onb_'.length)}_c${number}`;
  return {
    id: `evt_${id}`,
    at: 0,
    life: onboarding,
    fixed: true,
    type: 'task.completed',
    subject: id,
    change: { id, onboarding_id: onboarding, title: `Check item ${number}`, completed_by: 'system' },
    stamps: ['completed_at'],
    dialect: 'envelope',
    delayMs: 0,
    repeats: [],
  };
}

function messageOf(event: SentEvent, step: Step): Message {
  const body = bodyOf(event, step.dialect);
  return { id: `msg_${event.id}`, eventId: event.id, type: event.type, subject: subjectOf(event), body };
}

/** Told here once more, from the sender's pages and not from the code under test. */
function subjectOf({ type, record }: SentEvent): Subject | null {
  const id = (field: string): string => {
    const value = record[field];
    return typeof value === 'string' ? value : '';
  };
  if (type.startsWith('onboarding.')) return { kind: 'onboarding', id: id('id') };
  if (type.startsWith('customer.')) return { kind: 'customer', id: id('id') };
  if (type === 'contact.created') return { kind: 'customer', id: id('customer_id') };
  return type === 'task.completed' ? { kind: 'onboarding', id: id('onboarding_id') } : null;
}
