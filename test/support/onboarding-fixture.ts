import { randomUUID } from 'node:crypto';
import type { EntityKey } from '../../src/domain/event/key.js';
import type { Fact, FactKind, RecordFields } from '../../src/domain/event/fact.js';
import type { Person, Policy } from '../../src/domain/policy/policy.js';
import type { Calendar, Span } from '../../src/domain/time/calendar.js';
import type { Clock } from '../../src/domain/time/clock.js';
import type { Duration } from '../../src/domain/time/duration.js';

/** Monday 2 March 2026, 09:00 UTC: the office opens. */
export const MONDAY_9 = Date.UTC(2026, 2, 2, 9);

/** A clock that stands at `virtual` now and runs so many virtual days in a real second. */
export function fastClock(daysPerSecond: number, virtual = MONDAY_9): Clock {
  return { anchorReal: Date.now(), anchorVirtual: virtual, speed: daysPerSecond * 86_400 };
}

export function newKey(): EntityKey {
  return { workspace: 'main', mode: 'live', id: `onb_${randomUUID().slice(0, 8)}` };
}

export function fact(kind: FactKind, at: number, record: RecordFields = {}, over: Partial<Fact> = {}): Fact {
  const type = `onboarding.${kind}`;
  return { id: `evt_${randomUUID()}`, source: 'pivotal', type, kind, at, heardAt: at, record, previous: {}, ...over };
}

const duration = (amount: number, unit: Duration['unit']): Duration => ({ amount, unit });
const weekdays = (span: Span): Calendar['week'] => Array.from({ length: 7 }, (_, day) => (day < 5 ? [span] : []));
const calendar = (name: string, week: Calendar['week']): Calendar => ({
  name,
  zone: 'UTC',
  offsets: [{ from: 0, minutes: 0 }],
  week,
  closed: [],
});

const person = (id: string, more: Partial<Person> = {}): Person => ({
  id,
  name: `Person ${id}`,
  emails: [`${id}@vendor.example`],
  pivotalIds: [],
  calendar: 'office',
  channels: ['log'],
  timeOff: [],
  ...more,
});

/** Mia's onboardings get stuck after 5 working days; then Mia, Tom and the sponsor hear of it, 2 working days apart. */
export function testPolicy(over: Partial<Policy> = {}): Policy {
  return {
    hash: 'test-policy',
    workspace: { timeZone: 'UTC', calendar: 'office' },
    calendars: {
      office: calendar('office', weekdays([540, 1020])),
      always: calendar(
        'always',
        Array.from({ length: 7 }, () => [[0, 1440]] as const),
      ),
    },
    phases: ['kickoff', 'integration', 'launch'].map((name) => ({
      name,
      behind: duration(3, 'working_days'),
      stuck: duration(5, 'working_days'),
    })),
    defaultPhase: { behind: duration(3, 'working_days'), stuck: duration(5, 'working_days') },
    states: {},
    people: [person('mia', { manager: 'tom' }), person('tom'), person('eve')],
    roles: { exec_sponsor: 'eve' },
    channels: { log: 'log', hook: 'webhook' },
    ladders: {
      nudge: [
        { after: duration(0, 'minutes'), to: ['owner'] },
        { after: duration(2, 'working_days'), to: ['manager'] },
        { after: duration(2, 'working_days'), to: ['exec_sponsor'] },
      ],
    },
    rules: {
      stuck_in_phase: { ladder: 'nudge', severity: 'normal', anyHour: false },
      at_risk: { ladder: 'nudge', severity: 'high', anyHour: true, after: duration(0, 'minutes') },
    },
    acknowledge: { expiresAfter: duration(3, 'working_days') },
    coolDown: duration(1, 'working_days'),
    stillTrueAfter: duration(10, 'working_days'),
    settle: duration(2, 'minutes'),
    catchUp: duration(30, 'minutes'),
    fallback: { to: ['tom'], channels: ['log'] },
    graceAfterCompleted: duration(2, 'days'),
    ...over,
  };
}
