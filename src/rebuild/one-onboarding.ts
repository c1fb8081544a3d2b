import { createHash } from 'node:crypto';
import type { Gateway } from '../contracts/gateway.js';
import { workflowId } from '../contracts/ids.js';
import type { Inbox } from '../contracts/inbox.js';
import type { Observer } from '../contracts/observer.js';
import {
  type OnboardingRebuild,
  type RebuildGateway,
  type RebuildLook,
  type RebuildOrder,
  RebuildRefusal,
} from '../contracts/rebuild.js';
import { compareStates, fingerprint } from '../domain/compare-states.js';
import type { Fact } from '../domain/event/fact.js';
import type { EntityKey } from '../domain/event/key.js';
import { presentOnboarding } from '../domain/onboarding/present.js';
import type { OnboardingState } from '../domain/onboarding/state.js';
import { needsPolicy } from '../domain/policy/names.js';
import { reconcile } from '../domain/reconcile.js';
import { begunAnew } from '../domain/remake.js';
import { toVirtual } from '../domain/time/clock.js';
import { readEvents } from './read-record.js';
import { isWronglyLate, type RemakeDeps, type Remade, readRemade } from './remade.js';

export interface OneOnboardingDeps extends RemakeDeps {
  readonly gateway: RebuildGateway & Pick<Gateway, 'signalEvents'>;
  readonly inbox: Pick<Inbox, 'redeliver'>;
  readonly observer: Observer;
}

const EVENTS_A_SIGNAL = 50;

/**
 * Makes one onboarding anew: the answer to a state that a fault of ours made wrong months ago, and to a workflow that
 * stands still. First it is shown what would change; then the run there is is ended and a fresh one started.
 */
export function createOnboardingRebuild(deps: OneOnboardingDeps): OnboardingRebuild {
  return {
    async look(key) {
      const remade = await readRemade(deps, key);
      return remade && shown(remade, nowOf(deps));
    },
    carryOut: (key, order) => new Carrying(deps, key, order).run(),
  };
}

const nowOf = ({ clock, now }: Pick<RemakeDeps, 'clock' | 'now'>): number => toVirtual(clock, now());

function shown(remade: Remade, now: number): RebuildLook {
  const { workflow, present, rebuilt, unlogged, missing } = remade;
  const presentDigest = present ? digest(fingerprint(present)) : null;
  const rebuiltDigest = digest(fingerprint(rebuilt));
  const wake = rebuilt.policy && !needsPolicy(rebuilt) ? reconcile(rebuilt, rebuilt.policy, now).wake : null;
  return {
    workflow,
    differences: present ? compareStates(present, rebuilt) : [],
    presentDigest,
    rebuiltDigest,
    confirm: digest(`${workflow} ${presentDigest} ${rebuiltDigest}`),
    unlogged: { events: unlogged.facts.length, told: unlogged.told.length },
    missing,
    rebuilt: { ...presentOnboarding(rebuilt, now, wake), workflow_id: workflowId('onboarding', rebuilt.key) },
  };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

class Carrying {
  constructor(
    private readonly deps: OneOnboardingDeps,
    private readonly key: EntityKey,
    private readonly order: RebuildOrder,
  ) {}

  /**
   * Nothing is lost on the way. From the end of the old run on, people are told that the onboarding does not run, and
   * what they were told is done before that is in its last state, or in its history: both are read only now. Events find
   * it closed and count as late; those are signalled once the fresh run is there, and more often than once is harmless.
   * A kill in between leaves an onboarding that has ended, and that the same command makes anew.
   */
  async run(): Promise<RebuildLook> {
    const { deps, key } = this;
    const before = await this.#confirmed();
    if (before.workflow === 'running' || before.workflow === 'stuck') await deps.gateway.stop(key, this.#why);
    const remade = await readRemade(deps, key, { isStuck: before.present === undefined });
    if (!remade) throw unknown(key);
    const state = this.#begun(remade);
    await deps.gateway.restart(state, remade.answered);
    await this.#bringUpToDate(remade);
    deps.observer.log('info', 'an onboarding was made anew', {
      onboarding: key.id,
      was: before.workflow,
      unlogged: remade.unlogged.facts.length + remade.unlogged.told.length,
    });
    return shown(remade, nowOf(deps));
  }

  async #confirmed(): Promise<Remade> {
    const { deps, key, order } = this;
    const remade = await readRemade(deps, key);
    if (!remade) throw unknown(key);
    if (remade.missing > 0) {
      throw new RebuildRefusal(
        'RebuildIncomplete',
        `The archive no longer holds ${remade.missing} of the events that the decision log names, so the onboarding cannot be made anew from it; leave its workflow as it is.`,
      );
    }
    if (shown(remade, nowOf(deps)).confirm !== order.confirm) {
      throw new RebuildRefusal(
        'RebuildOutdated',
        'Something has happened since the differences were shown, so that nothing was done; look at them again and confirm those.',
      );
    }
    return remade;
  }

  #begun({ present, rebuilt, unstored }: Remade): OnboardingState {
    const carried = {
      nextEscalation: Math.max(present?.nextEscalation ?? 0, rebuilt.nextEscalation),
      duplicates: present?.counts.duplicates ?? rebuilt.counts.duplicates,
    };
    const begun = begunAnew(rebuilt, carried, this.#why, nowOf(this.deps));
    // What the run before had not written yet is written by the fresh one.
    return { ...begun, log: [...unstored, ...begun.log] };
  }

  async #bringUpToDate({ record, unlogged, lateFrom }: Remade): Promise<void> {
    const { deps, key } = this;
    const applied = record.log.flatMap(({ what }) => (what.kind === 'applied' ? what.events : []));
    const taken = new Set([...applied, ...unlogged.facts.map(({ id }) => id)]);
    const missed: Fact[] = [];
    for (const row of await readEvents(deps, key)) {
      if (row.route?.to !== 'onboarding' || (row.status === 'late' && !isWronglyLate(row, lateFrom))) continue;
      if (!taken.has(row.route.fact.id)) missed.push(row.route.fact);
      // The archive is to say that it was applied: the dispatcher signals it once more and marks it so.
      if (row.status === 'late') await deps.inbox.redeliver(row.seq);
    }
    for (let at = 0; at < missed.length; at += EVENTS_A_SIGNAL)
      await deps.gateway.signalEvents(key, missed.slice(at, at + EVENTS_A_SIGNAL));
  }

  get #why(): string {
    return `Rebuilt by ${this.order.by}: ${this.order.reason}`;
  }
}

const unknown = (key: EntityKey): RebuildRefusal =>
  new RebuildRefusal('UnknownOnboarding', `No event ever spoke of an onboarding ${JSON.stringify(key.id)} here.`);
