import type { SentEvent } from './event.js';
import { type Colour, type Page, wrapped } from './page.js';
import { DAY_MS, HOUR_MS } from './workday.js';

/** One thing worth telling. */
export interface Line {
  /** Story time, epoch ms. */
  readonly at: number;
  readonly label: string;
  readonly text: string;
  readonly colour: Colour | null;
}

const LABEL_COLUMNS = 10;
const INDENT = ' '.repeat(2 + 5 + 2 + LABEL_COLUMNS);
/** Messages come a little after their instant; a day is told when this much of the next one has passed. */
const TOLD_AFTER_MS = 20 * HOUR_MS;

/** Tells a story day by day, each day in the order in which it happened; a day without news has no heading. */
export class Story {
  readonly #page: Page;
  readonly #zone: string;
  #lines: Line[] = [];
  #heading = '';
  #toldUntil = Number.NEGATIVE_INFINITY;

  constructor(page: Page, zone: string) {
    this.#page = page;
    this.#zone = zone;
  }

  tell(line: Line): void {
    this.#lines.push(line);
  }

  /** Prints what lies far enough back that nothing earlier can still come in. */
  turnPage(now: number): void {
    const until = startOfDay(now - TOLD_AFTER_MS);
    if (until > this.#toldUntil) this.#print(until);
  }

  end(): void {
    this.#print(Number.POSITIVE_INFINITY);
  }

  #print(until: number): void {
    const due = this.#lines.filter((line) => line.at < until).sort((a, b) => a.at - b.at);
    this.#lines = this.#lines.filter((line) => line.at >= until);
    for (const line of due) this.#printLine(line);
    this.#toldUntil = until;
  }

  #printLine({ at, label, text, colour }: Line): void {
    const heading = sayDay(at, this.#zone);
    if (heading !== this.#heading) {
      this.#page.line();
      this.#page.line(this.#page.paint('bold', heading));
      this.#heading = heading;
    }
    const padded = label.padEnd(LABEL_COLUMNS);
    const lines = wrapped(`${INDENT.replaceAll(' ', '.')}${text}`, INDENT);
    const [first = '', ...rest] = lines.map((one) => one.slice(INDENT.length));
    const painted = (part: string) => (colour === 'dim' ? this.#page.paint('dim', part) : part);
    this.#page.line(
      `  ${this.#page.paint('dim', sayTime(at, this.#zone))}  ${colour ? this.#page.paint(colour, padded) : padded}${painted(first)}`,
    );
    for (const more of rest) this.#page.line(INDENT + painted(more));
  }
}

const startOfDay = (at: number): number => Math.floor(at / DAY_MS) * DAY_MS;

/** `Mon 7 September 2026`. */
export function sayDay(at: number, zone: string): string {
  const parts = { weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' } as const;
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...parts }).format(at).replace(',', '');
}

/** `Mon 7 Sept 09:00`. */
export function sayMoment(at: number, zone: string): string {
  const parts = { weekday: 'short', day: 'numeric', month: 'short' } as const;
  const day = new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...parts }).format(at).replace(',', '');
  return `${day} ${sayTime(at, zone)}`;
}

/** `09:00`. */
export function sayTime(at: number, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(at);
}

/** What an event means to somebody who has never seen one; null for those that are not worth a line. */
export function lineOfEvent(event: SentEvent, company: string): Omit<Line, 'at'> | null {
  const { phase, state, target_launch_date: target, owner_email: owner } = event.record;
  const before = event.previous ?? {};
  switch (event.type) {
    case 'onboarding.created':
      return { label: 'begins', colour: null, text: `${company} is to launch by ${String(target)}` };
    case 'onboarding.phase_changed':
      return { label: 'moves', colour: null, text: `${company}: ${String(before['phase'] ?? '?')} → ${String(phase)}` };
    case 'onboarding.state_changed':
      return stateLine(company, String(state));
    case 'onboarding.at_risk':
      return { label: 'at risk', colour: 'magenta', text: `${company} was flagged at risk` };
    case 'onboarding.back_on_track':
      return { label: 'recovers', colour: 'green', text: `${company} is back on track` };
    case 'onboarding.launched':
      return { label: 'LAUNCHED', colour: 'green', text: `${company} is live with its users` };
    case 'onboarding.completed':
      return { label: 'COMPLETED', colour: 'green', text: `${company} is done` };
    case 'onboarding.updated':
      return before['owner_email'] === undefined
        ? { label: 'shifts', colour: 'magenta', text: `${company}: target date moved to ${String(target)}` }
        : { label: 'hands over', colour: null, text: `${company} has a new owner, ${String(owner)}` };
    case 'customer.health_score_dropped':
      return {
        label: 'at risk',
        colour: 'magenta',
        text: `${company}: health score fell to ${String(event.record['health_score'])}`,
      };
    case 'customer.churned':
      return { label: 'churns', colour: 'magenta', text: `${company} left: its clocks stop` };
    case 'customer.archived':
      return { label: 'archived', colour: 'magenta', text: `${company} was archived: its clocks stop` };
    default:
      return null;
  }
}

function stateLine(company: string, state: string): Omit<Line, 'at'> | null {
  if (state === 'completed') return null;
  if (state === 'active') return { label: 'resumes', colour: null, text: `${company} goes on: its clocks run again` };
  return { label: 'holds', colour: 'magenta', text: `${company} is ${state}: its stall clocks stop` };
}
