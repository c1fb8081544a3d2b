import type { SentEvent } from './event.js';
import { lineOfEvent } from './event-line.js';
import type { Audience } from './pivotal.js';
import type { Scenario } from './scenario.js';
import type { ForgeryKind } from './step.js';
import type { Line } from './story.js';

const HOW: Readonly<Record<ForgeryKind, string>> = {
  wrong_secret: 'signed with a wrong secret',
  stale_timestamp: 'signed ten minutes ago',
  flipped_byte: 'changed on the way',
  no_signature: 'not signed at all',
};
const REPEATS_A_LINE = 20;

/** Tells what happens at the sender, and in passing what its network and its forgers do. */
export function createNarrator(tell: (line: Line) => void, scenario: Scenario): Audience {
  const companies = new Map(scenario.lives.map(({ id, company }) => [id, company]));
  const synced = new Set<number>();
  const aside = (at: number, label: string, text: string) => tell({ at, label, text, colour: 'dim' });
  return {
    took: (event) => {
      const company = event.record['name'];
      const line = typeof company === 'string' ? lineOfEvent(event, company) : null;
      if (line) tell({ at: event.at, ...line });
      const burst = event.type === 'customer.updated' ? burstOf(scenario, event) : 0;
      if (burst < 2 || synced.has(event.at)) return;
      synced.add(event.at);
      aside(
        event.at,
        'CRM sync',
        `${burst} customer records in one burst: all stored, none of them counts as progress`,
      );
    },
    repeated: ({ duplicates }, at) => {
      if (duplicates === 0 || duplicates % REPEATS_A_LINE !== 0) return;
      aside(at, 'repeats', `${duplicates} repeated deliveries so far, each recognised and counted once`);
    },
    turnedAway: (forgery, answer, at) => {
      const company = companies.get(forgery.life) ?? forgery.life;
      aside(at, 'forgery', `"${company} is completed", ${HOW[forgery.kind]}: turned away (${answer.status})`);
    },
  };
}

function burstOf({ steps }: Scenario, event: SentEvent): number {
  return steps.filter((step) => step.life === null && step.at === event.at).length;
}
