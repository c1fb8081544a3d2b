import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Admission } from '../../src/ingress/admission.js';

let now: number;
let lineIsFull: boolean;
let busy: number;
let admission: Admission;

beforeEach(() => {
  vi.useFakeTimers();
  now = 0;
  lineIsFull = false;
  busy = 0.5;
  admission = new Admission({ isFull: () => lineIsFull, now: () => now, busy: () => busy });
});
afterEach(() => vi.useRealTimers());

function pass(ms: number): void {
  now += ms;
  vi.advanceTimersByTime(ms);
}

/** Offers `perSecond` for `seconds`, evenly; the ms at which one was let in. */
function offer(perSecond: number, seconds: number): number[] {
  const letIn: number[] = [];
  for (let nth = 0; nth < perSecond * seconds; nth++) {
    pass(1_000 / perSecond);
    if (!admission.refuses()) letIn.push(now);
  }
  return letIn;
}

/** A second in which a thousand are let in, and then the line is full for a moment. */
function beOverloaded(): void {
  offer(1_000, 1);
  lineIsFull = true;
  expect(admission.refuses()).toBe(true);
  lineIsFull = false;
}

/** Ten seconds in which the thread is never idle. */
function beBusy(): void {
  busy = 1;
  offer(4_000, 10);
  busy = 0.5;
}

describe('Admission', () => {
  it('lets everybody in as long as the store keeps up, however busy the thread is', () => {
    busy = 1;
    expect(offer(5_000, 2)).toHaveLength(10_000);
  });

  it('refuses whoever comes while the line is full', () => {
    lineIsFull = true;
    expect(offer(1_000, 1)).toEqual([]);
  });

  it('lets in about as many as before from then on, and evenly', () => {
    beOverloaded();
    busy = 1;
    const letIn = offer(4_000, 0.2);
    expect(letIn.length).toBeGreaterThan(190);
    expect(letIn.length).toBeLessThan(260);
    const gaps = letIn.slice(100).map((at, nth) => at - (letIn[nth + 99] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(5);
  });

  it('lets in fewer while the thread is busy, and never less than a quarter of the most', () => {
    beOverloaded();
    busy = 1;
    const seconds = Array.from({ length: 5 }, () => offer(4_000, 1).length);
    expect(seconds).toEqual([...seconds].sort((a, b) => b - a));
    expect(seconds[0]).toBeLessThan(900);
    expect(seconds[4]).toBeGreaterThanOrEqual(249);
    expect(seconds[4]).toBeLessThan(260);
  });

  it('lets in the very next one once the line has room', () => {
    lineIsFull = true;
    expect(admission.refuses()).toBe(true);
    lineIsFull = false;
    expect(admission.refuses()).toBe(false);
  });

  it('lets in more once it has time again, a quarter of the most each second', () => {
    beOverloaded();
    beBusy();
    const seconds = [offer(4_000, 1), offer(4_000, 1)].map(({ length }) => length);
    expect(seconds[0]).toBeGreaterThan(300);
    expect(seconds[1]).toBeGreaterThan(550);
    expect(seconds[1]).toBeLessThan(800);
  });

  it('lets in no more for it while it is the line that refuses', () => {
    beOverloaded();
    lineIsFull = true;
    offer(4_000, 5);
    lineIsFull = false;
    expect(offer(4_000, 0.1).length).toBeLessThan(200);
  });

  it('finds out within seconds what a store takes that stood still', () => {
    lineIsFull = true;
    offer(3_000, 5);
    lineIsFull = false;
    offer(3_000, 5);
    expect(offer(3_000, 1)).toHaveLength(3_000);
  });

  it('is over a second after the last refusal, and then nothing looks at the thread any more', () => {
    beOverloaded();
    pass(900);
    expect(vi.getTimerCount()).toBe(1);
    pass(300);
    expect(vi.getTimerCount()).toBe(0);
    expect(offer(9_000, 1)).toHaveLength(9_000);
  });
});
