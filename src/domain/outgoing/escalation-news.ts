import type { CustomerStanding } from '../customer/standing.js';
import type { EscalationAction } from '../escalation/action.js';
import type { Escalation, EscalationStatus } from '../escalation/escalation.js';
import type { LogEntry } from '../onboarding/log.js';
import type { EscalationView } from '../onboarding/present.js';
import { envelopeText } from './envelope.js';
import type { OutgoingMessage } from './message.js';
import { openedEventId, ownEventId } from './own-id.js';
import type { After, Before } from './projection.js';
import type { EscalationType } from './own-types.js';

/** An escalation as the entries read so far leave it. */
interface Standing {
  readonly status: EscalationStatus;
  /** Subscribers know of it. */
  readonly told: boolean;
}

/**
 * What became of escalations, told entry by entry. That one opened is told with the first thing that anybody noticed of
 * it (a send that left, an acknowledge, a snooze, a person's resolve), because one that ends by itself before that was
 * never there for anybody (design section 4, "The gate"); its end is told only where its beginning was.
 */
export function escalationNews(
  before: Before,
  after: After,
  news: readonly LogEntry[],
  undone: readonly LogEntry[],
): readonly OutgoingMessage[] {
  if (news.length === 0) return [];
  const teller = new Teller(before, after, undone);
  for (const entry of news) teller.read(entry);
  return teller.messages;
}

class Teller {
  readonly messages: OutgoingMessage[] = [];
  readonly #standings = new Map<string, Standing>();
  readonly #views: ReadonlyMap<string, EscalationView>;
  /** What people asked for in entries that have not happened, as often as they did. */
  readonly #undone: string[];

  constructor(
    private readonly before: Before,
    private readonly after: After,
    undone: readonly LogEntry[],
  ) {
    this.#views = new Map([...before.escalations, ...after.escalations].map((view) => [view.id, view]));
    for (const view of before.escalations)
      this.#standings.set(view.id, { status: view.status, told: wasNoticed(view) || this.#isTold(view.id) });
    this.#undone = undone.flatMap(({ what }) => (what.kind === 'action' ? [JSON.stringify(what.action)] : []));
  }

  read(entry: LogEntry): void {
    const { what } = entry;
    switch (what.kind) {
      case 'action':
        if ('escalationId' in what.action) this.#act(entry, what.action);
        return;
      case 'concluded':
        if (what.result.outcome === 'sent') this.#sent(entry, what.send);
        return;
      case 'customer':
        return this.#takeOver(what.standing);
      case 'resolved':
        return what.escalation === undefined ? undefined : this.#ended(entry, what.escalation);
      case 'opened':
      case 'expired':
      case 'restarted':
        return what.escalation === undefined ? undefined : this.#turn(what.escalation, 'open');
      default:
        return undefined;
    }
  }

  #act(entry: LogEntry, action: EscalationAction): void {
    const { escalationId: id, verb } = action;
    const again = this.#undone.indexOf(JSON.stringify(action));
    if (again >= 0) this.#undone.splice(again, 1);
    switch (verb) {
      case 'note':
        return;
      case 'reassign':
      case 'escalate':
        return this.#turn(id, 'open');
      case 'resolve':
        return this.#notice('escalation.resolved', id, entry.at, ownEventId('resolved', id));
      case 'acknowledge':
      case 'snooze': {
        const type = verb === 'snooze' ? 'escalation.snoozed' : 'escalation.acknowledged';
        for (const one of verb === 'acknowledge' && action.all ? [id, ...this.#othersOpen(id)] : [id]) {
          if (again >= 0) this.#turn(one, STATUS_OF[type]);
          else this.#notice(type, one, entry.at, ownEventId(verb, one, entry.seq));
        }
      }
    }
  }

  /** The key begins with the escalation's id and the kind; updates of what was told before are no news here. */
  #sent(entry: LogEntry, key: string): void {
    const [id = '', kind] = key.split('/');
    if (kind !== 'notified') return;
    const { status, told } = this.#standings.get(id) ?? { status: 'open', told: false };
    this.#notice('escalation.notified', id, entry.at, ownEventId('notified', key));
    // The call was out when it ended, and arrived all the same: now there is somebody who has to hear of the end.
    const end = this.#views.get(id)?.resolved;
    if (status === 'resolved' && !told && end)
      this.#tell('escalation.resolved', id, Date.parse(end.at), ownEventId('resolved', id), 'open');
  }

  /** A customer's escalation comes from the onboarding that carried it, as it stood there. */
  #takeOver({ handedOver }: CustomerStanding): void {
    for (const { to, escalation } of handedOver) {
      const { id, status } = escalation;
      const here = this.after.entity.id;
      const isKnown = this.before.escalations.some((view) => view.id === id && view.onboarding_id === here);
      if (to !== here || isKnown) continue;
      this.#standings.set(id, { status, told: wasNoticed(escalation) || this.#isTold(id) });
    }
  }

  /** By itself: what nobody noticed ends unsaid. */
  #ended(entry: LogEntry, id: string): void {
    const standing = this.#standings.get(id);
    if (standing?.told) this.#tell('escalation.resolved', id, entry.at, ownEventId('resolved', id), standing.status);
    this.#turn(id, 'resolved');
    this.#passOn(entry, id, standing?.status);
  }

  /** A silence that turns out to be a stuck phase hands on its acknowledge or snooze, which has no entry of its own. */
  #passOn(entry: LogEntry, silentId: string, status: EscalationStatus | undefined): void {
    if (this.#views.get(silentId)?.rule !== 'no_activity') return;
    if (status !== 'acknowledged' && status !== 'snoozed') return;
    const stuck = this.#open().find((id) => this.#views.get(id)?.rule === 'stuck_in_phase');
    if (stuck === undefined) return;
    const verb = status === 'snoozed' ? 'snooze' : 'acknowledge';
    this.#notice(`escalation.${status}`, stuck, entry.at, ownEventId(verb, stuck, entry.seq));
  }

  /** Somebody noticed it: now it is known that it opened, and when. */
  #notice(type: Exclude<EscalationType, 'escalation.opened'>, id: string, at: number, eventId: string): void {
    const view = this.#views.get(id);
    const standing = this.#standings.get(id);
    if (view && !standing?.told)
      this.#tell('escalation.opened', id, Date.parse(view.opened_at), openedEventId(id), undefined);
    const status = type === 'escalation.notified' ? undefined : STATUS_OF[type];
    this.#tell(type, id, at, eventId, status && (standing?.status ?? 'open'));
    this.#standings.set(id, { status: status ?? standing?.status ?? 'open', told: true });
  }

  #tell(type: EscalationType, id: string, at: number, eventId: string, was: EscalationStatus | undefined): void {
    const view = this.#views.get(id);
    // Opened, ended and forgotten since the last projection, behind three more of its rule: nothing is left to be shown.
    if (!view) return;
    const { entity, workflowId } = this.after;
    const head = { id: eventId, type, at, org: this.after.view.org, livemode: entity.mode === 'live' };
    const previous = was === undefined ? undefined : JSON.stringify({ status: was });
    const payload = envelopeText(head, JSON.stringify(view), previous);
    this.messages.push({ mode: entity.mode, type, id: eventId, of: workflowId, payload });
  }

  #turn(id: string, status: EscalationStatus): void {
    this.#standings.set(id, { status, told: this.#standings.get(id)?.told ?? this.#isTold(id) });
  }

  #isTold(id: string): boolean {
    return this.before.told?.has(openedEventId(id)) ?? false;
  }

  #othersOpen(id: string): readonly string[] {
    return this.#open().filter((one) => one !== id);
  }

  /** In an order that does not hang on how the store hands them out. */
  #open(): readonly string[] {
    return [...this.#standings]
      .filter(([, { status }]) => status === 'open')
      .map(([id]) => id)
      .sort();
  }
}

const STATUS_OF = {
  'escalation.acknowledged': 'acknowledged',
  'escalation.snoozed': 'snoozed',
  'escalation.resolved': 'resolved',
} as const;

type Noticeable = {
  readonly sends: readonly { readonly kind: string; readonly status: string }[];
  readonly status: EscalationStatus;
  readonly resolved?: { readonly by: unknown } | null;
};

/** Whether it shows that somebody noticed it. */
function wasNoticed({ sends, status, resolved }: Noticeable | Escalation | EscalationView): boolean {
  const isHeld = status === 'acknowledged' || status === 'snoozed';
  const isAnswered = resolved !== null && resolved !== undefined && resolved.by !== null;
  return isHeld || isAnswered || sends.some(({ kind, status: sent }) => kind === 'notified' && sent === 'sent');
}
