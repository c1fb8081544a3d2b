import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createChaseLines } from '../../src/simulator/chase-line.js';
import { lineOfEvent } from '../../src/simulator/event-line.js';
import { createPage } from '../../src/simulator/page.js';
import type { Heard } from '../../src/simulator/receiver.js';
import { Story } from '../../src/simulator/story.js';
import { counter } from '../../src/simulator/summary.js';

const ZONE = 'Europe/Berlin';
const MONDAY_9AM = Date.parse('2026-11-02T08:00:00Z');
const DAY_MS = 86_400_000;

function paper(options: { isTerminal?: boolean; env?: Record<string, string> } = {}) {
  let text = '';
  const page = createPage({
    write: (more) => {
      text += more;
    },
    isTerminal: options.isTerminal ?? false,
    env: options.env ?? {},
  });
  return { page, text: () => text, lines: () => text.split('\n') };
}

type Partly = { type?: Heard['type']; level?: number; fallback?: boolean; escalation?: object; text?: string };

function message({
  type = 'escalation.notified',
  level = 1,
  fallback = false,
  escalation = {},
  text = '',
}: Partly): Heard {
  return {
    type,
    timestamp: '2026-11-02T08:00:00.000Z',
    data: {
      escalation: {
        id: 'esc_1',
        rule: 'stuck_in_phase',
        reason: 'In uat for more than 6 working days',
        acknowledged: null,
        snoozed_until: null,
        resolved: null,
        ...escalation,
      },
      onboarding: { id: 'onb_1', name: 'Lumora Foods' },
      level,
      fallback,
      recipient: { id: 'mia', name: 'Mia Auerwald' },
      channel: 'hook',
      text,
    },
  } as unknown as Heard;
}

const lines = () => createChaseLines(ZONE, (id) => (id === 'mia' ? 'Mia Auerwald' : id));

describe('the story of a chase', () => {
  it('says who was chased, on which level, about what, by which rule and why', () => {
    expect(lines().of(message({ level: 2 }))).toEqual({
      at: MONDAY_9AM,
      label: 'CHASE 2',
      colour: 'red',
      text: '→ Mia Auerwald · Lumora Foods · stuck in a phase: in uat for more than 6 working days',
    });
  });

  it('says when somebody hears of it once more, and marks the fallback', () => {
    const told = lines();
    told.of(message({}));

    expect(told.of(message({ fallback: true }))).toMatchObject({
      label: 'CHASE 1!',
      text: expect.stringMatching(/^→ Mia Auerwald again/),
    });
  });

  it('says who took it and until when it is quiet, once, though everybody who was told hears of it', () => {
    const told = lines();
    const acknowledged = { by: 'mia', at: '2026-11-02T09:30:00Z', expires_at: '2026-11-05T09:30:00Z' };
    const update = message({ type: 'escalation.acknowledged', escalation: { acknowledged } });

    expect(told.of(update)).toEqual({
      at: Date.parse('2026-11-02T09:30:00Z'),
      label: 'takes it',
      colour: 'cyan',
      text: 'Mia Auerwald · Lumora Foods · stuck in a phase · quiet until Thu 5 Nov 10:30',
    });
    expect(told.of(update)).toBeNull();
  });

  it('tells a snooze, a resolve by a person, and one that settled itself', () => {
    const snoozed = message({
      type: 'escalation.snoozed',
      escalation: { snoozed_until: '2026-11-03T08:00:00Z' },
      text: 'Lumora Foods: In uat. snoozed by Mia Auerwald.',
    });
    const resolved = (by: string | null) =>
      message({
        type: 'escalation.resolved',
        escalation: { resolved: { by, at: '2026-11-02T09:00:00Z', reason: 'It has launched' } },
      });

    expect(lines().of(snoozed)?.text).toBe(
      'Mia Auerwald · Lumora Foods · stuck in a phase · quiet until Tue 3 Nov 09:00',
    );
    expect(lines().of(resolved('mia'))).toMatchObject({
      label: 'resolves',
      text: expect.stringMatching(/^Mia Auerwald/),
    });
    expect(lines().of(resolved(null))).toMatchObject({
      label: 'settled',
      text: 'Lumora Foods · stuck in a phase · it has launched',
    });
  });
});

describe('the story of what happens', () => {
  const event = (type: 'onboarding.phase_changed' | 'onboarding.updated', record: object, previous: object) =>
    lineOfEvent(
      { id: 'e', type, at: 0, org: 'o', livemode: true, record: { ...record }, previous: { ...previous } },
      'Lumora Foods',
    );

  it('tells moves, but not those that a launch tells better', () => {
    expect(event('onboarding.phase_changed', { phase: 'uat' }, { phase: 'integration' })?.text).toBe(
      'Lumora Foods: integration → uat',
    );
    expect(event('onboarding.phase_changed', { phase: 'adoption' }, { phase: 'launch' })).toBeNull();
  });

  it('tells a new date from a new owner', () => {
    const record = { target_launch_date: '2026-12-18', owner_email: 'jonas@vendor.example' };
    expect(event('onboarding.updated', record, { target_launch_date: '2026-12-11' })?.text).toContain('2026-12-18');
    expect(event('onboarding.updated', record, { owner_email: 'mia@vendor.example' })?.text).toContain(
      'Jonas Tannberg',
    );
  });
});

describe('the page', () => {
  const line = (at: number, text: string) => ({ at, label: 'moves', text, colour: 'green' as const });

  it('tells a day in the order in which it happened, and gives no heading to a day without news', () => {
    const { page, text } = paper();
    const story = new Story(page, ZONE);
    story.tell(line(MONDAY_9AM + 3_600_000, 'second'), MONDAY_9AM);
    story.tell(line(MONDAY_9AM, 'first'), MONDAY_9AM);
    story.tell(line(MONDAY_9AM + 3 * DAY_MS, 'third'), MONDAY_9AM);
    story.turnPage(MONDAY_9AM + 4 * 3_600_000);
    expect(text()).toBe('');
    story.turnPage(MONDAY_9AM + 3 * DAY_MS);
    story.end();

    expect(text()).toBe(
      '\nMon 2 November 2026\n  09:00  moves     first\n  10:00  moves     second\n\nThu 5 November 2026\n  09:00  moves     third\n',
    );
  });

  it('never goes back to a day that was told', () => {
    const { page, lines: printed } = paper();
    const story = new Story(page, ZONE);
    story.turnPage(MONDAY_9AM + 3 * DAY_MS);
    story.tell(line(MONDAY_9AM, 'late'), MONDAY_9AM + 2 * DAY_MS);
    story.end();

    expect(printed()[1]).toBe('Wed 4 November 2026');
  });

  it('keeps every line within 100 columns, in colour too', () => {
    const { page, lines: printed } = paper({ isTerminal: true });
    const story = new Story(page, ZONE);
    story.tell(line(MONDAY_9AM, 'a word that comes again '.repeat(20).trim()), MONDAY_9AM);
    story.end();

    expect(Math.max(...printed().map((one) => stripVTControlCharacters(one).length))).toBeLessThanOrEqual(100);
    expect(printed().length).toBeGreaterThan(5);
  });

  it('is coloured on a terminal alone, and never where NO_COLOR is set', () => {
    const painted = (options: Parameters<typeof paper>[0]) => paper(options).page.paint('green', 'x');

    expect(painted({ isTerminal: true })).not.toBe('x');
    expect(painted({ isTerminal: false })).toBe('x');
    expect(painted({ isTerminal: true, env: { NO_COLOR: '1' } })).toBe('x');
  });
});

describe('a counter', () => {
  const metrics = '# HELP a_total x\na_total{verb="snooze"} 2\na_total{verb="close"} 3\na_total_more 7\nb_total 4\n';

  it('is summed over its labels, or read for one of them', () => {
    expect([counter(metrics, 'a_total'), counter(metrics, 'b_total'), counter(metrics, 'none')]).toEqual([5, 4, 0]);
    expect(counter(metrics, 'a_total', 'verb="snooze"')).toBe(2);
  });
});
