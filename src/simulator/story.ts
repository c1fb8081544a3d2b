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
/** Messages come a little after their instant; a day is told when so much time has passed since its end. */
const TOLD_AFTER_MS = 36 * HOUR_MS;

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

  /** What comes in when its day was told already is told as of `now`: days never run backwards. */
  tell(line: Line, now: number): void {
    this.#lines.push(line.at < this.#toldUntil ? { ...line, at: Math.max(now, this.#toldUntil) } : line);
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
