import { type Spread, spread } from './figures.js';
import type { Message } from './message.js';

/** How one post ended, as its sender sees it. */
export type Outcome =
  | { readonly kind: 'acked'; readonly duplicate: boolean; readonly quarantined: boolean }
  /** A 4xx other than 408 and 429: the sender will not be believed by trying again. */
  | { readonly kind: 'rejected'; readonly status: number; readonly code: string | null }
  /** 429, 5xx, no answer in time, a broken connection: it may or may not have been taken. Tried again under the same id. */
  | { readonly kind: 'unknown'; readonly why: string };

/** What became of one event, over all its posts. */
export interface EventAccount {
  readonly message: Message;
  /** When its first post was to leave, real epoch ms. */
  readonly firstAt: number;
  /** When it was first promised, real epoch ms; null until then. */
  ackedAt: number | null;
  posts: number;
  acked: number;
  duplicates: number;
  rejected: number;
  unknown: number;
  quarantined: boolean;
}

/** `unresolved`: never answered for certain, so that it may be applied or not. */
export type EventEnd = 'acked' | 'rejected' | 'unresolved' | 'open';

export interface LedgerFigures {
  readonly posts: Readonly<Record<'sent' | 'acked' | 'rejected' | 'unknown' | 'open', number>>;
  readonly events: Readonly<Record<'made' | EventEnd, number>>;
  /** Events of which a post got no certain answer and a later one did. */
  readonly resolved: number;
  readonly unknownBy: Readonly<Record<string, number>>;
  /** Answered posts, ms from the SCHEDULED time: a generator or a target that is slow cannot hide its delay. */
  readonly wait: Spread;
  readonly ackedWait: Spread;
}

/** A post under way. */
export interface Ticket {
  readonly account: EventAccount;
  readonly scheduledAt: number;
  isSettled: boolean;
}

/**
 * The sender's books of one run. Every post is entered when it leaves and again when it ends; a run whose books do not
 * balance is void, because nothing can be concluded from it (I0).
 */
export class Ledger {
  readonly #accounts = new Map<string, EventAccount>();
  readonly #unknownBy: Record<string, number> = {};
  readonly #waits: number[] = [];
  readonly #ackedWaits: number[] = [];
  readonly #faults: string[] = [];
  #sent = 0;

  /** `scheduledAt` on the clock of `performance.now()`: when the plan said it should leave, not when it did. */
  post(message: Message, scheduledAt: number): Ticket {
    this.#sent++;
    const known = this.#accounts.get(message.eventId);
    const account = known ?? {
      message,
      firstAt: performance.timeOrigin + scheduledAt,
      ackedAt: null,
      posts: 0,
      acked: 0,
      duplicates: 0,
      rejected: 0,
      unknown: 0,
      quarantined: false,
    };
    if (!known) this.#accounts.set(message.eventId, account);
    if (account.message.id !== message.id || account.message.body !== message.body)
      this.#faults.push(`${message.eventId} was posted under two ids or with two bodies`);
    account.posts++;
    return { account, scheduledAt, isSettled: false };
  }

  settle(ticket: Ticket, outcome: Outcome, at = performance.now()): void {
    const { account } = ticket;
    if (ticket.isSettled) this.#faults.push(`a post of ${account.message.eventId} ended twice`);
    ticket.isSettled = true;
    account[outcome.kind]++;
    if (outcome.kind === 'unknown') {
      this.#unknownBy[outcome.why] = (this.#unknownBy[outcome.why] ?? 0) + 1;
      return;
    }
    this.#waits.push(at - ticket.scheduledAt);
    if (outcome.kind === 'rejected') return;
    this.#ackedWaits.push(at - ticket.scheduledAt);
    account.ackedAt ??= performance.timeOrigin + at;
    if (outcome.duplicate) account.duplicates++;
    if (outcome.quarantined) account.quarantined = true;
  }

  get accounts(): readonly EventAccount[] {
    return [...this.#accounts.values()];
  }

  /** Events that ended so. */
  ended(end: EventEnd): readonly EventAccount[] {
    return this.accounts.filter((account) => endOf(account) === end);
  }

  /** Waits since the mark are `waitsSince(mark)`: for the figures of a part of the run. */
  get mark(): number {
    return this.#ackedWaits.length;
  }

  waitsSince(mark: number): Spread {
    return spread(this.#ackedWaits.slice(mark));
  }

  figures(): LedgerFigures {
    const all = this.accounts;
    const sum = (of: (account: EventAccount) => number): number => all.reduce((total, one) => total + of(one), 0);
    const ends = { acked: 0, rejected: 0, unresolved: 0, open: 0 };
    for (const account of all) ends[endOf(account)]++;
    const acked = sum((one) => one.acked);
    const rejected = sum((one) => one.rejected);
    const unknown = sum((one) => one.unknown);
    return {
      posts: { sent: this.#sent, acked, rejected, unknown, open: sum(openPosts) },
      events: { made: all.length, ...ends },
      resolved: all.filter((one) => one.unknown > 0 && endOf(one) !== 'unresolved' && endOf(one) !== 'open').length,
      unknownBy: { ...this.#unknownBy },
      wait: spread(this.#waits),
      ackedWait: spread(this.#ackedWaits),
    };
  }

  /** Why the run is void; empty where the books balance: sent = acked + rejected + unknown, of posts and of events. */
  faults(): readonly string[] {
    const { posts, events } = this.figures();
    const faults = [...this.#faults];
    if (posts.sent !== posts.acked + posts.rejected + posts.unknown)
      faults.push(
        `posts: ${posts.sent} sent, ${posts.acked} acked + ${posts.rejected} rejected + ${posts.unknown} unknown`,
      );
    if (events.made !== events.acked + events.rejected + events.unresolved)
      faults.push(`events: ${events.made} made, ${events.open} of them still open`);
    return faults;
  }
}

const openPosts = (one: EventAccount): number => one.posts - one.acked - one.rejected - one.unknown;

/** One certain yes is enough: the receiver has promised it. */
function endOf(one: EventAccount): EventEnd {
  if (one.acked > 0) return 'acked';
  if (openPosts(one) > 0) return 'open';
  return one.unknown > 0 ? 'unresolved' : 'rejected';
}
