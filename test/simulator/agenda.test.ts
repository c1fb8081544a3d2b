import { describe, expect, it } from 'vitest';
import { Agenda, type Appointment } from '../../src/simulator/agenda.js';

const MONDAY = Date.parse('2026-11-02T09:00:00Z');
const DAY_MS = 86_400_000;
const SOON_OVER = { anchorReal: Date.now(), anchorVirtual: MONDAY, speed: 1e9 };

async function played(agenda: Agenda): Promise<void> {
  await agenda.play({ ...SOON_OVER, anchorReal: Date.now() }, MONDAY + 400 * DAY_MS, new AbortController().signal);
}

describe('the agenda', () => {
  it('does everything once its time has come, in order, and tells each for when it stands', async () => {
    const agenda = new Agenda();
    const done: [string, number][] = [];
    const at = (name: string, day: number): Appointment => ({
      at: MONDAY + day * DAY_MS,
      run: (when) => void done.push([name, when]),
    });
    agenda.add(at('second', 2), at('first', 1), at('never', 1000));

    await played(agenda);

    expect(done).toEqual([
      ['first', MONDAY + DAY_MS],
      ['second', MONDAY + 2 * DAY_MS],
    ]);
  });

  it('brings one life forward, in its order and on weekdays, up to what nobody can hurry', async () => {
    const agenda = new Agenda();
    const done = new Map<string, number>();
    const of = (life: string, name: string, day: number, fixed = false): Appointment => ({
      at: MONDAY + day * DAY_MS,
      life,
      fixed,
      run: (when) => void done.set(name, (when - MONDAY) / DAY_MS),
    });
    agenda.add(of('a', 'move', 20), of('a', 'task', 23), of('a', 'return', 30, true), of('b', 'other', 25));

    expect(agenda.bringForward('a', MONDAY + 2 * DAY_MS)).toBe(true);
    expect(agenda.bringForward('a', MONDAY + 3 * DAY_MS)).toBe(false);
    await played(agenda);

    // Day 5 would be a Saturday.
    expect(Object.fromEntries(done)).toEqual({ move: 2, task: 7, other: 25, return: 30 });
  });

  it('knows when a life is over', async () => {
    const agenda = new Agenda();
    agenda.add({ at: MONDAY, life: 'a', run: () => {} });
    expect(agenda.awaits('a')).toBe(true);

    await played(agenda);

    expect(agenda.awaits('a')).toBe(false);
    expect(agenda.bringForward('a', MONDAY)).toBe(false);
  });
});
