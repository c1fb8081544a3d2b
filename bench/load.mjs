import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onboardingId, shareOf } from './events.mjs';
import { percentile, Void } from './figures.mjs';
import { SECRET } from './system.mjs';

const SENDER = fileURLToPath(new URL('sender.mjs', import.meta.url));
const senders = new Set();
const PREPARED_WITHIN_MS = 60_000;
/** Beyond what the plan itself takes. */
const REPORTED_WITHIN_MS = 120_000;

/** Prepares a run of the sender; `go()` lets it begin and resolves with its books. */
export async function prepareLoad(system, { tag, count, onboardings, connections = 64, perSecond, seconds }) {
  const child = fork(SENDER, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  senders.add(child);
  child.once('exit', () => senders.delete(child));
  const plan = { url: system.webhooks, secret: SECRET, tag, count, onboardings, connections, perSecond, seconds };
  child.send(plan);
  await message(child, PREPARED_WITHIN_MS);
  return {
    async go(withinMs = REPORTED_WITHIN_MS + plannedMs(plan)) {
      child.send({ go: true });
      return new Books(plan, await message(child, withinMs));
    },
  };
}

const plannedMs = ({ count, perSecond, seconds = 0 }) => 1_000 * (perSecond ? count / perSecond : seconds);

export async function runLoad(system, plan) {
  const load = await prepareLoad(system, plan);
  return load.go();
}

export function killSenders() {
  for (const child of senders) child.kill('SIGKILL');
}

/** What the sender knows: sent = acknowledged + rejected + unknown, or the run is void. */
class Books {
  constructor(plan, report) {
    this.plan = plan;
    this.sent = report.sent;
    this.sentAt = report.sentAt;
    this.endedAt = report.endedAt;
    /** How late an event left at worst, in ms: what the sender itself added to the waits. */
    this.latestMs = report.latestMs;
    /** The longest pause of the sender's own loop, ms. */
    this.pausedMs = report.pausedMs;
    const of = (test) => report.statuses.reduce((sum, status) => sum + (test(status) ? 1 : 0), 0);
    this.acknowledged = of((status) => status === 200);
    this.unknown = of((status) => status === 0);
    this.rejected = of((status) => status > 0 && status !== 200);
    if (this.sent !== this.acknowledged + this.rejected + this.unknown)
      throw new Void(`The sender's books do not add up: ${this.line}.`);
    this.acknowledgedIndexes = [];
    report.statuses.forEach((status, index) => {
      if (status === 200) this.acknowledgedIndexes.push(index);
    });
    this.shedWaits = Float64Array.from(report.waits.filter((_, index) => report.statuses[index] === 503));
    this.#waits = Float64Array.from(this.acknowledgedIndexes, (index) => report.waits[index]);
  }

  #waits;

  get line() {
    return `${this.sent} sent = ${this.acknowledged} acknowledged + ${this.rejected} rejected + ${this.unknown} unknown`;
  }

  /** ms until an acknowledge, counted from the instant at which the event was to leave. */
  wait(part) {
    return percentile(this.#waits, part);
  }

  /** Events a second that were acknowledged. */
  get rate() {
    return (this.acknowledged * 1000) / (this.endedAt - this.startedAt);
  }

  get startedAt() {
    return this.sentAt.reduce((least, at) => (at > 0 && at < least ? at : least), Number.POSITIVE_INFINITY);
  }

  /** Every onboarding with the number of its events, where all of them were acknowledged. */
  get shares() {
    const { tag, onboardings } = this.plan;
    return Array.from({ length: onboardings }, (_, number) => ({
      id: onboardingId(tag, number),
      events: shareOf(this.sent, onboardings, number),
    })).filter(({ events }) => events > 0);
  }

  /** For runs of which every event must arrive. */
  mustBeWhole() {
    if (this.acknowledged !== this.sent) throw new Void(`Not every event was acknowledged: ${this.line}.`);
    return this;
  }
}

function message(child, withinMs) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The sender said nothing for ${withinMs / 1000} s.`)), withinMs);
    child.once('message', (said) => {
      clearTimeout(timer);
      resolve(said);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`The sender ended by itself (${code}).`));
    });
  });
}
