import type { LogEntry } from '../../../src/domain/onboarding/log.js';
import {
  type EscalationView,
  type OnboardingView,
  presentEscalation,
  presentOnboarding,
} from '../../../src/domain/onboarding/present.js';
import type { OutgoingMessage } from '../../../src/domain/outgoing/message.js';
import { openedEventId } from '../../../src/domain/outgoing/own-id.js';
import { ownMessages } from '../../../src/domain/outgoing/own-messages.js';
import type { After } from '../../../src/domain/outgoing/projection.js';
import type { Policy } from '../../../src/domain/policy/policy.js';
import { type Happening, RandomLife } from '../../support/random-life.js';

/** What a workflow would hand over after one of its decisions. */
export interface Snapshot extends After {
  readonly log: readonly LogEntry[];
}

export const WORKFLOW_ID = 'onboarding/main/onb_1';

/** A life with what a projection after each of its decisions would hold. */
export function livedThrough(policy: Policy, list: readonly Happening[]): readonly Snapshot[] {
  const taken: Snapshot[] = [];
  new RandomLife(policy, ({ state, now, log }, { wake }) => {
    taken.push({
      entity: state.key,
      workflowId: WORKFLOW_ID,
      revision: taken.length + 1,
      at: now,
      view: presentOnboarding(state, now, wake),
      escalations: state.escalations.map((one) => presentEscalation(state, one)),
      log: [...log],
    });
  }).live(list);
  return taken;
}

/** The tables that a projection is written to, as far as what is told hangs on them. */
export class TellingStore {
  #view: OnboardingView | null = null;
  readonly #escalations = new Map<string, EscalationView>();
  readonly #log = new Map<number, LogEntry>();
  readonly #messages = new Map<string, OutgoingMessage>();

  get messages(): readonly OutgoingMessage[] {
    return [...this.#messages.values()];
  }

  write(projection: Snapshot): readonly OutgoingMessage[] {
    const stored = projection.log.map((entry) => ({ entry, was: this.#log.get(entry.seq) }));
    const changed = stored.filter(({ entry, was }) => JSON.stringify(was) !== JSON.stringify(entry));
    const escalations = [...this.#escalations.values()];
    const told = new Set(escalations.map(({ id }) => openedEventId(id)).filter((id) => this.#messages.has(id)));
    const messages = ownMessages(
      { view: this.#view, escalations, told },
      projection,
      changed.map(({ entry }) => entry),
      changed.flatMap(({ was }) => was ?? []),
    );
    for (const one of messages) if (!this.#messages.has(one.id)) this.#messages.set(one.id, one);
    for (const { entry } of changed) this.#log.set(entry.seq, entry);
    for (const view of projection.escalations) this.#escalations.set(view.id, view);
    this.#view = projection.view;
    return messages;
  }
}

export interface Envelope {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly org: string | null;
  readonly livemode: boolean;
  readonly data: {
    readonly object: EscalationView & OnboardingView;
    readonly previous_attributes?: Readonly<Record<string, unknown>>;
  };
}

export const read = ({ payload }: OutgoingMessage): Envelope => JSON.parse(payload) as Envelope;
