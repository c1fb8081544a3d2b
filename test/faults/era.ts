import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Onboarding } from '../../src/contracts/api.js';
import { TASK_QUEUE } from '../../src/contracts/task-queue.js';
import { type Clock, toVirtual } from '../../src/domain/time/clock.js';
import { parseSecrets, type Secret } from '../../src/signature/secret.js';
import { type Console, createConsole } from '../../src/simulator/console.js';
import { Dice } from '../../src/simulator/dice.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { createGateway } from '../../src/temporal/gateway.js';
import { until } from '../start/slipway-process.js';
import { quiet } from '../support/temporal.js';
import { alarmScript, isAlarm } from './alarms.js';
import { API_TOKEN, Cluster, type ClusterOptions } from './cluster.js';
import { builtBundle } from './built-bundle.js';
import { cutsCalls, outagesOf } from './consequences.js';
import { crowd } from './crowd.js';
import { judge } from './parts/checker.js';
import { type Divergence, linesOfDivergence, replayed } from './parts/divergence.js';
import type { Finding } from './parts/finding.js';
import { Forging } from './parts/forging.js';
import { Ledger } from './parts/ledger.js';
import { MemoryLog } from './parts/memory.js';
import type { Message } from './parts/message.js';
import { observe, type Observed, type Sources, untilQuiet } from './parts/observe.js';
import type { Outage, Span } from './parts/outage.js';
import { type Remade, remadeOf } from './parts/remade.js';
import { eventScript } from './parts/script.js';
import { startTraffic, type Traffic } from './parts/sender.js';
import { Subscription } from './parts/subscription.js';
import type { Strike } from './plan.js';
import { LADDER } from './policy.js';

/** After a fault was over, real ms. */
export interface Recovery {
  /** Until every process was ready again: what a start takes, and what this machine makes of it. */
  readonly readyMs: number;
  /** Until a new event was signalled to its workflow. */
  readonly signalledMs: number;
  /** Until its workflow had applied it: the whole way works again. */
  readonly appliedMs: number;
}

/** What a judgement looks at that takes longer. */
export interface Depth {
  /** Replays runs, and makes onboardings anew to compare. */
  readonly atEnd?: boolean;
  /** Of the resident memory of each process: with it, memory is looked at. */
  readonly mostMb?: number;
}

export interface EraOptions extends ClusterOptions {
  /** Lives of the realistic script that run side by side. */
  readonly lives?: number;
}

/** Of ten events, so many are about onboardings that are at risk. */
const ALARMS = 0.3;
/** Real. */
const LOOK_AGAIN_MS = 4_000;
/** A message is tried again after this; the real sender's waits begin with 5 s. */
const RETRIES_MS: readonly number[] = [100, 200, 400, 800, 1_500, 3_000, ...Array.from({ length: 40 }, () => 3_000)];
const CANARY_RETRIES_MS: readonly number[] = Array.from({ length: 1_200 }, () => 50);
const CANARY_WITHIN_MS = 90_000;
const CALM_LOOKS = 3;
/** Workflows of an era. */
const REPLAYED = 40;
const REMADE = 60;
const FORGED_EVERY_MS = 1_000;
const FOREIGN = parseSecrets(
  `whsec_${Buffer.from('a secret of the fault harness: foreign').toString('base64')}`,
)[0] as Secret;
/** I5, beyond a few times what the way takes while nothing is broken: a machine with other work on it is late for all. */
const PUNCTUAL_MS = 5_000;
const TIMES_CALM = 3;
/** As in `tooSlow`. */
const TIMES_CALM_AFTER = 10;

/**
 * One life of a cluster with the load on it and the books about it. Everything is judged over the whole of it, so an era
 * ends before its histories are too many to read.
 */
export class Era {
  readonly ledger = new Ledger();
  readonly memory = new MemoryLog();
  /** What the way takes while nothing is broken, on this machine as busy as it is: what recovers is measured against it. */
  calm: Recovery = { readyMs: 0, signalledMs: 0, appliedMs: 0 };
  readonly #outages: Outage[] = [];
  readonly #cuts: Span[] = [];
  readonly #script: Generator<Message>;
  readonly #forging: Forging;
  #canaries = 0;
  #loads = 0;

  private constructor(
    readonly cluster: Cluster,
    readonly clock: Clock,
    private readonly temporal: { readonly client: Client; close(): Promise<void> },
    private readonly subscription: Subscription,
    private readonly options: EraOptions,
  ) {
    this.#script = this.#messages();
    const forger = { own: cluster.secret, foreign: FOREIGN };
    const now = () => this.#now();
    this.#forging = new Forging({ url: cluster.webhooks, forger, seed: options.seed, everyMs: FORGED_EVERY_MS, now });
    this.memory.watch(() => Object.fromEntries(cluster.processes.map(({ name, pid }) => [name, pid])));
  }

  static async begin(options: EraOptions): Promise<Era> {
    const cluster = await Cluster.start(options);
    const clock = await cluster.clock();
    const { directAddress, namespace } = cluster.temporal;
    const temporal = connectTemporal({ options: { address: directAddress }, namespace }, { pastProxy: true });
    const subscription = await Subscription.open(cluster.consoles[0] as string, API_TOKEN);
    return new Era(cluster, clock, temporal, subscription, options);
  }

  async end(): Promise<void> {
    this.memory.stop();
    await this.temporal.close();
    await this.cluster.stop();
    await this.subscription.close();
    await this.#forging.close();
  }

  /** Events at this rate until it is stopped, or after so many seconds, and forgeries among them. */
  load(ratePerSecond: number, seconds?: number): Traffic {
    const traffic = startTraffic({
      edges: [this.cluster.webhooks],
      secret: () => this.cluster.secret,
      messages: this.#script,
      ledger: this.ledger,
      seed: this.options.seed + ++this.#loads,
      ratePerSecond,
      waitsMs: RETRIES_MS,
      connections: 32,
      ...(seconds === undefined ? {} : { seconds }),
    });
    const forging = this.#forging.during(traffic.done);
    const whole = (work: Promise<void>) => Promise.all([work, forging]).then(() => {});
    return { done: whole(traffic.done), stop: () => whole(traffic.stop()) };
  }

  /** A strike lasted so long, and is over; what it held up is worked off from now on, slowly where everything is slow. */
  broke(strike: Strike, lasted: Span): void {
    const readyAt = Date.now() + TIMES_CALM_AFTER * this.calm.appliedMs;
    this.#outages.push(...outagesOf(strike, lasted.from, readyAt));
    if (cutsCalls(strike)) this.#cuts.push(lasted);
  }

  /** Posts every event again, as fast as it is answered: what a sender's "recover" does. */
  async repeatAll(ratePerSecond: number): Promise<number> {
    const messages = this.ledger.accounts.map(({ message }) => message);
    await this.#sendEach(messages, ratePerSecond);
    return messages.length;
  }

  /** As many workflows of which nothing more is heard: with them every place in the workers' memory is taken. */
  async crowd(count: number, ratePerSecond: number): Promise<void> {
    await this.#sendEach(crowd(count, `s${this.options.seed}`, this.#now()), ratePerSecond);
  }

  #sendEach(messages: readonly Message[], ratePerSecond: number): Promise<void> {
    return startTraffic({
      edges: [this.cluster.webhooks],
      secret: () => this.cluster.secret,
      messages: messages[Symbol.iterator](),
      ledger: this.ledger,
      seed: this.options.seed,
      ratePerSecond,
      duplicates: 0,
      waitsMs: RETRIES_MS,
      connections: 32,
    }).done;
  }

  /** Starts what was killed and waits until all works as before. */
  async recover(): Promise<Recovery> {
    const from = performance.now();
    const ready = this.cluster.heal().then(() => performance.now() - from);
    const [canary, readyMs] = await Promise.all([this.#canary(), ready]);
    return { ...canary, readyMs };
  }

  /** Measures `calm`, under the load there is. */
  async measureCalm(): Promise<void> {
    for (let n = 0; n < CALM_LOOKS; n++) {
      const { signalledMs, appliedMs } = await this.recover();
      this.calm = {
        readyMs: 0,
        signalledMs: Math.max(this.calm.signalledMs, signalledMs),
        appliedMs: Math.max(this.calm.appliedMs, appliedMs),
      };
    }
  }

  async #canary(): Promise<Omit<Recovery, 'readyMs'>> {
    const from = performance.now();
    const life = alarmScript({ tag: `canary${++this.#canaries}`, lives: 1, now: () => this.#now() });
    const message = life.next().value;
    const posted = this.#post(message);
    const handle = this.temporal.client.workflow.getHandle(`onboarding/main/${message.subject?.id}`);
    let signalledMs = Infinity;
    const isApplied = async () => {
      const events = (await handle.fetchHistory().catch(() => undefined))?.events ?? [];
      if (events.length > 0) signalledMs = Math.min(signalledMs, performance.now() - from);
      return events.some((event) => event.workflowTaskCompletedEventAttributes);
    };
    await until(isApplied, 'an event is applied again', CANARY_WITHIN_MS);
    const appliedMs = performance.now() - from;
    await posted;
    // At risk from now on, and for good: whatever was broken just now, somebody must be told.
    await this.#post(life.next().value);
    return { signalledMs, appliedMs };
  }

  #post(message: Message): Promise<void> {
    return startTraffic({
      edges: [this.cluster.webhooks],
      secret: () => this.cluster.secret,
      messages: [message][Symbol.iterator](),
      ledger: this.ledger,
      seed: 1,
      ratePerSecond: 1_000,
      duplicates: 0,
      waitsMs: CANARY_RETRIES_MS,
      // The wait for an answer that will not come is the sender's own, not the time to recover.
      answerWithinMs: 2_000,
    }).done;
  }

  /**
   * Waits until every ladder has come to its end and nothing is left to do. Sends that failed and wait for their next
   * try may take longer than anybody waits here: they are counted.
   */
  async settled(withinMs: number): Promise<{ readonly retrying: number }> {
    await untilQuiet({ console: this.#console }, withinMs);
    let open: readonly string[] = [];
    let retrying = 0;
    const isOver = async () => {
      const onboardings = await this.#console.all<Onboarding>('/api/v1/onboardings');
      const sends = onboardings.flatMap((one) => one.escalations.flatMap((escalation) => escalation.sends));
      retrying = sends.filter(({ status, tries }) => status === 'waiting' && tries > 0).length;
      open = onboardings.filter((one) => !one.closed && isBusy(one)).map(({ id }) => id);
      return open.length === 0;
    };
    await until(isOver, 'every ladder has ended', withinMs).catch((error: unknown) => {
      throw new Error(`${String(error)}; still open: ${open.length}, such as ${open.slice(0, 3).join(', ')}`);
    });
    const isTold = async () => (await this.subscription.pending()) === 0;
    await until(isTold, 'every outgoing message has arrived', withinMs);
    return { retrying };
  }

  /** The findings over all of the era. A violation is what a second look shows too: between two looks a send may arrive. */
  async judge(depth: Depth = {}): Promise<readonly Finding[]> {
    const first = await this.#look(depth);
    if (first.every(({ violations }) => violations.length === 0)) return first;
    await pause(LOOK_AGAIN_MS);
    const before = new Set(first.flatMap(({ violations }) => violations));
    const second = await this.#look(depth);
    return second.map((one) => ({ ...one, violations: one.violations.filter((violation) => before.has(violation)) }));
  }

  async #look(depth: Depth): Promise<readonly Finding[]> {
    const { cluster, ledger, clock } = this;
    const withinMs = PUNCTUAL_MS + TIMES_CALM * this.calm.appliedMs;
    // Before what was told: a message that came in between is no violation.
    const observed = await observe(this.#sources);
    const evidence = {
      ledger,
      forged: this.#forging,
      hooks: [{ channel: 'hook', double: cluster.hook, cuts: this.#cuts }],
      script: { ladder: LADDER, isSteady: isAlarm },
      time: { clock, outages: this.#outages, withinMs },
      told: await this.subscription.look(),
      divergence: {
        logged: await linesOfDivergence(cluster.workers.map(({ options }) => options.logFile)),
        replayed: depth.atEnd ? await this.#replayed(observed) : null,
      },
      ...(depth.atEnd ? { remade: await this.#remade(observed) } : {}),
      ...(depth.mostMb === undefined ? {} : { memory: this.memory, mostMb: depth.mostMb }),
    };
    return judge(evidence, observed);
  }

  async #replayed({ workflows }: Observed): Promise<Divergence['replayed']> {
    quiet();
    return replayed(this.temporal.client, await builtBundle(), workflows, { count: REPLAYED, seed: this.options.seed });
  }

  #remade({ onboardings }: Observed): Promise<readonly Remade[]> {
    const why = { by: 'vera', reason: 'The harness looks whether anything would change.' };
    const show = ({ id }: Onboarding) =>
      this.cluster.api<Remade>(`/onboardings/${encodeURIComponent(id)}/rebuild`, why);
    return remadeOf([...onboardings.values()], show, { count: REMADE, seed: this.options.seed });
  }

  get #console(): Console {
    return createConsole(this.cluster.consoles[0] as string, API_TOKEN);
  }

  get #sources(): Sources {
    const { client } = this.temporal;
    const { state } = createGateway({ client, taskQueue: TASK_QUEUE, clock: this.clock });
    const query = "WorkflowType = 'onboarding' OR WorkflowType = 'customer'";
    return { console: this.#console, temporal: client, state, query };
  }

  #now(): number {
    return toVirtual(this.clock, Date.now());
  }

  *#messages(): Generator<Message> {
    const { seed, lives = 16 } = this.options;
    const dice = new Dice(seed, 'mix');
    const now = () => this.#now();
    const alarms = alarmScript({ tag: `s${seed}`, lives: 12, now });
    const story = eventScript({ seed, onboardings: lives, livemode: true, tag: 'f', now, chatter: 1, disorder: 4 });
    for (;;) yield (dice.chance(ALARMS) ? alarms : story).next().value;
  }
}

/** It will act by itself, or a call is out. What waits for another try is not awaited. */
function isBusy({ escalations, next_wake_at }: Onboarding): boolean {
  const sends = escalations.flatMap((one) => one.sends);
  if (sends.some(({ status }) => status === 'calling')) return true;
  if (sends.some(({ status, tries }) => status === 'waiting' && tries > 0)) return false;
  return next_wake_at !== null;
}
