import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isQuarantined, parseEvent } from '../../src/domain/event/envelope.js';
import { loadPolicy } from '../../src/policy-file/load.js';
import { Books } from '../../src/simulator/books.js';
import { CAST } from '../../src/simulator/cast.js';
import { bodyOf, DIALECTS, SEED_TYPES, type SentEvent } from '../../src/simulator/event.js';
import { createScenario, type Scenario } from '../../src/simulator/scenario.js';
import { FORGERIES } from '../../src/simulator/step.js';

const MONDAY = Date.parse('2026-11-02T06:00:00Z');
const DAY_MS = 86_400_000;
const demo = (seed: number): Scenario => createScenario({ seed, startAt: MONDAY, days: 90, onboardings: 24, tag: '' });

function told(scenario: Scenario): SentEvent[] {
  const books = new Books(scenario.org, true);
  return scenario.steps.map((step) => books.enter(step, step.at));
}

describe('a scenario', () => {
  it('is the same to the byte for the same seed, and another for another', () => {
    expect(JSON.stringify(demo(11))).toBe(JSON.stringify(demo(11)));
    expect(JSON.stringify(demo(12))).not.toBe(JSON.stringify(demo(11)));
  });

  it.each([1, 11, 77])('speaks of all fifteen types in all four dialects, seed %i', (seed) => {
    const { steps } = demo(seed);

    for (const type of SEED_TYPES) expect(steps.map((step) => step.type)).toContain(type);
    expect(new Set(steps.map((step) => step.dialect))).toEqual(new Set(DIALECTS));
  });

  it('repeats, delays and forges some of it, and sends some in bursts', () => {
    const { steps, forgeries } = demo(11);
    const instants = new Map<number, number>();
    for (const step of steps) instants.set(step.at, (instants.get(step.at) ?? 0) + 1);

    expect(steps.filter((step) => step.repeats.length > 0).length).toBeGreaterThan(20);
    expect(steps.filter((step) => step.delayMs > 0).length).toBeGreaterThan(10);
    expect(Math.max(...instants.values())).toBe(24);
    expect(new Set(forgeries.map(({ kind }) => kind))).toEqual(new Set(FORGERIES));
  });

  it('stays within its days, and gives every event an id of its own', () => {
    const { steps, startAt, endAt } = demo(11);

    expect(steps.every((step) => step.at >= startAt && step.at < endAt)).toBe(true);
    expect(endAt - startAt).toBe(90 * DAY_MS);
    expect(new Set(steps.map((step) => step.id)).size).toBe(steps.length);
  });

  it('begins as many onboardings as it is asked for, with ids that another tag does not share', () => {
    const created = (scenario: Scenario) =>
      scenario.steps.filter((step) => step.type === 'onboarding.created').map((step) => step.subject);
    const many = createScenario({ seed: 3, startAt: MONDAY, days: 90, onboardings: 60, tag: '_a' });
    const others = createScenario({ seed: 3, startAt: MONDAY, days: 90, onboardings: 60, tag: '_b' });

    expect(new Set(created(many)).size).toBe(60);
    expect(created(many).filter((id) => created(others).includes(id))).toEqual([]);
  });

  it('knows nobody whom the policy of the demo does not know', () => {
    const loaded = loadPolicy(readFileSync('config/demo.yaml', 'utf8'), MONDAY);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));

    for (const { id, name, email } of CAST)
      expect(loaded.file.policy.people).toContainEqual(expect.objectContaining({ id, name, emails: [email] }));
  });
});

describe('the books of the sender', () => {
  it('chain: each value before is the value of the event before', () => {
    const last = new Map<string, SentEvent['record']>();
    let chained = 0;
    for (const { record, previous } of told(demo(11))) {
      const id = JSON.stringify(record['id'] ?? 'ping');
      for (const [field, value] of Object.entries(previous ?? {})) {
        expect(value).toEqual(last.get(id)?.[field] ?? null);
        expect(record[field]).not.toEqual(value);
        chained++;
      }
      last.set(id, record);
    }
    expect(chained).toBeGreaterThan(200);
  });

  it('show the whole record in every dialect, in words that Slipway reads as the same event', () => {
    const event = told(demo(11)).find(({ type }) => type === 'onboarding.phase_changed');
    if (!event) throw new Error('no move');
    for (const dialect of DIALECTS) {
      const parsed = parseEvent(JSON.parse(bodyOf(event, dialect)));
      if (isQuarantined(parsed)) throw new Error(dialect);

      expect(parsed).toMatchObject({ id: event.id, type: event.type, record: event.record });
      expect(parsed.occurredAt).toBe(dialect === 'bare' ? null : event.at);
    }
  });

  it('say in every dialect that a test is a test: nobody is chased for it', () => {
    const [event] = told(demo(11));
    if (!event) throw new Error('no event');
    for (const dialect of DIALECTS) {
      expect(JSON.parse(bodyOf({ ...event, livemode: false }, dialect))).toMatchObject({ livemode: false });
    }
  });
});
